package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// wide lets everything through: the other rows must not be what refuses.
func wide() limits.Own {
	own := limits.Own{}
	for _, row := range limits.Rows() {
		own[row] = limits.Rate{Burst: limits.MostBurst, Every: time.Millisecond}
	}
	return own
}

// withOwn is a server whose row has room for so many at once, and for the next in an hour.
func withOwn(t *testing.T, row limits.Row, burst int, policy models.Policy) *handlerstest.Server {
	t.Helper()
	own := wide()
	own[row] = limits.Rate{Burst: burst, Every: time.Hour}
	return limited(t, handlerstest.Config{Limits: limits.Strict, Policy: policy, More: func(c *web.Config) { c.OwnLimits = own }})
}

func hint(name string, i int) handlerstest.Request {
	return handlerstest.Request{Form: map[string]string{"login_hint": fmt.Sprintf("%s%d@example.org", name, i)}}
}

// askingRow is what somebody asks for, of which a row has so many at once at the level strict.
type askingRow struct {
	row    limits.Row
	strict int
	ask    func(t *testing.T, s *handlerstest.Server) func(i int) (status int)
}

// byStrangers are the rows that phones and strangers meet.
func byStrangers() []askingRow {
	register := func(_ *testing.T, s *handlerstest.Server) func(int) int {
		return func(int) int { return s.Register(handlerstest.Metadata(handlerstest.NewKey())).Status }
	}
	byPhone := func(ask func(*handlerstest.Phone, int) handlerstest.Answer) func(*testing.T, *handlerstest.Server) func(int) int {
		return func(_ *testing.T, s *handlerstest.Server) func(int) int {
			phone := s.Phone()
			return func(i int) int { return ask(phone, i).Status }
		}
	}
	asking := byPhone(func(p *handlerstest.Phone, i int) handlerstest.Answer { return p.AskRaw(hint("a", i)) })
	return []askingRow{
		{limits.Registrations, 5, register}, {limits.RegistrationsOfAll, 300, register},
		{limits.RequestsOfClient, 5, asking}, {limits.RequestsOfNetwork, 20, asking}, {limits.RequestsOfAll, 600, asking},
		{limits.RequestsOfHint, 10, func(_ *testing.T, s *handlerstest.Server) func(int) int {
			return func(int) int {
				phone := s.Phone()
				phone.AskRaw(hint("a", 0)) // a client's first one that waits takes no place
				return phone.AskRaw(hint("a", 0)).Status
			}
		}},
		{limits.Client, 30, byPhone(func(p *handlerstest.Phone, _ int) handlerstest.Answer { return p.Introspect("x") })},
		{limits.FailedOfClient, 20, byPhone(func(p *handlerstest.Phone, _ int) handlerstest.Answer {
			return p.PollRaw("x", handlerstest.Request{Assertion: handlerstest.Forge{Broken: true}})
		})},
		{limits.FailedUnknown, 20, byPhone(func(p *handlerstest.Phone, _ int) handlerstest.Answer { return p.PollRaw("x", unknownClient()) })},
		{limits.KeyChanges, 5, func(_ *testing.T, s *handlerstest.Server) func(int) int {
			phone := s.Phone()
			path := strings.TrimPrefix(phone.Registration.String("registration_client_uri"), s.Issuer)
			metadata := handlerstest.Metadata(phone.Key).With(handlerstest.Object{
				"client_id": phone.ClientID, "jwks": nil, "jwks_uri": "https://keys.invalid/x"})
			return func(int) int {
				return s.Manage(http.MethodPut, path, phone.Registration.String("registration_access_token"), metadata).Status
			}
		}},
		{limits.LogReads, 200, func(_ *testing.T, s *handlerstest.Server) func(int) int {
			return func(int) int { return s.Get("/log/checkpoint").Status }
		}},
	}
}

// byStaff are the rows that an operator meets.
func byStaff() []askingRow {
	posting := func(path func(*handlerstest.Server) string, form url.Values) func(*testing.T, *handlerstest.Server) func(int) int {
		return func(t *testing.T, s *handlerstest.Server) func(int) int {
			browser := s.BrowserOf(t, s.Operator("Olga Operator"))
			return func(int) int { return browser.Post(path(s), form).Status }
		}
	}
	return []askingRow{
		{limits.Searches, 20, posting(func(*handlerstest.Server) string { return views.PathSearch }, url.Values{"identifier": {"nobody"}})},
		{limits.Codes, 30, posting(func(s *handlerstest.Server) string { return views.MatchPath(s.Account.ID) },
			url.Values{"user_code": {"bcdf-ghjk"}})},
	}
}

// docs/decisions/0076-limits-in-numbers.md: each row is in force with a number of one's own, one that is stricter than the level's and
// one that is looser, and nothing else is refused.
func TestEachRowHasANumberOfOnesOwn(t *testing.T) {
	for _, test := range append(byStrangers(), byStaff()...) {
		for _, burst := range []int{3, test.strict + 2} {
			t.Run(fmt.Sprintf("%s=%d", test.row, burst), func(t *testing.T) {
				s := withOwn(t, test.row, burst, models.Policy{WrongCodesPerOperator: -1})
				ask, taken := test.ask(t, s), 0
				for i := range burst + 3 {
					if ask(i) != http.StatusTooManyRequests {
						taken++
					}
				}
				if taken != burst {
					t.Errorf("%d of %d were taken", taken, burst+3)
				}
				if s.Clock.Advance(time.Hour + time.Second); ask(burst+3) == http.StatusTooManyRequests {
					t.Error("none an hour later")
				}
			})
		}
	}
}

// Who was put off and waited has a row of their own.
func TestRegistrationsBackHaveANumberOfTheirOwn(t *testing.T) {
	for _, back := range []int{3, 22} {
		own := wide()
		own[limits.Registrations] = limits.Rate{Burst: 1, Every: time.Hour}
		own[limits.RegistrationsBack] = limits.Rate{Burst: back, Every: time.Hour}
		s := limited(t, handlerstest.Config{Limits: limits.Strict, More: func(c *web.Config) { c.OwnLimits = own }})
		s.Phone()
		if taken := comingBack(t, s, back+2); taken != back {
			t.Errorf("%d of %d who came back were taken", taken, back+2)
		}
	}
}

// comingBack lets so many phones register that are put off, and come again when they were told. It counts those that are let in then.
func comingBack(t *testing.T, s *handlerstest.Server, phones int) (taken int) {
	t.Helper()
	var putOff []handlerstest.Object
	for range phones {
		metadata := handlerstest.Metadata(handlerstest.NewKey())
		s.Register(metadata).Refused(t, http.StatusTooManyRequests, oauth.ErrTemporarilyUnavailable)
		putOff = append(putOff, metadata)
	}
	s.Clock.Advance(10 * time.Second)
	for _, metadata := range putOff {
		if s.Register(metadata).Status == http.StatusCreated {
			taken++
		}
	}
	return taken
}

// A row is in force where all else is off, and nothing but that.
func TestARowIsInForceWhereLimitsAreOff(t *testing.T) {
	for _, own := range []limits.Own{
		{limits.Registrations: {Burst: 3, Every: time.Hour}}, {limits.RegistrationsOfAll: {Burst: 3, Every: time.Hour}},
	} {
		s := limited(t, handlerstest.Config{Limits: limits.Off, More: func(c *web.Config) { c.OwnLimits = own }})
		var phones []*handlerstest.Phone
		for range 3 {
			phones = append(phones, s.Phone())
		}
		if got := comingBack(t, s, 5); got != 3 {
			t.Errorf("%d of 5 who waited are let in", got)
		}
		for i := range 50 {
			phones[0].AskRaw(hint("a", i)).Succeeded(t, http.StatusOK)
		}
	}
}

// What the store counts: the wrong codes of an operator and for an account, and what waits of one phone.
func TestWhatTheStoreCountsHasNumbersOfOnesOwn(t *testing.T) {
	for _, number := range []int{3, 10} { // the usual ones are 20, 6 and 3
		policy := models.Policy{WrongCodesPerOperator: number, WrongCodesThatLock: 10, WaitingPerPhone: number, WaitingPerNetwork: number + 10}
		s := limited(t, handlerstest.Config{Limits: limits.Off, Policy: policy})
		browser, another := s.BrowserOf(t, s.Operator("Olga Operator")), s.AddAccount("Ben Other", "ben@example.org")
		enter := func(account string) *handlerstest.Page {
			return browser.Post(views.MatchPath(account), url.Values{"user_code": {"bcdf-ghjk"}})
		}
		for i := range number {
			if page := enter([]string{s.Account.ID, another.ID}[i%2]); page.Status == http.StatusTooManyRequests {
				t.Errorf("wrong code %d of %d is refused", i+1, number)
			}
		}
		if page := enter(s.Account.ID); page.Status != http.StatusTooManyRequests {
			t.Errorf("wrong code %d is answered %d", number+1, page.Status)
		}
		phone, codes := s.Phone(), []handlerstest.Codes{}
		for range number + 1 {
			codes = append(codes, phone.Ask(nil))
			s.Clock.Advance(time.Second) // the oldest falls out
		}
		s.Clock.Advance(s.Interval())
		phone.Poll(codes[0].DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrExpiredToken)
		phone.Poll(codes[1].DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
		for range 10 {
			s.Phone().Ask(nil) // from the same network, beside those that wait
		}
		if answer := s.Phone().AskRaw(handlerstest.Request{}); answer.Status != http.StatusTooManyRequests {
			t.Errorf("one more than %d from a network is answered %d", number+10, answer.Status)
		}
	}
}

// The last of so many wrong codes locks the account.
func TestWrongCodesThatLockAreANumberOfOnesOwn(t *testing.T) {
	for _, number := range []int{models.BoundsThatLock.Least, models.BoundsThatLock.Most} {
		s := limited(t, handlerstest.Config{Limits: limits.Off, Policy: models.Policy{WrongCodesPerOperator: -1, WrongCodesThatLock: number}})
		browser := s.BrowserOf(t, s.Operator("Olga Operator"))
		for i := range number {
			browser.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {"bcdf-ghjk"}})
			record, err := s.Store.AccountRecord(t.Context(), s.Account.ID)
			if want := number - 1 - i; err != nil || record.TriesLeft != want {
				t.Errorf("of %d, after %d: %d left, %v", number, i+1, record.TriesLeft, err)
			}
		}
	}
}

package device_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

// docs/protocol.md §6 suspended-account: approved, then the account is suspended, locked or closed, also
// for a while: no tokens.
func TestNoTokensForAnAccountThatIsNotActive(t *testing.T) {
	for _, status := range []string{models.AccountSuspended, models.AccountLocked, models.AccountClosed} {
		t.Run(status, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.Phone()
			codes := phone.Ask(nil)
			s.Approve(t, codes.UserCode)
			s.SetStatus(status)
			s.Unchanged(t, "the poll", func() {
				refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAccessDenied)
			})
			s.SetStatus(models.AccountActive)
			granted := readTokens(t, phone.Poll(codes.DeviceCode))
			s.SetStatus(status)
			refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
			dead(t, phone, granted.Access)
			inactive(t, phone.Introspect(granted.Access))
			inactive(t, phone.Introspect(granted.Refresh))
		})
	}
}

// A supervisor revoked the binding before the phone came: no tokens.
func TestNoTokensForARevokedBinding(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	revokeBinding(t, s, s.Approve(t, codes.UserCode).Binding)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAccessDenied)
}

// docs/protocol.md §6 operator-gone: redemption does not hang on the operator's session.
func TestOperatorsSessionEndsBeforeRedemption(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	operator := s.Operator("Olga Operator")
	s.ApproveFor(t, operator, s.Account.ID, codes.UserCode)
	if err := s.Store.EndSession(t.Context(), operator.SessionID); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(6 * 24 * time.Hour)
	granted := readTokens(t, phone.Poll(codes.DeviceCode))
	if got := phone.WhoAmI(granted.Access).String("account"); got != s.Account.ID {
		t.Errorf("the token speaks for %q, want the proofed account", got)
	}
}

// docs/protocol.md §6 parallel-redemption: 50 parallel redemptions of one code, exactly one token set; a
// poll in between cannot undo it.
func TestParallelRedemptions(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone := s.Phone()
		codes := phone.Ask(nil)
		s.Approve(t, codes.UserCode)
		before := s.LastEvent()
		answers := make([]handlerstest.Answer, 50)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = phone.Poll(codes.DeviceCode) })
		}
		all.Wait()
		var granted []tokens
		for _, answer := range answers {
			if answer.Status == http.StatusOK {
				granted = append(granted, readTokens(t, answer))
				continue
			}
			refused(t, answer, oauth.ErrSlowDown)
		}
		if len(granted) != 1 {
			t.Fatalf("%d token sets, want 1", len(granted))
		}
		if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRedeemed}) {
			t.Errorf("events are %v", got)
		}
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
		alive(t, phone, granted[0].Access)
	})
}

// docs/protocol.md §6 second-redemption: redeeming again fails, and neither codes nor tokens are in the
// database or in its files.
func TestRedeemedOnceAndNothingInClear(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	granted := readTokens(t, phone.Poll(codes.DeviceCode))
	alive(t, phone, granted.Access)
	s.Clock.Advance(s.Interval())
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)

	secrets := map[string]string{
		"device code": codes.DeviceCode, "user code": codes.UserCode, "user code's letters": strings.ReplaceAll(codes.UserCode, "-", ""),
		"access token": granted.Access, "its signature": granted.Access[strings.LastIndex(granted.Access, ".")+1:],
		"refresh token": granted.Refresh,
	}
	places := map[string]string{"log": s.Log()}
	for _, file := range []string{s.File, s.File + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[file] = string(content)
	}
	for table, rows := range s.Snapshot() {
		places[table] = rows
	}
	for place, text := range places {
		for name, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("the %s is in %s", name, place)
			}
		}
	}
}

// lostAnswer is a server whose phone has redeemed and not heard of it.
func lostAnswer(t *testing.T) (*handlerstest.Server, *handlerstest.Phone, handlerstest.Codes, tokens) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	return s, phone, codes, readTokens(t, phone.Poll(codes.DeviceCode))
}

// docs/protocol.md §6 lost-answer, docs/architecture.md §4.8: the answer got lost. The same key, after the
// interval, gets new tokens for the same binding, and the first ones are dead.
func TestLostAnswerIsGivenAgain(t *testing.T) {
	s, phone, codes, first := lostAnswer(t)
	s.Clock.Advance(s.Interval() - time.Second)
	s.Unchanged(t, "a repetition that is too early", func() {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
	})
	s.Clock.Advance(time.Second)
	before := s.LastEvent()
	second := readTokens(t, phone.Poll(codes.DeviceCode))
	if second.Access == first.Access || second.Refresh == first.Refresh {
		t.Error("the first answer was repeated")
	}
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRedeemed}) {
		t.Errorf("events are %v", got)
	}
	dead(t, phone, first.Access)
	refused(t, phone.Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
	inactive(t, phone.Introspect(first.Refresh))
	alive(t, phone, second.Access)
	readTokens(t, phone.Refresh(second.Refresh, nil))
}

// docs/protocol.md §6 lost-answer: a late replay, and one after a token of the first answer was used, are
// invalid_grant; the binding's tokens die, and the trail says so.
func TestReplayRevokes(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone, first tokens)
	}{
		{"10 minutes after", func(_ *testing.T, s *handlerstest.Server, _ *handlerstest.Phone, _ tokens) {
			s.Clock.Advance(10*time.Minute - s.Interval())
		}},
		{"after the access token was used", func(t *testing.T, _ *handlerstest.Server, phone *handlerstest.Phone, first tokens) {
			alive(t, phone, first.Access)
		}},
		{"after the refresh token was used", func(t *testing.T, _ *handlerstest.Server, phone *handlerstest.Phone, first tokens) {
			readTokens(t, phone.Refresh(first.Refresh, nil))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, phone, codes, first := lostAnswer(t)
			c.before(t, s, phone, first)
			s.Clock.Advance(s.Interval())
			before := s.LastEvent()
			refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)
			if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.RedemptionReplayed, audit.DeviceBindingRevoked}) {
				t.Errorf("events are %v", got)
			}
			dead(t, phone, first.Access)
			refused(t, phone.Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
			refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)
		})
	}
}

// docs/protocol.md §6 lost-answer: one second before the 10 minutes are over, the answer is still given again.
func TestLostAnswerJustInTime(t *testing.T) {
	s, phone, codes, _ := lostAnswer(t)
	s.Clock.Advance(10*time.Minute - time.Second)
	readTokens(t, phone.Poll(codes.DeviceCode))
}

// docs/protocol.md §6 lost-answer (draft-parecki-oauth-dpop-device-flow-00): a code that was bound to a key is
// invalid_grant for another key, before and after its redemption, and stays good; late,
// it is a replay, whatever the key.
func TestCodeIsBoundToItsKey(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	other := handlerstest.Request{Proof: handlerstest.Forge{Key: handlerstest.NewKey()}}
	unchanged := func(when string) {
		t.Helper()
		s.Unchanged(t, when+": another key", func() {
			refused(t, phone.PollRaw(codes.DeviceCode, other), oauth.ErrInvalidGrant)
		})
	}
	unchanged("pending")
	s.Approve(t, codes.UserCode)
	unchanged("approved")
	readTokens(t, phone.Poll(codes.DeviceCode))
	s.Clock.Advance(s.Interval())
	unchanged("redeemed")
	last := readTokens(t, phone.Poll(codes.DeviceCode)) // the lost answer is still there for the right key
	s.Clock.Advance(10 * time.Minute)
	before := s.LastEvent()
	refused(t, phone.PollRaw(codes.DeviceCode, other), oauth.ErrInvalidGrant)
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.RedemptionReplayed, audit.DeviceBindingRevoked}) {
		t.Errorf("late, with another key: events are %v", got)
	}
	refused(t, phone.Refresh(last.Refresh, nil), oauth.ErrInvalidGrant)
}

// docs/protocol.md §6 lost-answer: a redeemed code that comes again and again with another key is one replay: the
// binding has ended, and nobody can fill the list of alerts.
func TestLateReplayIsOneAlert(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	readTokens(t, phone.Poll(codes.DeviceCode))
	s.Clock.Advance(time.Hour)
	before := s.LastEvent()
	for range 50 {
		other := handlerstest.Request{Proof: handlerstest.Forge{Key: handlerstest.NewKey()}}
		refused(t, phone.PollRaw(codes.DeviceCode, other), oauth.ErrInvalidGrant)
	}
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.RedemptionReplayed, audit.DeviceBindingRevoked}) {
		t.Errorf("events are %v", got)
	}
}

// A code without a key of its own is redeemed by any, and its lost answer only by the
// key that redeemed it: another one is a replay.
func TestUnboundCodeIsBoundByItsRedemption(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	answer := phone.AskRaw(handlerstest.Request{NoProof: true}).Succeeded(t, http.StatusOK)
	s.Approve(t, answer.String("user_code"))
	first := readTokens(t, phone.Poll(answer.String("device_code")))
	s.Clock.Advance(s.Interval())
	other := handlerstest.Request{Proof: handlerstest.Forge{Key: handlerstest.NewKey()}}
	refused(t, phone.PollRaw(answer.String("device_code"), other), oauth.ErrInvalidGrant)
	dead(t, phone, first.Access)
}

// docs/threat-model.md: a pending poll writes nothing, so that another process knows
// nothing of it. Captured and sent there after the approval it redeems; but the tokens
// are the phone's key's, and the phone, asking on, gets the answer again.
func TestCapturedPendingPollIsWorthNothing(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	captured := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": codes.DeviceCode}})
	refused(t, s.Do(captured), oauth.ErrAuthorizationPending)
	s.Approve(t, codes.UserCode)
	replay := again(captured)
	replay.URL.Host = s.Another()
	stolen := readTokens(t, s.Do(replay))

	thief := *phone
	thief.DPoP = handlerstest.NewKey()
	thief.WhoAmI(stolen.Access).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidDPoPProof)
	s.Clock.Advance(s.Interval())
	own := readTokens(t, phone.Poll(codes.DeviceCode))
	dead(t, phone, stolen.Access)
	alive(t, phone, own.Access)
}

// docs/protocol.md §6 two-phones: two phones on one account have bindings of their own.
func TestTwoPhonesOnOneAccount(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	one, two := s.Phone(), s.Phone()
	first, second := connect(t, s, one), connect(t, s, two)
	if one.WhoAmI(first.Access).String("binding") == two.WhoAmI(second.Access).String("binding") {
		t.Fatal("one binding for two phones")
	}
	refused(t, two.Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
	one.Revoke(first.Refresh).Succeeded(t, http.StatusOK)
	dead(t, one, first.Access)
	refused(t, one.Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
	alive(t, two, second.Access)
	readTokens(t, two.Refresh(second.Refresh, nil))
}

// One phone may ask twice; each approval is a binding of its own.
func TestTwoRequestsOfOnePhone(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	first, second := connect(t, s, phone), connect(t, s, phone)
	phone.Revoke(first.Refresh).Succeeded(t, http.StatusOK)
	dead(t, phone, first.Access)
	alive(t, phone, second.Access)
}

// docs/architecture.md §4.8: a replay or a wrong key while the account is suspended ends the
// tokens all the same; they do not live again with the account.
func TestReplayWhileSuspended(t *testing.T) {
	for name, replay := range map[string]func(*handlerstest.Phone, handlerstest.Codes, tokens) handlerstest.Answer{
		"a replayed code": func(phone *handlerstest.Phone, codes handlerstest.Codes, _ tokens) handlerstest.Answer {
			return phone.Poll(codes.DeviceCode)
		},
		"a wrong key": func(phone *handlerstest.Phone, _ handlerstest.Codes, first tokens) handlerstest.Answer {
			return phone.Post(handlerstest.Request{Path: oauth.PathToken, Proof: handlerstest.Forge{Key: handlerstest.NewKey()},
				Form: map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": first.Refresh}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, phone, codes, first := lostAnswer(t)
			s.SetStatus(models.AccountSuspended)
			s.Clock.Advance(s.Interval())
			s.Unchanged(t, "a lost answer", func() { refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant) })
			s.Clock.Advance(time.Hour)
			before := s.LastEvent()
			refused(t, replay(phone, codes, first), oauth.ErrInvalidGrant)
			if got := s.Events(before); len(got) != 2 || got[1] != audit.DeviceBindingRevoked {
				t.Errorf("events are %v", got)
			}
			s.SetStatus(models.AccountActive)
			refused(t, phone.Refresh(first.Refresh, nil), oauth.ErrInvalidGrant)
		})
	}
}

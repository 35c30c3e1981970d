package device_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"

	"pgregory.net/rapid"
)

// Over real HTTP, whatever phones ask in whatever order, whatever is done to their
// requests meanwhile, whichever answers get lost and however often the server is
// restarted: every status and every code is the model's (property_model_test.go). RFC 8628
// §3.5, 6749 §5.2, 7009, 7662, 9449; docs/architecture.md §3 and §4.
//
// More of it: go test ./handlers/device -run PhonesHear -rapid.checks=1000.
func TestPhonesHearWhatTheModelSays(t *testing.T) {
	var asked []string
	flag.Visit(func(f *flag.Flag) { asked = append(asked, f.Name) })
	for dialect, checks := range map[handlerstest.Dialect]int{handlerstest.SQLite: 40, handlerstest.PostgreSQL: 5} {
		t.Run(string(dialect), func(t *testing.T) {
			if !slices.Contains(asked, "rapid.checks") {
				if err := flag.Set("rapid.checks", strconv.Itoa(checks)); err != nil {
					t.Fatal(err)
				}
			}
			s := handlerstest.Start(t, handlerstest.Config{Dialect: dialect, Policy: models.Policy{DPoPNonceRequired: true, OpenedRecordsLimit: -1}})
			town := &town{Server: s, cut: s.Cut(), keys: [2]handlerstest.Forge{{Key: handlerstest.NewKey()}, {Key: handlerstest.NewKey()}}}
			rapid.Check(t, func(run *rapid.T) { town.begin(t, run).live(run) })
			if report, err := s.Store.VerifyTrail(t.Context()); err != nil || !report.OK() {
				t.Errorf("the trail: %+v, %v", report, err)
			}
		})
	}
}

// town is the server of all runs, which share nothing but its clock.
type town struct {
	*handlerstest.Server
	cut  *handlerstest.Cut
	keys [2]handlerstest.Forge // the DPoP keys that phones use, and may confuse
	runs int
}

// streets are the phones and accounts of one run, with what the model's numbers are called
// on the server.
type streets struct {
	*town
	outer    *testing.T
	m        phoneModel
	host     string // of the process that answers
	nonce    string // the latest that the server handed out
	phones   [2]*handlerstest.Phone
	names    []string // login_hint, by account
	accounts []string
	codes    []handlerstest.Codes
	visits   []visit
	refresh  []string // refresh tokens, "" when the answer got lost
	access   []string
}

// visit is what the counter knows of a request.
type visit struct{ request, binding string }

func (w *town) begin(t *testing.T, run *rapid.T) *streets {
	w.runs++
	s := &streets{town: w, outer: t, host: w.Issuer[len("http://"):], phones: [2]*handlerstest.Phone{w.Phone(), w.Phone()}}
	for i := range 2 {
		name := fmt.Sprintf("holder%d-%d@example.org", w.runs, i)
		s.names = append(s.names, name)
		s.accounts = append(s.accounts, w.AddAccount("Account Holder", name).ID)
		s.m.active = append(s.m.active, true)
	}
	s.m.now = w.Clock.Now()
	return s
}

// live is one run: it fails as soon as the server and the model differ.
func (s *streets) live(run *rapid.T) {
	run.Repeat(map[string]func(*rapid.T){
		"ask":                       s.ask,
		"ask for the same again":    s.askOften,
		"poll":                      s.poll,
		"poll again and again":      s.pollOften,
		"poll without a nonce":      s.pollWithoutNonce,
		"lose an answer":            s.loseAnswer,
		"wait and poll":             s.waitAndPoll,
		"refresh":                   s.refreshTokens,
		"call the API":              s.call,
		"introspect":                s.introspect,
		"revoke a token":            s.revokeToken,
		"match":                     s.match,
		"visit and approve":         s.approve,
		"ask, visit and approve":    s.askAndApprove,
		"ask, visit and redeem":     s.askAndRedeem,
		"ask, visit, lose answers":  s.askAndLose,
		"decline":                   s.decline,
		"recall":                    s.recall,
		"revoke a binding":          s.revokeBinding,
		"suspend or reinstate":      s.setStatus,
		"wait":                      s.wait,
		"wait until something ends": s.untilEnd,
		"restart":                   s.restart,
	})
}

func (s *streets) wait(t *rapid.T) {
	s.pass(rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, heardInterval, time.Minute, 5 * time.Minute, time.Hour,
		3 * 24 * time.Hour, 6 * 24 * time.Hour}).Draw(t, "length"))
}

// untilEnd goes to a moment at which something ends: a second before, exactly, a second after.
func (s *streets) untilEnd(t *rapid.T) {
	ends := s.m.ends()
	if len(ends) == 0 {
		t.Skip("nothing ends")
	}
	off := time.Duration(rapid.IntRange(-1, 1).Draw(t, "off")) * time.Second
	s.pass(max(0, rapid.SampledFrom(ends).Draw(t, "end").Add(off).Sub(s.m.now)))
}

func (s *streets) pass(length time.Duration) {
	s.Clock.Advance(length)
	s.m.now = s.Clock.Now()
}

// restart is a crash: another process answers from now on, which knows what the database
// knows.
func (s *streets) restart(*rapid.T) {
	s.host = s.Another()
	s.m.forget()
}

// request is any, mostly a new one.
func (s *streets) request(t *rapid.T) int {
	if len(s.codes) == 0 {
		t.Skip("no request")
	}
	return len(s.codes) - 1 - rapid.IntRange(0, len(s.codes)-1).Draw(t, "request, from the newest")
}

// requestThat is one of which this is true.
func (s *streets) requestThat(t *rapid.T, is func(heardRequest) bool) int {
	var all []int
	for i, r := range s.m.requests {
		if r.account != nobody && is(r) {
			all = append(all, i)
		}
	}
	if len(all) == 0 {
		t.Skip("no such request")
	}
	return rapid.SampledFrom(all).Draw(t, "request")
}

// waiting is a request that an operator may match.
func (s *streets) waiting(t *rapid.T) int {
	return s.requestThat(t, func(r heardRequest) bool { return s.m.waits(r) && s.m.active[r.account] })
}

// match leaves a request claimed, which an operator does not finish.
func (s *streets) match(t *rapid.T) { s.matchOf(t, s.waiting(t)) }

func (s *streets) matchOf(t *rapid.T, request int) (operator handlerstest.Staff, id string) {
	r := &s.m.requests[request]
	r.claimUntil = s.m.now.Add(heardClaim)
	operator = s.Operator("Olga Operator")
	return operator, s.MatchFor(s.outer, operator, s.accounts[r.account], s.codes[request].UserCode).ID
}

func (s *streets) approve(t *rapid.T) {
	s.approveOf(t, s.waiting(t))
}

func (s *streets) approveOf(t *rapid.T, request int) {
	r := &s.m.requests[request]
	approval := s.ApproveFor(s.outer, s.Operator("Olga Operator"), s.accounts[r.account], s.codes[request].UserCode)
	s.visits[request] = visit{approval.Binding.DeviceAuthorizationID, approval.Binding.ID}
	r.state, r.redeemUntil = "approved", s.m.now.Add(heardWindow)
}

func (s *streets) decline(t *rapid.T) {
	request := s.waiting(t)
	operator, id := s.matchOf(t, request)
	if err := s.Store.Decline(t.Context(), operator.SessionID, id, "customer_left"); err != nil {
		t.Fatal(err)
	}
	s.m.requests[request].state = "declined"
}

func (s *streets) recall(t *rapid.T) {
	request := s.requestThat(t, s.m.redeemable)
	if err := s.Store.Recall(t.Context(), s.Supervisor("Sara Supervisor").SessionID, s.visits[request].request, "operator_error"); err != nil {
		t.Fatal(err)
	}
	s.m.requests[request].state, s.m.requests[request].revoked = "declined", true
}

func (s *streets) revokeBinding(t *rapid.T) {
	request := s.requestThat(t, func(r heardRequest) bool { return !r.redeemUntil.IsZero() && !r.revoked })
	err := s.Store.RevokeBinding(t.Context(), s.Supervisor("Sara Supervisor").SessionID, s.visits[request].binding, "device_lost")
	ended := s.m.endedByClock(request)
	if ended && !errors.Is(err, models.ErrBindingRevoked) || !ended && err != nil {
		t.Fatalf("ended by the clock: %t, and revoking it: %v", ended, err)
	}
	s.m.requests[request].revoked = true
}

func (s *streets) setStatus(t *rapid.T) {
	account := rapid.IntRange(0, len(s.accounts)-1).Draw(t, "account")
	status := rapid.SampledFrom([]string{models.AccountActive, models.AccountActive, models.AccountSuspended, models.AccountLocked,
		models.AccountClosed}).Draw(t, "status")
	_, err := s.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{Line: 2, Identifiers: s.names[account : account+1],
		FullName: "Account Holder", DateOfBirth: "1984-02-29", Status: status}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	s.m.active[account] = status == models.AccountActive
}

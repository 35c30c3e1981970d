package models_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// visit is one request in a known phase, with the sessions that may act on it.
type visit struct {
	*modelstest.Env
	account    string
	client     models.Client
	codes      models.IssuedCodes
	operator   string // holds the claim, where there is one
	other      string // another operator's session at another counter
	supervisor string
}

func newVisit(t *testing.T, env *modelstest.Env) *visit {
	t.Helper()
	v := &visit{Env: env, account: env.Account(t, "ada@example.com"), client: env.Client(t)}
	v.codes = env.Request(t, v.client, "ada@example.com")
	v.signIn(t)
	return v
}

// signIn gives everybody a new session: staff sessions do not last for the weeks that
// a request does.
func (v *visit) signIn(t *testing.T) {
	t.Helper()
	v.operator, v.other = v.Operator(t, "op"), v.Operator(t, "other")
	v.supervisor = v.SignIn(t, "super", []models.Role{models.Supervisor})
}

// to brings a fresh request to a state, by the verbs that people use.
func (v *visit) to(t *testing.T, state models.State) {
	t.Helper()
	id := v.codes.DeviceAuthorizationID
	steps := map[models.State][]string{
		models.Pending:  {},
		models.Matched:  {"match"},
		models.Proofed:  {"match", "proof"},
		models.Approved: {"match", "proof", "approve"},
		models.Redeemed: {"match", "proof", "approve", "redeem"},
		models.Declined: {"decline"},
	}
	for _, step := range steps[state] {
		if err := v.do(step, v.operator); err != nil {
			t.Fatalf("to %s: %s: %v", state, step, err)
		}
	}
	if d, err := v.DeviceAuthorization(v.Context, id); err != nil || d.State != state {
		t.Fatalf("is %s instead of %s: %v", d.State, state, err)
	}
}

// do takes one step in somebody's session.
func (v *visit) do(step, session string) error {
	id := v.codes.DeviceAuthorizationID
	switch step {
	case "match":
		_, err := v.Match(v.Context, session, v.account, v.codes.UserCode)
		return err
	case "proof":
		return v.Proof(v.Context, session, id, modelstest.Card())
	case "release":
		return v.Release(v.Context, session, id)
	case "approve":
		_, err := v.ApproveShown(session, id)
		return err
	case "decline":
		return v.Decline(v.Context, session, id, "other")
	case "recall":
		return v.Recall(v.Context, v.supervisor, id, "operator_error")
	case "redeem":
		_, err := v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes))
		return err
	}
	return fmt.Errorf("no step %q", step)
}

func (v *visit) state(t *testing.T) models.State {
	t.Helper()
	d, err := v.DeviceAuthorization(v.Context, v.codes.DeviceAuthorizationID)
	if err != nil {
		t.Fatal(err)
	}
	return d.State
}

// docs/architecture.md §3, every pair: each step from each state either leads where the table
// says or is refused and changes nothing.
func TestEveryPairOfStates(t *testing.T) {
	const no = ""
	table := map[models.State]map[string]models.State{
		models.Pending: {"match": models.Matched, "proof": no, "release": no, "approve": no, "decline": models.Declined, "recall": no,
			"redeem": no},
		models.Matched: {"match": models.Matched, "proof": models.Proofed, "release": models.Pending, "approve": no, "decline": models.Declined,
			"recall": no, "redeem": no},
		models.Proofed: {"match": models.Matched, "proof": models.Proofed, "release": models.Pending, "approve": models.Approved,
			"decline": models.Declined, "recall": no, "redeem": no},
		models.Approved: {"match": no, "proof": no, "release": no, "approve": no, "decline": no, "recall": models.Declined,
			"redeem": models.Redeemed},
		models.Redeemed: {"match": no, "proof": no, "release": no, "approve": no, "decline": no, "recall": no, "redeem": no},
		models.Declined: {"match": no, "proof": no, "release": no, "approve": no, "decline": no, "recall": no, "redeem": no},
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		for _, from := range models.States() {
			for step, to := range table[from] {
				t.Run(fmt.Sprintf("%s/%s/%s", dialect, from, step), func(t *testing.T) {
					v := newVisit(t, modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{}))
					v.to(t, from)
					checkStep(t, v, step, from, to)
				})
			}
		}
	}
}

func checkStep(t *testing.T, v *visit, step string, from, to models.State) {
	t.Helper()
	before := v.LastEvent(t)
	err := v.do(step, v.operator)
	if to != "" {
		if err != nil || v.state(t) != to {
			t.Fatalf("%s from %s: %v, now %s, want %s", step, from, err, v.state(t), to)
		}
		if len(v.Events(t, before)) == 0 {
			t.Errorf("%s left no event", step)
		}
		return
	}
	if err == nil || v.state(t) != from {
		t.Fatalf("%s from %s: %v, now %s, want a refusal", step, from, err, v.state(t))
	}
	var conflict *models.StateConflictError
	var wrong *models.WrongCodeError // a spent code is a wrong code
	soon := step == "redeem" && from == models.Redeemed && errors.Is(err, models.ErrTooSoon)
	if !errors.As(err, &conflict) && !errors.As(err, &wrong) && !soon {
		t.Errorf("%s from %s: %v, want a state conflict", step, from, err)
	}
}

// docs/protocol.md §6 other-session, docs/architecture.md §3: only the session that matched and proofed decides,
// also not another session of the same operator. Every try is on record.
func TestOnlyTheClaimDecides(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		sameOperator := env.Operator(t, "op")
		before, tries := env.LastEvent(t), 0
		for _, session := range []string{v.other, sameOperator} {
			for _, step := range []string{"proof", "release", "approve", "decline"} {
				if err := v.do(step, session); err != models.ErrNotTheClaim {
					t.Errorf("%s by another session: %v", step, err)
				}
				tries++
			}
		}
		var claimed *models.ClaimedError
		if err := v.do("match", v.other); !errors.As(err, &claimed) {
			t.Errorf("match by another operator: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DecisionRefused}, tries+1)) {
			t.Errorf("events %v", got)
		}
		if v.state(t) != models.Proofed {
			t.Errorf("now %s", v.state(t))
		}
		if err := v.do("approve", v.operator); err != nil {
			t.Errorf("the claim itself: %v", err)
		}
	})
}

// Somebody who signed in again takes their own claim over by matching again: the
// proofing of the old session no longer counts, and the old session may not decide.
func TestSameOperatorTakesOver(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		again := env.Operator(t, "op")
		if err := v.do("match", again); err != nil || v.state(t) != models.Matched {
			t.Fatalf("match: %v, now %s", err, v.state(t))
		}
		if err := v.do("approve", v.operator); err != models.ErrNotTheClaim {
			t.Errorf("the old session: %v", err)
		}
		if err := errors.Join(v.do("proof", again), v.do("approve", again)); err != nil {
			t.Error(err)
		}
	})
}

// The card check and the decision are at one counter.
func TestClaimStaysAtItsCounter(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		elsewhere := env.CounterID(t, "Elsewhere")
		if err := env.OpenCounter(env.Context, v.operator, elsewhere, netip.MustParseAddr(modelstest.Address)); err != nil {
			t.Fatal(err)
		}
		if err := v.do("approve", v.operator); err != models.ErrNotTheClaim {
			t.Errorf("approve at another counter: %v", err)
		}
	})
}

// A disabled client is not approved, and says so on record.
func TestDisabledClientIsNotApproved(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		if err := models.WriterForTest(env.Database).Exec("UPDATE clients SET status = 'disabled'").Error; err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if err := v.do("approve", v.operator); err != models.ErrClientNotActive || v.state(t) != models.Proofed {
			t.Errorf("approve: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
	})
}

// A proofing of a claim that is over is no part of a later operator's decline.
func TestDeclineAfterTheClaim(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		env.Clock.Advance(16 * time.Minute)
		if err := v.do("decline", v.other); err != nil {
			t.Fatal(err)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 1})
		if err != nil || rows[0].Event.Type != audit.DeviceAuthorizationDeclined || rows[0].Event.Facts.Proofing != "" {
			t.Errorf("event %+v, %v", rows, err)
		}
	})
}

// Both windows at -1 s, 0 and +1 s. Expiry is judged first at match, proof, approve,
// decline and redemption (docs/protocol.md §6 window-over).
func TestWindowBoundaries(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for _, boundary := range []struct {
		after  time.Duration
		within bool
	}{{week - time.Second, true}, {week, false}, {week + time.Second, false}} {
		t.Run(boundary.after.String(), func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				began := env.Clock.Now()
				v := newVisit(t, env)
				env.Clock.Set(began.Add(boundary.after))
				v.signIn(t)
				if got := v.do("match", v.operator) == nil; got != boundary.within {
					t.Errorf("pending window, match: %v", got)
				}
				env.Clock.Set(began)
				testPendingEnd(t, v, began.Add(boundary.after), boundary.within)
				testRedemptionEnd(t, v, boundary.after, boundary.within)
			})
		})
	}
}

// testPendingEnd: the window ends while the page is open, after match and proof.
func testPendingEnd(t *testing.T, v *visit, end time.Time, within bool) {
	t.Helper()
	v.codes = v.Request(t, v.client, "ada@example.com")
	v.Clock.Set(end.Add(-10 * time.Minute))
	v.signIn(t)
	v.to(t, models.Proofed)
	v.Clock.Set(end)
	err := v.do("approve", v.operator)
	if (err == nil) != within {
		t.Errorf("pending window, approve: %v", err)
	}
	var conflict *models.StateConflictError
	if !within && (!errors.As(err, &conflict) || conflict.Phase != models.Expired) {
		t.Errorf("pending window, approve: %v, want expired", err)
	}
}

func testRedemptionEnd(t *testing.T, v *visit, after time.Duration, within bool) {
	t.Helper()
	v.codes = v.Request(t, v.client, "ada@example.com")
	v.signIn(t)
	v.to(t, models.Approved)
	v.Clock.Advance(after)
	err := v.do("redeem", "")
	if (err == nil) != within {
		t.Errorf("redemption window: %v", err)
	}
	var conflict *models.StateConflictError
	if !within && (!errors.As(err, &conflict) || conflict.Phase != models.Lapsed) {
		t.Errorf("redemption window: %v, want lapsed", err)
	}
}

// Approved on day 6, redeemed on day 12: the two windows are two (docs/architecture.md §4.2);
// docs/protocol.md §6 operator-gone: the operator's session has long ended by then.
func TestApprovedOnDaySixRedeemedOnDayTwelve(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		env.Clock.Advance(6 * 24 * time.Hour)
		v.signIn(t)
		v.to(t, models.Approved)
		if err := env.EndSession(env.Context, v.operator); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(6 * 24 * time.Hour)
		if err := v.do("redeem", ""); err != nil {
			t.Fatal(err)
		}
	})
}

// A claim lasts 15 minutes; then the request is pending again for everybody, and match
// and proofing must be done again.
func TestClaimFallsBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		env.Clock.Advance(15*time.Minute - time.Second)
		var claimed *models.ClaimedError
		if err := v.do("match", v.other); !errors.As(err, &claimed) {
			t.Fatalf("one second before its end the claim is taken: %v", err)
		}
		env.Clock.Advance(time.Second)
		for _, step := range []string{"proof", "approve", "release"} {
			var conflict *models.StateConflictError
			if err := v.do(step, v.operator); !errors.As(err, &conflict) || !conflict.Phase.Is(models.Pending) {
				t.Errorf("%s after the claim's end: %v", step, err)
			}
		}
		if err := v.do("match", v.other); err != nil {
			t.Fatalf("match by another after the claim's end: %v", err)
		}
		if err := v.do("approve", v.other); err == nil {
			t.Fatal("the first operator's proofing counted for the second one's claim")
		}
		if err := v.do("approve", v.operator); !errors.Is(err, models.ErrNotTheClaim) {
			t.Fatalf("the first operator's approval: %v", err)
		}
	})
}

// docs/protocol.md §6 decline-back-approve: decline, browser Back, approve.
func TestDeclineThenApprove(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		if err := v.do("decline", v.operator); err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if err := v.do("approve", v.operator); err == nil || v.state(t) != models.Declined {
			t.Fatalf("approve after decline: %v, now %s", err, v.state(t))
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
	})
}

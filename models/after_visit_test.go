package models_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// docs/protocol.md §6 rogue-operator: an operator may take back what they approved themselves, here, a moment
// ago; everybody else and any later only a supervisor.
func TestRecallByOperator(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		recall := func(session string) error {
			return v.Recall(v.Context, session, v.codes.DeviceAuthorizationID, "operator_error")
		}
		before := env.LastEvent(t)
		if err := recall(v.other); err != models.ErrNotToRecall {
			t.Errorf("another operator: %v", err)
		}
		elsewhere := env.Operator(t, "op") // the same person, at another counter
		if err := recall(elsewhere); err != models.ErrNotToRecall {
			t.Errorf("at another counter: %v", err)
		}
		if got := env.Events(t, before); len(got) < 2 || got[0] != audit.DecisionRefused || got[len(got)-1] != audit.DecisionRefused {
			t.Errorf("events %v", got)
		}
		env.Clock.Advance(models.RecallByOperator - time.Second)
		before = env.LastEvent(t)
		if err := recall(v.operator); err != nil || v.state(t) != models.Declined {
			t.Errorf("their own, in time: %v, now %s", err, v.state(t))
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRecalled, audit.DeviceBindingRevoked}) {
			t.Errorf("events %v", got)
		}
		late := newVisitFor(t, v)
		late.to(t, models.Approved)
		env.Clock.Advance(models.RecallByOperator)
		if err := late.Recall(v.Context, v.operator, late.codes.DeviceAuthorizationID, "operator_error"); err != models.ErrNotToRecall ||
			late.state(t) != models.Approved {
			t.Errorf("too late: %v, now %s", err, late.state(t))
		}
		if err := late.do("recall", ""); err != nil {
			t.Errorf("a supervisor: %v", err)
		}
	})
}

// The start page of a counter: what this session handles, what others handle here, and
// the session's own decisions with their receipts. What waits, what is handled elsewhere
// and what is over is not there.
func TestWork(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		declined, colleagues := newVisitFor(t, v), newVisitFor(t, v)
		sessionOf := func(id string) models.Session {
			var row models.StaffSession
			if err := env.Reader().Where("id = ?", id).First(&row).Error; err != nil {
				t.Fatal(err)
			}
			counter, err := env.Counter(env.Context, *row.CounterID)
			if err != nil {
				t.Fatal(err)
			}
			return models.Session{ID: id, Staff: models.Staff{ID: row.StaffID}, Counter: &counter}
		}
		here := sessionOf(v.operator)
		if err := env.OpenCounter(env.Context, v.other, here.Counter.ID, netip.MustParseAddr(modelstest.Address)); err != nil {
			t.Fatal(err)
		}
		want := func(when string, session models.Session, mine, others, decided int) models.Work {
			t.Helper()
			work, err := env.Work(env.Context, session)
			if err != nil || len(work.Mine) != mine || len(work.Colleagues) != others || len(work.Decided) != decided {
				t.Errorf("%s: %d mine, %d of colleagues, %d decided, %v", when, len(work.Mine), len(work.Colleagues), len(work.Decided), err)
			}
			return work
		}
		want("all wait", here, 0, 0, 0)
		v.to(t, models.Proofed)
		if err := colleagues.do("match", v.other); err != nil {
			t.Fatal(err)
		}
		if work := want("two handled", here, 1, 1, 0); work.Mine[0].ID != v.codes.DeviceAuthorizationID ||
			work.Colleagues[0].ClaimStaff != "Staff other" {
			t.Errorf("%+v", work)
		}
		want("at another counter", sessionOf(env.Operator(t, "third")), 0, 0, 0)
		if err := declined.do("decline", v.operator); err != nil {
			t.Fatal(err)
		}
		if err := v.do("approve", v.operator); err != nil {
			t.Fatal(err)
		}
		work := want("both decided", here, 0, 1, 2)
		if work.Decided[0].Type != audit.DeviceBindingApproved || work.Decided[1].DeviceAuthorizationID != declined.codes.DeviceAuthorizationID {
			t.Errorf("%+v", work.Decided)
		}
		entry, err := env.DecisionEntry(env.Context, declined.codes.DeviceAuthorizationID)
		if err != nil || entry.Seq != work.Decided[1].Seq {
			t.Errorf("the receipt's entry is %d, %v", entry.Seq, err)
		}
		want("a colleague's decisions are theirs", sessionOf(v.other), 1, 0, 0)
		env.Clock.Advance(15 * time.Minute)
		want("claims are over", here, 0, 0, 2)
		want("signed in later", sessionOf(env.Operator(t, "op")), 0, 0, 0)
	})
}

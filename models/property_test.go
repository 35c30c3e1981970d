package models_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// Whatever happens in whatever order, also with crashes in the middle of a transaction,
// the store and the model of docs/architecture.md §3 (model_test.go and its like) give the same answers,
// hold the same phases and deadlines, and tell the trail the same events.
//
// More of it: go test ./models -run StoreAgrees -rapid.checks=10000. A failure names the
// -rapid.seed that repeats it.
func TestStoreAgreesWithTheModel(t *testing.T) {
	asked := flagsSet()
	for dialect, checks := range map[string]int{"sqlite": 60, "postgres": 3} {
		t.Run(dialect, func(t *testing.T) {
			bounded(t, checks, asked)
			rapid.Check(t, func(run *rapid.T) { disagree(run, t, modelstest.Migrated(t, dialect)) })
		})
	}
}

// bounded sets how many runs rapid makes, unless the command line says it.
func bounded(t *testing.T, checks int, asked []string) {
	t.Helper()
	if slices.Contains(asked, "rapid.checks") {
		return
	}
	if err := flag.Set("rapid.checks", strconv.Itoa(checks)); err != nil {
		t.Fatal(err)
	}
}

// flagsSet are the names of the flags that the command line sets.
func flagsSet() (names []string) {
	flag.Visit(func(f *flag.Flag) { names = append(names, f.Name) })
	return names
}

// disagree is one run: it fails as soon as the store and the model differ.
func disagree(run *rapid.T, t *testing.T, address string) {
	w := &world{outer: t, address: address, clock: modelstest.NewClock()}
	if err := w.open(); err != nil {
		run.Fatal(err)
	}
	defer func() { _ = w.close() }()
	w.populate(run)
	run.Repeat(w.actions())
	w.endsSound(run)
}

// actions are what may happen, by name.
func (w *world) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                         w.compare,
		"ask for codes":            w.askForCodes,
		"poll":                     w.poll,
		"match":                    w.match,
		"match by presence proof":  w.matchPresence,
		"scan a presence proof":    w.scanPresence,
		"show a presence proof":    w.showPresence,
		"require proofs of an app": w.requireProof,
		"proof":                    w.proof,
		"release":                  w.release,
		"ask for more time":        w.extend,
		"approve":                  w.approve,
		"decline":                  w.decline,
		"decline as suspicious":    w.suspect,
		"end all that waits":       w.endWaiting,
		"recall":                   w.recall,
		"redeem":                   w.redeem,
		"redeem again":             w.redeem,
		"refresh":                  w.refresh,
		"call the API":             w.call,
		"give a token back":        w.giveBack,
		"end an access token":      w.endAccess,
		"revoke a binding":         w.revokeBinding,
		"revoke all of an account": w.revokeAll,
		"unlock":                   w.unlock,
		"suspend or reinstate":     w.setStatus,
		"sign in":                  w.signIn,
		"sign out":                 w.signOut,
		"open a counter":           w.openCounter,
		"look at a page":           w.look,
		"wait":                     w.wait,
		"wait until a deadline":    w.untilDeadline,
		"sweep":                    w.sweep,
		"restart":                  w.restart,
		"begin a visit":            w.beginVisit,
		"whole visit and redeem":   w.visitAndRedeem,
		"wait a little and redeem": w.waitAndRedeem,
		"lose an answer":           w.loseAnswer,
	}
}

// outcome is the word for an error by which store and model are compared.
func outcome(err error) string {
	var conflict *models.StateConflictError
	var wrong *models.WrongCodeError
	var locked *models.MatchLockedError
	var claimed *models.ClaimedError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &conflict):
		return "conflict: " + string(conflict.Phase)
	case errors.As(err, &wrong):
		return fmt.Sprintf("wrong code, %d tries left", wrong.TriesLeft)
	case errors.As(err, &locked):
		return "match locked"
	case errors.As(err, &claimed):
		return "claimed by somebody else"
	}
	return err.Error()
}

// step does a thing to the store and to the model. The store may crash in the middle of
// it; then it never happened, and the store is opened anew.
func (w *world) step(t *rapid.T, do, expected func() error) (done bool) {
	w.crashAt = rapid.SampledFrom([]int{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 8, 10, 12}).Draw(t, "crash at statement")
	err := do()
	w.crashAt = 0
	if errors.Is(err, errCrash) {
		w.restart(t)
		return false
	}
	if got, want := outcome(err), outcome(expected()); got != want {
		t.Fatalf("the store says %q, the model %q", got, want)
	}
	return err == nil
}

// compare holds every request, every poll and every new event to the model.
func (w *world) compare(t *rapid.T) {
	now := models.At(w.clock.Now())
	for i, row := range w.rows(t) {
		r := w.m.requests[i]
		if got, want := row.PhaseAt(now), w.m.phase(r); got != want {
			t.Fatalf("request %d is %s, in the model %s", i, got, want)
		}
		if got, want := row.Deadline().Time(), w.m.deadline(r); !got.Equal(want) {
			t.Fatalf("the deadline of request %d is %s, in the model %s", i, got, want)
		}
		if got, want := oauth.Verdict(row.PollQuestion(now, false)).String(), w.m.verdict(r); got != want {
			t.Fatalf("a poll of request %d hears %q, in the model %q", i, got, want)
		}
	}
	got := allAtOnce(w.newEvents(t))
	if !slices.Equal(got, allAtOnce(w.m.events)) {
		t.Fatalf("the trail was told\n%v\nand the model\n%v", got, w.m.events)
	}
	w.m.events = nil
}

// allAtOnce: of bindings that end in one transaction none is the first.
func allAtOnce(events []happened) []happened {
	for i, h := range events {
		for j := i; j > 0 && h.kind == audit.DeviceBindingRevoked && events[j-1].kind == h.kind && events[j-1].request > events[j].request; j-- {
			events[j-1], events[j] = events[j], events[j-1]
		}
	}
	return events
}

// endsSound holds what must be true of every trail and every table, whatever happened.
func (w *world) endsSound(t *rapid.T) {
	report, err := w.store.VerifyTrail(w.outer.Context())
	if err != nil || !report.OK() || report.Entries != w.seen {
		t.Fatalf("the trail: %+v, %v, %d entries were seen", report, err, w.seen)
	}
	var twice int64
	w.query(t, &twice, "SELECT count(*) FROM (SELECT 1 FROM bindings GROUP BY device_authorization_id HAVING count(*) > 1) AS twice")
	if twice != 0 {
		t.Fatalf("%d requests have more than one binding", twice)
	}
	var ofStaff int64
	w.query(t, &ofStaff, "SELECT count(*) FROM audit_events WHERE account_id <> '' AND account_id NOT IN (SELECT id FROM accounts)")
	if ofStaff != 0 {
		t.Fatalf("%d events are about a subject that is no account", ofStaff)
	}
	var early int64
	w.query(t, &early, `SELECT count(*) FROM audit_events AS r WHERE r.type = ? AND NOT EXISTS (SELECT 1 FROM audit_events AS a
		WHERE a.type = ? AND a.device_authorization_id = r.device_authorization_id AND a.seq < r.seq)`,
		audit.DeviceBindingRedeemed, audit.DeviceBindingApproved)
	if early != 0 {
		t.Fatalf("%d redemptions come before their approval", early)
	}
}

// wait lets pass what people and phones wait.
func (w *world) wait(t *rapid.T) {
	w.pass(rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, 29 * time.Second, modelInterval, time.Minute,
		5 * time.Minute, 14 * time.Minute, 20 * time.Minute, 6 * time.Hour, 3 * 24 * time.Hour, 6 * 24 * time.Hour}).Draw(t, "length"))
}

// untilDeadline goes to a moment at which something ends: just before, exactly, just after.
func (w *world) untilDeadline(t *rapid.T) {
	deadlines := w.m.deadlines(rapid.IntRange(0, 3).Draw(t, "of sessions") == 3)
	if len(deadlines) == 0 {
		t.Skip("nothing ends")
	}
	end := rapid.SampledFrom(deadlines).Draw(t, "deadline")
	off := rapid.SampledFrom([]time.Duration{0, -time.Millisecond, time.Millisecond}).Draw(t, "off")
	w.pass(max(0, end.Add(off).Sub(w.m.now)))
}

func (w *world) pass(length time.Duration) {
	w.clock.Advance(length)
	w.m.now = w.clock.Now()
}

// restart is a crash between two requests: nothing but the database stays.
func (w *world) restart(t *rapid.T) {
	if err := errors.Join(w.close(), w.open()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) sweep(t *rapid.T) {
	w.step(t, func() error { return w.store.Sweep(w.outer.Context()) }, func() error { return nil })
}

package models_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"

	"github.com/jackc/pgx/v5/pgconn"
)

// RFC 8628 §5.1: while an account's matching is locked nothing is approved for it,
// also not what was matched before; it can be declined, and approved once a supervisor
// has looked. The refusal is on record.
func TestNothingIsApprovedWhileMatchingIsLocked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		wrong := wrongCode(t, v, func(s string) string { return s })
		for range 6 {
			_, _ = env.Match(env.Context, v.other, v.account, wrong)
		}
		before := env.LastEvent(t)
		if err := v.do("approve", v.operator); err != models.ErrMatchingLocked || v.state(t) != models.Proofed {
			t.Errorf("approve: %v, now %s", err, v.state(t))
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
		if err := env.UnlockMatching(env.Context, v.supervisor, v.account, term.UnlockingMistyped); err != nil {
			t.Fatal(err)
		}
		if err := v.do("approve", v.operator); err != nil {
			t.Errorf("approve after the unlock: %v", err)
		}
	})
}

func TestDeclineWhileMatchingIsLocked(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		wrong := wrongCode(t, v, func(s string) string { return s })
		for range 6 {
			_, _ = env.Match(env.Context, v.other, v.account, wrong)
		}
		if err := v.do("decline", v.operator); err != nil {
			t.Errorf("decline: %v", err)
		}
	})
}

// The order in which rows are held (write.go): a match of a request and its approval at
// the same moment wait for each other; and PostgreSQL finds no deadlock, which a retry
// would hide for a second.
func TestMatchAndApprovalDoNotDeadlock(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v, count := newVisit(t, env), deadlocks(t, env)
		for range races {
			v.codes = env.Request(t, v.client, "ada@example.com")
			v.to(t, models.Proofed)
			atOnce(
				func() error { return v.do("approve", v.operator) },
				func() error { return v.do("match", v.operator) },
			)
			if err := env.UnlockMatching(env.Context, v.supervisor, v.account, term.UnlockingMistyped); err != nil { // a spent code is a wrong one
				t.Fatal(err)
			}
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
	})
}

// deadlocks counts the statements that PostgreSQL ended to resolve a deadlock; a write
// that meets one is tried again, so that nobody hears of it.
func deadlocks(t *testing.T, env *modelstest.Env) *atomic.Int32 {
	t.Helper()
	var count atomic.Int32
	models.AfterStatements(env.Database, func(_ string, err error) {
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "40P01" {
			count.Add(1)
		}
	})
	return &count
}

// A request of a client that is deleted or disabled at the same moment is cancelled with
// the others, or refused: none is left waiting.
func TestRequestingWhileTheClientIsDisabled(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		count := deadlocks(t, env)
		for range 2 * races {
			client := env.Client(t)
			request := models.DeviceAuthorizationRequest{Client: client, LoginHint: "ada@example.com", Address: modelstest.Address}
			ask := func() error { _, err := env.RequestDeviceAuthorization(env.Context, request); return err }
			errs := atOnce(ask, func() error { return env.DisableClient(env.Context, client.ID) }, ask)
			if errs[1] != nil {
				t.Fatal(errs[1])
			}
			if waits, err := env.Waits(env.Context, client.ID, "ada@example.com"); err != nil || waits {
				t.Fatalf("a request of a disabled client waits: %t, %v (%v)", waits, err, errs)
			}
			if err := ask(); err != models.ErrClientNotActive {
				t.Fatalf("afterwards: %v", err)
			}
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
	})
}

// docs/architecture.md §4.8: a replay while the account is suspended is a replay all the same.
func TestReplayWhileSuspended(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		if err := v.do("redeem", ""); err != nil {
			t.Fatal(err)
		}
		env.Import(t, models.AccountSuspended, "ada@example.com")
		for _, after := range []time.Duration{0, time.Minute} { // too soon, and an answer that got lost
			env.Clock.Advance(after)
			if err := v.do("redeem", ""); err != models.ErrAccountNotActive {
				t.Errorf("after %s: %v", after, err)
			}
		}
		env.Clock.Advance(time.Hour)
		if err := v.do("redeem", ""); !isConflict(err) {
			t.Errorf("late: %v", err)
		}
	})
}

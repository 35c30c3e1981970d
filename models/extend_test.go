package models_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

func (v *visit) extend(session string) error {
	return v.Extend(v.Context, session, v.codes.DeviceAuthorizationID)
}

func (v *visit) claimUntil(t *testing.T) time.Time {
	t.Helper()
	d, err := v.DeviceAuthorization(v.Context, v.codes.DeviceAuthorizationID)
	if err != nil {
		t.Fatal(err)
	}
	return d.ClaimUntil.Time()
}

// WCAG 2.2.1: who needs more time gets a whole claim's length from now, as often as they
// ask, until an hour after the match; match and proofing stay. Each is on record.
func TestExtend(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		matched := env.Clock.Now()
		before := env.LastEvent(t)
		for _, step := range []struct {
			after time.Duration // the match
			until time.Duration
		}{{14 * time.Minute, 29 * time.Minute}, {28 * time.Minute, 43 * time.Minute}, {42 * time.Minute, 57 * time.Minute},
			{50 * time.Minute, time.Hour}} {
			env.Clock.Advance(matched.Add(step.after).Sub(env.Clock.Now()))
			// Sessions idle out after half an hour without a page.
			models.WriterForTest(env.Database).Exec("UPDATE staff_sessions SET last_seen_at = ?", models.At(env.Clock.Now()))
			if err := v.extend(v.operator); err != nil || !v.claimUntil(t).Equal(matched.Add(step.until)) {
				t.Fatalf("%s after the match: %v, until %s", step.after, err, v.claimUntil(t).Sub(matched))
			}
			if v.state(t) != models.Proofed {
				t.Fatalf("now %s", v.state(t))
			}
		}
		if err := v.extend(v.operator); err != models.ErrClaimLongest || !v.claimUntil(t).Equal(matched.Add(models.LongestClaim)) {
			t.Errorf("beyond an hour: %v, until %s", err, v.claimUntil(t).Sub(matched))
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.ClaimExtended}, 4)) {
			t.Errorf("events %v", got)
		}
		if err := v.do("approve", v.operator); err != nil {
			t.Errorf("approve in the prolonged claim: %v", err)
		}
	})
}

// docs/protocol.md §6 other-session, rogue-operator: only the session that holds a live claim prolongs it, at its
// counter; a claim that is over is not brought back; a refusal is on record.
func TestExtendIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		if err := v.extend(v.operator); !isConflict(err) {
			t.Errorf("nothing is matched: %v", err)
		}
		v.to(t, models.Matched)
		until, again := v.claimUntil(t), env.Operator(t, "op")
		before := env.LastEvent(t)
		for name, session := range map[string]string{"another operator": v.other, "another session": again} {
			if err := v.extend(session); err != models.ErrNotTheClaim {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := v.extend(v.supervisor); err != models.ErrNotAllowed {
			t.Errorf("a supervisor: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DecisionRefused}, 2)) {
			t.Errorf("events %v", got)
		}
		env.Clock.Advance(15 * time.Minute) // exactly at its end it is over
		if err := v.extend(v.operator); !isConflict(err) || !v.claimUntil(t).Equal(until) {
			t.Errorf("over: %v, until %s", err, v.claimUntil(t))
		}
	})
}

// A longer claim than the bound, as configured, is not cut.
func TestExtendOfLongClaims(t *testing.T) {
	v := newVisit(t, modelstest.SQLite(t, models.Policy{ClaimLength: 2 * time.Hour}))
	v.to(t, models.Matched)
	until := v.claimUntil(t)
	v.Clock.Advance(time.Minute)
	if err := v.extend(v.operator); err != models.ErrClaimLongest || !v.claimUntil(t).Equal(until) {
		t.Errorf("%v, until %s", err, v.claimUntil(t))
	}
}

// Of an extension and what ends the claim at the same moment, either comes first, and
// the request is where the end leaves it.
func TestExtendRaces(t *testing.T) {
	for step, after := range map[string]models.State{"release": models.Pending, "approve": models.Approved, "decline": models.Declined} {
		t.Run(step, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v := newVisit(t, env)
				v.to(t, models.Proofed)
				env.Clock.Advance(time.Minute)
				var group sync.WaitGroup
				var extended, ended error
				group.Go(func() { extended = v.extend(v.operator) })
				group.Go(func() { ended = v.do(step, v.operator) })
				group.Wait()
				var conflict *models.StateConflictError
				if ended != nil || extended != nil && !errors.As(extended, &conflict) || v.state(t) != after {
					t.Errorf("extend: %v, %s: %v, now %s", extended, step, ended, v.state(t))
				}
			})
		})
	}
}

package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// atOnce runs the functions at the same moment and returns their errors in order.
func atOnce(functions ...func() error) []error {
	errs := make([]error, len(functions))
	start, done := make(chan struct{}), make(chan int)
	for i, function := range functions {
		go func() {
			<-start
			errs[i] = function()
			done <- i
		}()
	}
	close(start)
	for range functions {
		<-done
	}
	return errs
}

const races = 15 // how often each race is run; what they catch showed in every fourth

// A decision is one, whatever races it: approved and declined at once, or approved twice.
func TestDecisionRaces(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		for i := range races {
			v.codes = env.Request(t, v.client, "ada@example.com")
			v.to(t, models.Proofed)
			before := env.LastEvent(t)
			other := []string{"approve", "decline", "release"}[i%3]
			errs := atOnce(
				func() error { return v.do("approve", v.operator) },
				func() error { return v.do(other, v.operator) },
			)
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("approve and %s: %v", other, errs)
			}
			changes := 0
			for _, event := range env.Events(t, before) {
				if event != audit.DecisionRefused {
					changes++
				}
			}
			if changes != 1 {
				t.Fatalf("events %v", env.Events(t, before))
			}
		}
	})
}

// docs/protocol.md §6 suspended-account at the very moment: no tokens are minted after a suspension or a
// revocation is committed, as the trail tells it.
func TestRedeemRacesRevocation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		for i := range races {
			env.Import(t, models.AccountActive, "ada@example.com")
			v.codes = env.Request(t, v.client, "ada@example.com")
			v.to(t, models.Approved)
			binding, err := env.BindingOf(env.Context, v.codes.DeviceAuthorizationID)
			if err != nil {
				t.Fatal(err)
			}
			before := env.LastEvent(t)
			stop := func() error { return env.RevokeBinding(env.Context, v.supervisor, binding.ID, "other") }
			if i%2 == 1 {
				stop = func() error { env.Import(t, models.AccountSuspended, "ada@example.com"); return nil }
			}
			if errs := atOnce(func() error { return v.do("redeem", "") }, stop); errs[1] != nil {
				t.Fatal(errs[1])
			}
			stopped := false
			for _, event := range env.Events(t, before) {
				stopped = stopped || event == audit.DeviceBindingRevoked || event == audit.AccountChanged
				if stopped && event == audit.DeviceBindingRedeemed {
					t.Fatalf("redeemed after it was stopped: %v", env.Events(t, before))
				}
			}
		}
	})
}

// docs/architecture.md §4.8: either the first answer's refresh token was used, or the answer is
// given again and the first one's tokens are dead. Never both.
func TestRefreshRacesReissue(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		for range races {
			v.codes = env.Request(t, v.client, "ada@example.com")
			v.signIn(t)
			v.to(t, models.Approved)
			first, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
			if err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(time.Minute)
			errs := atOnce(
				func() error { _, err := env.Refresh(env.Context, refreshment(v, first)); return err },
				func() error { return v.do("redeem", "") },
			)
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("refresh and reissue: %v", errs)
			}
		}
	})
}

// What is single use is single use at the same moment too, and an end is an end once.
func TestStaffRaces(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for i := range races {
			who := identity(env)
			who.Subject += string(rune('a' + i))
			start := func(signIn models.SignIn) func() error {
				return func() error {
					_, err := env.StartSession(env.Context, signIn, who, "", modelstest.Address)
					return err
				}
			}
			if errs := atOnce(start(env.SignInBegun(t)), start(env.SignInBegun(t)), start(env.SignInBegun(t))); errors.Join(errs...) != nil {
				t.Fatalf("three first sign-ins: %v", errs)
			}
			once := env.SignInBegun(t)
			if errs := atOnce(start(once), start(once)); (errs[0] == nil) == (errs[1] == nil) ||
				!errors.Is(errors.Join(errs...), models.ErrSignInExpired) {
				t.Fatalf("one sign-in twice: %v", errs)
			}
			session := env.SignIn(t, "leaving", []models.Role{models.Operator})
			before := env.LastEvent(t)
			end := func() error { return env.EndSession(env.Context, session) }
			if errs := atOnce(end, end, end); errors.Join(errs...) != nil || len(env.Events(t, before)) != 1 {
				t.Fatalf("ended three times: %v, %v", errs, env.Events(t, before))
			}
		}
	})
}

// docs/protocol.md §6 window-over: the deadline passes while the approval waits for its turn to write.
func TestDeadlinePassesWhileWaiting(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	env.Clock.Advance(7*24*time.Hour - time.Minute)
	v.signIn(t)
	v.to(t, models.Proofed)
	writer := models.WriterForTest(env.Database).Begin() // somebody else writes
	waiting := make(chan error, 1)
	go func() { waiting <- v.do("approve", v.operator) }()
	env.Clock.Advance(2 * time.Minute)
	if err := writer.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	var conflict *models.StateConflictError
	if err := <-waiting; !errors.As(err, &conflict) || conflict.Phase != models.Expired {
		t.Errorf("approve: %v, want expired", err)
	}
}

// docs/architecture.md §4.2: lengths outside their bounds stop the start.
func TestPolicyBounds(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	for _, policy := range []models.Policy{
		{PendingWindow: 8 * 24 * time.Hour}, {RedemptionWindow: 8 * 24 * time.Hour},
		{Interval: 500 * time.Millisecond}, {Interval: 1500 * time.Millisecond},
	} {
		wrong := config(env, modelstest.MasterKey())
		wrong.Policy = policy
		if _, err := models.Open(env.Context, env.Database, wrong); err == nil {
			t.Errorf("opened with %+v", policy)
		}
	}
}

package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
)

// A request is matched while another one of its network is declined as suspicious: either the match came first and the
// request is spared, or the code is a spent one. No operator holds a claim of what a rule has ended.
func TestSuspicionRacesAMatch(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		count := deadlocks(t, env)
		for range races {
			v.signIn(t)
			v.codes = from(t, env, v.client, "ada@example.com", modelstest.Address)
			stranger := from(t, env, env.Client(t), "ada@example.com", modelstest.Address)
			errs := atOnce(func() error { return v.do("match", v.operator) }, v.suspicious(v.other, stranger))
			if errs[1] != nil {
				t.Fatal(errs[1])
			}
			got, want := v.state(t), models.Matched
			if errs[0] != nil {
				want = models.Declined
			}
			if got != want {
				t.Fatalf("the match said %v, and the request is %s", errs[0], got)
			}
			if errs[0] == nil {
				if err := v.do("release", v.operator); err != nil {
					t.Fatalf("what was spared: %v", err)
				}
			}
			env.Clock.Advance(time.Hour) // wrong codes of an operator are counted for so long
			err := env.UnlockMatching(env.Context, v.supervisor, v.account, term.Unlockings()[0])
			if err != nil && !errors.Is(err, models.ErrSessionEnded) {
				t.Fatal(err)
			}
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
	})
}

// A client is disabled while a request of it is approved, or an approval is redeemed: whoever comes first, afterwards nothing
// of it lives, also when the client is enabled again.
func TestClientEndRacesApprovalAndRedemption(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		count := deadlocks(t, env)
		for i := range 2 * races {
			v.client = env.Client(t)
			v.codes = env.Request(t, v.client, "ada@example.com")
			state, step := models.Proofed, "approve"
			if i%2 == 1 {
				state, step = models.Approved, "redeem"
			}
			v.to(t, state)
			errs := atOnce(func() error { return v.do(step, v.operator) }, v.disabled)
			if errs[1] != nil {
				t.Fatal(errs[1])
			}
			if err := env.EnableClient(env.Context, v.client.ID); err != nil {
				t.Fatal(err)
			}
			want := models.Declined
			if step == "redeem" && errs[0] == nil {
				want = models.Redeemed
			}
			if got := v.state(t); got != want {
				t.Fatalf("%s said %v, and the request is %s", step, errs[0], got)
			}
			binding, err := env.BindingOf(env.Context, v.codes.DeviceAuthorizationID)
			if err == nil {
				_, err = env.LiveBinding(env.Context, binding.ID)
			}
			if !errors.Is(err, models.ErrBindingRevoked) && !errors.Is(err, models.ErrNotFound) {
				t.Fatalf("%s said %v, and the binding %v", step, errs[0], err)
			}
		}
		if got := count.Load(); got != 0 {
			t.Errorf("%d deadlocks", got)
		}
	})
}

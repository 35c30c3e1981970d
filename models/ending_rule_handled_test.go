package models_test

import (
	"errors"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// A session was handling the request when its client was disabled. A later rule of its account spares what sessions handle,
// and that is none of it: also once the client is enabled again, the request stays declined.
func TestWhatARuleEndedIsNotSparedByTheNext(t *testing.T) {
	next := map[string]func(t *testing.T, v *visit){
		"another request of its network, declined as suspicious": rules["the same network, declined as suspicious"],
		"all that waits for the account":                         rules["all that waits for the account"],
	}
	for name, end := range next {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v := newVisit(t, env)
				v.to(t, models.Proofed)
				rules["the client is disabled, and enabled again"](t, v)
				end(t, v)
				if got := phases(t, env, []models.IssuedCodes{v.codes}); got[0] != "declined" {
					t.Errorf("it is %s", got[0])
				}
				polled, err := v.Poll(v.Context, v.client.ID, v.codes.DeviceCode)
				if verdict := oauth.Verdict(polled.PollQuestion(models.At(v.Clock.Now()), false)); err != nil || verdict.String() != "denied" {
					t.Errorf("the phone hears %s, %v", verdict, err)
				}
			})
		})
	}
}

// A visit whose request a rule has ended opens no record and names no device any more.
func TestVisitThatARuleEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		device := env.Approve(t, v.other, v.account, from(t, env, env.Client(t), "ada@example.com", modelstest.Address)).Binding.ID
		v.to(t, models.Matched)
		may := func() bool {
			t.Helper()
			may, err := env.MayRead(env.Context, v.operator, v.account)
			if err != nil {
				t.Fatal(err)
			}
			return may
		}
		if err := env.RelabelBinding(env.Context, v.operator, device, "Old phone"); err != nil || !may() {
			t.Fatalf("before: %v, the record is open: %v", err, may())
		}
		if err := v.disabled(); err != nil {
			t.Fatal(err)
		}
		if err := env.RelabelBinding(env.Context, v.operator, device, "x"); !errors.Is(err, models.ErrNotAllowed) {
			t.Errorf("the device's name: %v", err)
		}
		if may() {
			t.Error("the record is still open")
		}
	})
}

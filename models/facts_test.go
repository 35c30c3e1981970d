package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// What speaks against a request is found on both databases: other requests of the
// account, other accounts of the same client, address and document, each counted once.
func TestFraudFacts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		checkFacts(t, v, models.FraudFacts{})

		declined, second := env.Client(t), env.Client(t)
		suspicious := env.Request(t, declined, "ada@example.com")
		if err := env.Decline(env.Context, v.other, suspicious.DeviceAuthorizationID, "suspicious"); err != nil {
			t.Fatal(err)
		}
		env.Request(t, second, "ada@example.com")
		bob := env.Account(t, "bob@example.com")
		codes := env.Request(t, v.client, "bob@example.com")
		env.Request(t, v.client, "bob@example.com")
		env.Request(t, v.client, "nobody@example.com")
		env.Approve(t, v.other, bob, codes)
		checkFacts(t, v, models.FraudFacts{
			OtherPending: 1, Declined: 1, Suspicious: 1, ClientAccounts: 1, ClientUnknown: 1, AddressAccounts: 1, DocumentAccounts: 1,
		})
		env.Clock.Advance(15 * 24 * time.Hour) // lately is over
		checkFacts(t, v, models.FraudFacts{ClientAccounts: 1, ClientUnknown: 1, DocumentAccounts: 1})
	})
}

func checkFacts(t *testing.T, v *visit, want models.FraudFacts) {
	t.Helper()
	d, err := v.DeviceAuthorization(v.Context, v.codes.DeviceAuthorizationID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := v.FraudFacts(v.Context, d); err != nil || got != want {
		t.Errorf("facts %+v, %v, want %+v", got, err, want)
	}
}

// A document that differs can be recorded and declined on, never approved on.
func TestApproveOnADifferingDocument(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, spoil := range []func(*models.DocumentCheck){
			func(c *models.DocumentCheck) { c.NameResult = models.Differs },
			func(c *models.DocumentCheck) { c.BirthDateResult = models.Differs },
		} {
			v := newVisit(t, env)
			v.to(t, models.Matched)
			card := modelstest.Card()
			spoil(&card)
			if err := env.Proof(env.Context, v.operator, v.codes.DeviceAuthorizationID, card); err != nil {
				t.Fatal(err)
			}
			if err := v.do("approve", v.operator); !errors.Is(err, models.ErrDetailsDiffer) || v.state(t) != models.Proofed {
				t.Errorf("approve: %v, %s", err, v.state(t))
			}
			if err := v.do("decline", v.operator); err != nil {
				t.Errorf("decline: %v", err)
			}
		}
	})
}

func TestOwnAccountOfNobody(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Operator(t, "op", "ada@example.com")
		if _, err := env.OwnAccount(env.Context, "nobody", "nothing"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
		if _, err := env.Binding(env.Context, "nothing"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
	})
}

// Who starts again after their app has forgotten its key is not suspected for it: nobody
// declined anything. What a supervisor took back counts, and so does the holder's own
// word, also about a device that was connected (RFC 10027, detect and remediate).
func TestFraudFactsOfWhatEndedOtherwise(t *testing.T) {
	telling(t, func(t *testing.T, v *visit) {
		env, gone, recalled := v.Env, v.Client(t), v.Client(t)
		env.Request(t, gone, "ada@example.com")
		if err := env.DisableClient(env.Context, gone.ID); err != nil {
			t.Fatal(err)
		}
		checkFacts(t, v, models.FraudFacts{})

		codes := env.Request(t, recalled, "ada@example.com")
		env.Approve(t, v.other, v.account, codes)
		if err := env.Recall(env.Context, v.supervisor, codes.DeviceAuthorizationID, "operator_error"); err != nil {
			t.Fatal(err)
		}
		checkFacts(t, v, models.FraudFacts{Declined: 1})

		connected := newVisitFor(t, v)
		connected.to(t, models.Redeemed)
		for _, notice := range v.told(t) {
			if id := notice.DeviceAuthorizationID; id == nil || *id != connected.codes.DeviceAuthorizationID || notice.Link == "" {
				continue
			}
			if _, err := env.Repudiate(env.Context, notice.Link, modelstest.Address); err != nil {
				t.Fatal(err)
			}
		}
		checkFacts(t, v, models.FraudFacts{Declined: 1, Repudiated: 1})
	})
}

// RFC 10027: whether it is usual for an app's devices to prove their key is what the newest
// that did say; an app that names no software is no app.
func TestFraudFactsOfUsualProofs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		p := newProvable(t, env)
		if err := p.matchWith(p.operator, p.proof(t)); err != nil {
			t.Fatal(err)
		}
		facts := func(software string) models.FraudFacts {
			client, _ := env.ClientOf(t, software)
			codes := env.Request(t, client, "ada@example.com")
			d, err := env.DeviceAuthorization(env.Context, codes.DeviceAuthorizationID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := env.FraudFacts(env.Context, d)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		for software, want := range map[string]int{"test-app": 1, "other-app": 0} {
			if got := facts(software).AppProves; got != want {
				t.Errorf("%s: %d, want %d", software, got, want)
			}
		}
		env.Clock.Advance(15 * 24 * time.Hour)
		if got := facts("test-app").AppProves; got != 0 {
			t.Errorf("when lately is over: %d", got)
		}
	})
}

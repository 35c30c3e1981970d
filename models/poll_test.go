package models_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// A poll of a request that waits is one statement, with all that Client and Poll would tell.
func TestWaitingPoll(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		var asked []string
		env.Watch(func(sql string, _ []any) { asked = append(asked, sql) })
		for _, state := range []models.State{models.Pending, models.Matched, models.Proofed, models.Approved} {
			v := newVisit(t, env)
			v.to(t, state)
			asked = nil
			got, err := env.WaitingPoll(env.Context, v.client.ID, v.codes.DeviceCode)
			if len(asked) != 1 || !strings.HasPrefix(asked[0], "SELECT ") {
				t.Errorf("%s: asks %q", state, asked)
			}
			client, known := env.Store.Client(env.Context, v.client.ID)
			whole, polled := env.Poll(env.Context, v.client.ID, v.codes.DeviceCode)
			if err := errors.Join(err, known, polled); err != nil {
				t.Fatal(err)
			}
			want := models.WaitingPoll{
				Client: models.Client{ID: client.ID, Status: client.Status, GrantTypes: client.GrantTypes, JWK: client.JWK},
				Request: models.DeviceAuthorization{ID: whole.ID, ClientID: whole.ClientID, State: state, JWKThumbprint: whole.JWKThumbprint,
					Resources: whole.Resources, PollInterval: whole.PollInterval, PendingUntil: whole.PendingUntil, RedeemUntil: whole.RedeemUntil},
			}
			if got != want {
				t.Errorf("%s: got %+v, want %+v", state, got, want)
			}
		}
	})
}

// Whatever else a poll is about is not found so, and is looked at closely.
func TestWaitingPollFindsNothingElse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for name, change := range map[string]func(t *testing.T, v *visit){
			"another client's code": func(t *testing.T, v *visit) { v.client = env.Client(t) },
			"no code":               func(_ *testing.T, v *visit) { v.codes.DeviceCode = "" },
			"approved, and nobody came": func(t *testing.T, v *visit) {
				v.to(t, models.Approved)
				v.Clock.Advance(models.DefaultPolicy().RedemptionWindow)
			},
			"redeemed": func(t *testing.T, v *visit) { v.to(t, models.Redeemed) },
			"declined": func(t *testing.T, v *visit) { v.to(t, models.Declined) },
			"the client is disabled": func(t *testing.T, v *visit) {
				if err := v.DisableClient(v.Context, v.client.ID); err != nil {
					t.Fatal(err)
				}
			},
			"a rule of the account ended it": func(t *testing.T, v *visit) {
				if _, err := v.EndWaiting(v.Context, v.supervisor, v.account); err != nil {
					t.Fatal(err)
				}
			},
			"a rule of the client ended it": func(t *testing.T, v *visit) {
				rule := models.EndingRule{ID: "of the client", Seq: 1 << 40, ClientID: v.client.ID, Reason: "client disabled",
					MadeAt: models.At(v.Clock.Now())}
				if err := models.WriterForTest(v.Database).Create(&rule).Error; err != nil {
					t.Fatal(err)
				}
			},
			"expired": func(_ *testing.T, v *visit) { v.Clock.Advance(models.DefaultPolicy().PendingWindow) },
		} {
			v := newVisit(t, env)
			change(t, v)
			if got, err := env.WaitingPoll(env.Context, v.client.ID, v.codes.DeviceCode); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
}

// A client whose keys lie at its own address is not found so either: its key may be another one by now.
func TestWaitingPollOfFetchedKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		registration := modelstest.Registration(key)
		registration.Metadata.JWKSURI, registration.KeyAsked = "https://app.example/jwks", env.Clock.Now()
		client, err := env.RegisterClient(env.Context, registration)
		if err != nil {
			t.Fatal(err)
		}
		codes := env.Request(t, client.Client, "ada@example.com")
		if got, err := env.WaitingPoll(env.Context, client.ID, codes.DeviceCode); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// It ends on the moment at which the request expires, not later.
func TestWaitingPollUntilTheLastMoment(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.Clock.Advance(models.DefaultPolicy().PendingWindow - time.Millisecond)
		if _, err := env.WaitingPoll(env.Context, v.client.ID, v.codes.DeviceCode); err != nil {
			t.Error(err)
		}
	})
}

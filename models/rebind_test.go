package models_test

import (
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"

	"github.com/go-jose/go-jose/v4"
)

// RFC 7592 §2.2, RFC 9449 §5: a client that replaced its registered key, by
// itself or at its jwks_uri, moves its refresh token to the new one by using it; the old
// key is then as wrong as any.
func TestRefreshTokenMovesToTheReplacedKey(t *testing.T) {
	for name, replace := range map[string]func(*modelstest.Env, models.RegisteredClient, jose.JSONWebKeySet) (models.Client, error){
		"replaced by the client": func(env *modelstest.Env, client models.RegisteredClient, set jose.JSONWebKeySet) (models.Client, error) {
			registration := modelstest.Registration(newKey(t))
			registration.Metadata.JWKS = &set
			return env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, registration)
		},
		"rotated at jwks_uri": func(env *modelstest.Env, client models.RegisteredClient, set jose.JSONWebKeySet) (models.Client, error) {
			return env.RotateClientKey(env.Context, client.ID, set, env.Clock.Now(), models.Stranger{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				registration := modelstest.Registration(newKey(t))
				registration.Metadata.JWKSURI = "https://app.example/jwks"
				client, err := env.RegisterClient(env.Context, registration)
				if err != nil {
					t.Fatal(err)
				}
				tokens := redeemed(t, env, client.Client)
				env.Clock.Advance(time.Hour)
				fresh, err := replace(env, client, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: newKey(t).Public()}}})
				if err != nil {
					t.Fatal(err)
				}
				before := env.LastEvent(t)
				refresh := func(thumbprint string) error {
					_, err := env.Refresh(env.Context, models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken,
						Thumbprint: thumbprint, Audience: modelstest.Issuer + "/api"})
					return err
				}
				for range 2 {
					if err := refresh(fresh.JWKThumbprint); err != nil {
						t.Fatalf("by the new key: %v", err)
					}
				}
				if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.RefreshTokenRebound}) {
					t.Errorf("events %v", got)
				}
				if err := refresh(modelstest.Thumbprint); err != models.ErrWrongKey {
					t.Errorf("by the old key: %v", err)
				}
				if _, err := env.LiveBinding(env.Context, tokens.BindingID); err != models.ErrBindingRevoked {
					t.Errorf("the binding: %v", err)
				}
			})
		})
	}
}

// redeemed takes a client through a visit.
func redeemed(t *testing.T, env *modelstest.Env, client models.Client) models.Tokens {
	t.Helper()
	v := newVisit(t, env)
	v.client, v.codes = client, env.Request(t, client, "ada@example.com")
	v.to(t, models.Approved)
	tokens, err := env.Redeem(env.Context, modelstest.Redemption(client, v.codes))
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// A client that keeps another key for DPoP and has replaced nothing is held to that key:
// its registered one is a wrong one.
func TestRegisteredKeyAloneMovesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client := env.Client(t)
		env.Clock.Advance(time.Hour)
		tokens := redeemed(t, env, client)
		_, err := env.Refresh(env.Context, models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken,
			Thumbprint: client.JWKThumbprint, Audience: modelstest.Issuer + "/api"})
		if err != models.ErrWrongKey {
			t.Errorf("by the registered key: %v", err)
		}
		isAlert(t, env, audit.WrongKeyUsed)
	})
}

// RFC 9449 §5, docs/architecture.md §4.7: a registration that changes and keeps its key, by
// the client or at its jwks_uri under another kid, lets the registered key move nothing.
func TestSameKeyAnewMovesNothing(t *testing.T) {
	for name, renew := range map[string]func(*modelstest.Env, models.RegisteredClient, models.Registration,
		jose.JSONWebKeySet) (models.Client, error){
		"a new name": func(env *modelstest.Env, client models.RegisteredClient, again models.Registration,
			_ jose.JSONWebKeySet) (models.Client, error) {
			again.Metadata.ClientName, again.KeyAsked = "Another name", env.Clock.Now()
			return env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, again)
		},
		"a new kid in the registration": func(env *modelstest.Env, client models.RegisteredClient, again models.Registration,
			set jose.JSONWebKeySet) (models.Client, error) {
			again.Metadata.JWKS, again.KeyAsked = &set, env.Clock.Now()
			return env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, again)
		},
		"a new kid at jwks_uri": func(env *modelstest.Env, client models.RegisteredClient, _ models.Registration,
			set jose.JSONWebKeySet) (models.Client, error) {
			return env.RotateClientKey(env.Context, client.ID, set, env.Clock.Now(), models.Stranger{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				key := newKey(t)
				registration := modelstest.Registration(key)
				registration.Metadata.JWKSURI, registration.KeyAsked = "https://app.example/jwks", env.Clock.Now()
				client, err := env.RegisterClient(env.Context, registration)
				if err != nil {
					t.Fatal(err)
				}
				tokens := redeemed(t, env, client.Client)
				env.Clock.Advance(time.Hour)
				set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "renamed"}}}
				renewed, err := renew(env, client, registration, set)
				if err != nil || renewed.JWKThumbprint != client.JWKThumbprint || renewed.JWK == client.JWK && renewed.ClientName == client.ClientName {
					t.Fatalf("renewed to %+v, %v", renewed, err)
				}
				_, err = env.Refresh(env.Context, models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken,
					Thumbprint: client.JWKThumbprint, Audience: modelstest.Issuer + "/api"})
				if err != models.ErrWrongKey {
					t.Errorf("by the registered key: %v", err)
				}
				isAlert(t, env, audit.WrongKeyUsed)
			})
		})
	}
}

// The key changed, and the registration then once more without it: the change still counts.
func TestKeyChangeOutlivesARename(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client, err := env.RegisterClient(env.Context, modelstest.Registration(newKey(t)))
		if err != nil {
			t.Fatal(err)
		}
		tokens := redeemed(t, env, client.Client)
		again := modelstest.Registration(newKey(t))
		var fresh models.Client
		for _, name := range []string{"One name", "Another name"} {
			env.Clock.Advance(time.Hour)
			again.Metadata.ClientName = name
			if fresh, err = env.ReplaceClient(env.Context, client.ID, client.RegistrationToken, again); err != nil {
				t.Fatal(err)
			}
		}
		if _, err = env.Refresh(env.Context, models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken,
			Thumbprint: fresh.JWKThumbprint, Audience: modelstest.Issuer + "/api"}); err != nil {
			t.Errorf("by the new key: %v", err)
		}
	})
}

// A wrong key is one while the account is suspended too, or the tokens would live again
// with the account.
func TestWrongKeyWhileSuspended(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		client := env.Client(t)
		tokens := redeemed(t, env, client)
		env.Import(t, models.AccountSuspended, "ada@example.com")
		_, err := env.Refresh(env.Context, models.Refreshment{ClientID: client.ID, RefreshToken: tokens.RefreshToken,
			Thumbprint: "9" + modelstest.Thumbprint[1:]})
		if err != models.ErrWrongKey {
			t.Errorf("another key: %v", err)
		}
		env.Import(t, models.AccountActive, "ada@example.com")
		if _, err := env.LiveBinding(env.Context, tokens.BindingID); err != models.ErrBindingRevoked {
			t.Errorf("the binding afterwards: %v", err)
		}
	})
}

// A client that is not active gets nothing, however its binding came to be left.
func TestNoTokensOfAClientThatIsNotActive(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		err := models.WriterForTest(env.Database).Exec("UPDATE clients SET status = 'disabled' WHERE id = ?", v.client.ID).Error
		if err != nil {
			t.Fatal(err)
		}
		if err := v.do("redeem", ""); err != models.ErrClientNotActive {
			t.Errorf("redeem: %v", err)
		}
	})
}

// Several processes have clocks of their own: what one of them has swept another would
// still take. What an answer's access token may live is the longest of all processes.
func TestSweepComesLate(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		request := models.DeviceAuthorizationRequest{Client: env.Client(t), LoginHint: "ada@example.com", Address: modelstest.Address,
			Proofs: []models.UsedProof{{Kind: "assertion", Owner: "c", ID: "jti", Until: env.Clock.Now().Add(time.Minute)}}}
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(2 * time.Minute) // of a process whose clock is ahead
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != models.ErrReplayed {
			t.Errorf("after the sweep: %v", err)
		}
	})
}

func TestAnswerTakenBackStaysDead(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		first, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		if err := v.do("redeem", ""); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(models.LongestAccessToken - 2*time.Minute) // it was signed for an hour, elsewhere
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		var dead int64
		if err := env.Reader().Raw("SELECT count(*) FROM revoked_access_tokens WHERE jti = ?",
			readToken(first.AccessToken).ID).Scan(&dead).Error; err != nil || dead != 1 {
			t.Errorf("%d revocations of the first answer's access token, %v", dead, err)
		}
	})
}

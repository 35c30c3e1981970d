package models_test

import (
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

func refreshment(v *visit, tokens models.Tokens) models.Refreshment {
	return models.Refreshment{ClientID: v.client.ID, RefreshToken: tokens.RefreshToken,
		Thumbprint: modelstest.Thumbprint, Audience: modelstest.Issuer + "/api"}
}

// docs/protocol.md §6 missing-lifetime, RFC 9700: lifetimes that were not configured are the defaults, and a
// refresh token ends by idleness and absolutely.
func TestRefreshTokenEnds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil || tokens.ExpiresIn != 10*time.Minute {
			t.Fatalf("expires_in %v, %v", tokens.ExpiresIn, err)
		}
		began, idle := env.Clock.Now(), models.DefaultPolicy().RefreshTokenIdle
		for env.Clock.Now().Add(idle).Before(began.Add(models.DefaultPolicy().RefreshTokenLifetime)) {
			env.Clock.Advance(idle - time.Second)
			if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != nil {
				t.Fatalf("within the idle time: %v", err)
			}
		}
		env.Clock.Set(began.Add(models.DefaultPolicy().RefreshTokenLifetime))
		if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != models.ErrUnknownToken {
			t.Errorf("past the absolute end: %v", err)
		}
	})
}

// RFC 9700: not used for the idle time, the refresh token is over.
func TestRefreshTokenIdle(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(models.DefaultPolicy().RefreshTokenIdle)
		if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != models.ErrUnknownToken {
			t.Errorf("after the idle time: %v", err)
		}
	})
}

// RFC 6749 §6: a refresh never asks for more than was granted.
func TestRefreshScope(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Approved)
	tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
	if err != nil {
		t.Fatal(err)
	}
	request := refreshment(v, tokens)
	request.Scope = oauth.Scope{"account.read", "account.write"}
	var refusal *oauth.Error
	if _, err := env.Refresh(env.Context, request); !asError(err, &refusal) || refusal.Code != oauth.ErrInvalidScope {
		t.Errorf("more than granted: %v", err)
	}
}

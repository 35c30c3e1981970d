package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// Attacks row 1: client B has A's device code. It is told nothing but that the code is
// unknown, and A still redeems.
func TestAnotherClientsCode(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		stranger := env.Client(t)
		if _, err := env.Redeem(env.Context, modelstest.Redemption(stranger, v.codes)); err != models.ErrUnknownDeviceCode {
			t.Errorf("redeem: %v", err)
		}
		if _, err := env.Poll(env.Context, stranger.ID, v.codes.DeviceCode); err != models.ErrUnknownDeviceCode {
			t.Errorf("poll: %v", err)
		}
		if err := v.do("redeem", ""); err != nil {
			t.Errorf("the owner: %v", err)
		}
	})
}

// RFC 9449 and draft-parecki-oauth-dpop-device-flow: the code is bound to the key that
// asked for it.
func TestAnotherKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		redemption := modelstest.Redemption(v.client, v.codes)
		redemption.Thumbprint = strings.Repeat("x", 43)
		if _, err := env.Redeem(env.Context, redemption); err != models.ErrWrongKey {
			t.Errorf("redeem: %v", err)
		}
	})
}

// Attacks row 2: approved, then the account is suspended or locked, also for a while,
// then redeemed. No tokens; and none for a refresh or an API call afterwards.
func TestAccountNotActive(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, status := range []string{models.AccountSuspended, models.AccountLocked, models.AccountClosed} {
			v := &visit{Env: env, client: env.Client(t), account: env.Account(t, status+"@example.com")}
			v.codes = env.Request(t, v.client, status+"@example.com")
			v.signIn(t)
			v.to(t, models.Approved)
			env.Import(t, status, status+"@example.com")
			if err := v.do("redeem", ""); err != models.ErrAccountNotActive {
				t.Errorf("%s: redeem: %v", status, err)
			}
			env.Import(t, models.AccountActive, status+"@example.com")
			tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
			if err != nil {
				t.Errorf("%s and back: redeem: %v", status, err)
			}
			env.Import(t, status, status+"@example.com")
			if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != models.ErrAccountNotActive {
				t.Errorf("%s: refresh: %v", status, err)
			}
			if _, err := env.CheckAccessToken(env.Context, oauth.AccessToken{ID: "x", BindingID: tokens.BindingID}); err != models.ErrAccountNotActive {
				t.Errorf("%s: API call: %v", status, err)
			}
		}
	})
}

// A suspended account is not approved either.
func TestApproveSuspendedAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Proofed)
		env.Import(t, models.AccountSuspended, "ada@example.com")
		before := env.LastEvent(t)
		if err := v.do("approve", v.operator); err != models.ErrAccountNotActive || v.state(t) != models.Proofed {
			t.Errorf("approve: %v", err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.DecisionRefused}) {
			t.Errorf("events %v", got)
		}
	})
}

func refreshment(v *visit, tokens models.Tokens) models.Refreshment {
	return models.Refreshment{ClientID: v.client.ID, RefreshToken: tokens.RefreshToken,
		Thumbprint: modelstest.Thumbprint, Audience: modelstest.Issuer + "/api"}
}

// Design section 4.8, attacks row 15: the answer got lost. The same key gets the same
// binding again, the first answer's tokens are dead; a different key and a late try do
// not.
func TestLostAnswer(t *testing.T) {
	const interval = 30 * time.Second
	tests := []struct {
		name  string
		after time.Duration
		use   bool
		want  error
	}{
		{"at once", 0, false, models.ErrTooSoon},
		{"before the interval", interval - time.Second, false, models.ErrTooSoon},
		{"after the interval", interval, false, nil},
		{"at the last second", 10*time.Minute - time.Second, false, nil},
		{"too late", 10 * time.Minute, false, errConflict},
		{"after a token was used", interval, true, errConflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				v := newVisit(t, env)
				v.to(t, models.Approved)
				first, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
				if err != nil {
					t.Fatal(err)
				}
				if test.use {
					if _, err := env.CheckAccessToken(env.Context, oauth.AccessToken{ID: "first", BindingID: first.BindingID}); err != nil {
						t.Fatal(err)
					}
				}
				env.Clock.Advance(test.after)
				second, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
				checkSecondAnswer(t, v, first, second, err, test.want)
			})
		})
	}
}

var errConflict = errors.New("a state conflict")

func checkSecondAnswer(t *testing.T, v *visit, first, second models.Tokens, err, want error) {
	t.Helper()
	switch {
	case want == errConflict:
		if !isConflict(err) {
			t.Fatalf("second answer: %v, want %v", err, want)
		}
		return
	case err != want:
		t.Fatalf("second answer: %v, want %v", err, want)
	case err != nil:
		return
	}
	if second.BindingID != first.BindingID || second.RefreshToken == first.RefreshToken {
		t.Error("not the same binding with new tokens")
	}
	if _, err := v.Refresh(v.Context, refreshment(v, first)); err != models.ErrUnknownToken {
		t.Errorf("the first answer's refresh token: %v", err)
	}
	var revoked int64
	v.Reader().Raw("SELECT count(*) FROM revoked_access_tokens").Scan(&revoked)
	if revoked != 1 {
		t.Error("the first answer's access token still stands")
	}
	if _, err := v.Refresh(v.Context, refreshment(v, second)); err != nil {
		t.Errorf("the second answer's refresh token: %v", err)
	}
}

// Design section 4.8: a late replay revokes, once, and leaves an alert in the trail.
func TestLateReplayRevokes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Hour)
		d, err := env.Poll(env.Context, v.client.ID, v.codes.DeviceCode)
		if err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		for range 2 { // the second finds nothing left to end, and raises no further alert
			if err := env.ReplayedRedemption(env.Context, d, modelstest.Address, nil); err != nil {
				t.Fatal(err)
			}
		}
		want := []audit.Type{audit.RedemptionReplayed, audit.DeviceBindingRevoked}
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != models.ErrBindingRevoked {
			t.Errorf("refresh: %v", err)
		}
	})
}

// Attacks row 14: neither codes nor tokens are anywhere in the database in clear.
func TestNothingInClear(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		secrets := map[string]string{
			"device code": v.codes.DeviceCode, "refresh token": tokens.RefreshToken, "access token": tokens.AccessToken,
			"user code": v.codes.UserCode.Display(), "user code's letters": strings.ReplaceAll(v.codes.UserCode.Display(), "-", ""),
			"card number": modelstest.Card().Number,
		}
		for name, secret := range secrets {
			if where := findInDatabase(t, env, secret); where != "" {
				t.Errorf("the %s is in %s", name, where)
			}
		}
		if findInDatabase(t, env, "My phone") == "" {
			t.Error("the search finds nothing at all")
		}
	})
}

// Attacks row 21: two phones on one account have a life of their own.
func TestTwoPhones(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		one := newVisit(t, env)
		one.to(t, models.Approved)
		two := *one
		two.client = env.Client(t)
		two.codes = env.Request(t, two.client, "ada@example.com")
		two.to(t, models.Approved)
		tokensOne, err1 := env.Redeem(env.Context, modelstest.Redemption(one.client, one.codes))
		tokensTwo, err2 := env.Redeem(env.Context, modelstest.Redemption(two.client, two.codes))
		if err1 != nil || err2 != nil || tokensOne.BindingID == tokensTwo.BindingID {
			t.Fatalf("redeem: %v, %v", err1, err2)
		}
		if err := env.RevokeRefreshToken(env.Context, one.client.ID, tokensOne.RefreshToken, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Refresh(env.Context, refreshment(one, tokensOne)); err != models.ErrBindingRevoked {
			t.Errorf("the revoked phone: %v", err)
		}
		if _, err := env.Refresh(env.Context, refreshment(&two, tokensTwo)); err != nil {
			t.Errorf("the other phone: %v", err)
		}
		if err := env.RevokeRefreshToken(env.Context, one.client.ID, tokensTwo.RefreshToken, nil); err != models.ErrForeignToken {
			t.Errorf("another client's token: %v", err)
		}
	})
}

// Attacks row 20, RFC 9700: lifetimes that were not configured are the defaults, and a
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

// RFC 6749 section 6: a refresh never asks for more than was granted.
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

// Design section 4.5: an assertion that changes state is used once, across processes.
func TestAssertionIsUsedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Account(t, "ada@example.com")
		request := models.DeviceAuthorizationRequest{Client: env.Client(t), LoginHint: "ada@example.com", Address: modelstest.Address,
			Proofs: []models.UsedProof{{Kind: "assertion", Owner: "c", ID: "jti", Until: env.Clock.Now().Add(time.Minute)}}}
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != nil {
			t.Fatal(err)
		}
		before := env.LastEvent(t)
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != models.ErrReplayed {
			t.Errorf("again: %v", err)
		}
		request.Proofs[0].Kind = "dpop"
		request.Proofs = append(request.Proofs, request.Proofs[0])
		if _, err := env.RequestDeviceAuthorization(env.Context, request); err != models.ErrReplayedProof {
			t.Errorf("a DPoP proof twice: %v", err)
		}
		if env.LastEvent(t) != before {
			t.Error("a refused request left an event")
		}
		env.Clock.Advance(time.Hour)
		if err := env.Sweep(env.Context); err != nil {
			t.Fatal(err)
		}
		if where := findInDatabase(t, env, "used"); where != "" {
			t.Errorf("not swept: %s", where)
		}
	})
}

// RFC 7009 section 2.1: one access token ends, once and on record; the binding stands.
func TestRevokeAccessToken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		token := oauth.AccessToken{ID: "jti", Subject: v.account, ClientID: v.client.ID, BindingID: tokens.BindingID,
			ExpiresAt: env.Clock.Now().Add(tokens.ExpiresIn)}
		before := env.LastEvent(t)
		for range 2 {
			if err := env.RevokeAccessToken(env.Context, token.ClientID, token, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccessTokenRevoked}) {
			t.Errorf("events %v", got)
		}
		if _, err := env.CheckAccessToken(env.Context, token); err != models.ErrUnknownToken {
			t.Errorf("the token: %v", err)
		}
		if _, err := env.Refresh(env.Context, refreshment(v, tokens)); err != nil {
			t.Errorf("its binding: %v", err)
		}
	})
}

// Revoking the first answer's access token is using it: there is nothing to give again.
func TestNoReissueAfterRevocation(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		v := newVisit(t, env)
		v.to(t, models.Approved)
		tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		err = env.RevokeAccessToken(env.Context, v.client.ID, oauth.AccessToken{ID: "jti", Subject: v.account, ClientID: v.client.ID,
			BindingID: tokens.BindingID, ExpiresAt: env.Clock.Now().Add(time.Minute)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		if err := v.do("redeem", ""); !isConflict(err) {
			t.Errorf("given again: %v", err)
		}
	})
}

// A phone that polls every hour still gets a lost answer again.
func TestReissueWindowFitsTheInterval(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{Interval: time.Hour})
	v := newVisit(t, env)
	v.to(t, models.Approved)
	if err := v.do("redeem", ""); err != nil {
		t.Fatal(err)
	}
	env.Clock.Advance(3 * time.Hour)
	if err := v.do("redeem", ""); err != nil {
		t.Errorf("three intervals later: %v", err)
	}
	env.Clock.Advance(time.Hour)
	if err := v.do("redeem", ""); !isConflict(err) {
		t.Errorf("four intervals later: %v", err)
	}
}

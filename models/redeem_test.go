package models_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// docs/protocol.md §6 another-client: client B has A's device code. It is told nothing but that the code is
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

// docs/protocol.md §6 suspended-account: approved, then the account is suspended or locked, also for a while,
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
			if _, err := env.CheckAccessToken(env.Context,
				oauth.AccessToken{ID: "x", BindingID: tokens.BindingID}); err != models.ErrAccountNotActive {
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

// docs/protocol.md §6 second-redemption: neither codes nor tokens are anywhere in the database in clear.
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

// docs/protocol.md §6 two-phones: two phones on one account have a life of their own.
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

// docs/architecture.md §4.5: an assertion that changes state is used once, across processes.
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

// RFC 7009 §2.1: one access token ends, once and on record; the binding stands.
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

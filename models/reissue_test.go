package models_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// docs/architecture.md §4.8, docs/protocol.md §6 lost-answer: the answer got lost. The same key gets the same
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

// docs/architecture.md §4.8: a late replay revokes, once, and leaves an alert in the trail.
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

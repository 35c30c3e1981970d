package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// connected is a binding in use.
func connected(t *testing.T, env *modelstest.Env) (*visit, models.Tokens) {
	t.Helper()
	v := newVisit(t, env)
	v.to(t, models.Approved)
	tokens, err := env.Redeem(env.Context, modelstest.Redemption(v.client, v.codes))
	if err != nil {
		t.Fatal(err)
	}
	return v, tokens
}

// used keeps a binding in use until a moment, by a refresh as seldom as may be.
func (v *visit) used(t *testing.T, tokens models.Tokens, until time.Time) {
	t.Helper()
	for next := v.Clock.Now(); next.Before(until); {
		next = next.Add(models.DefaultPolicy().RefreshTokenIdle - time.Second)
		if next.After(until) {
			next = until
		}
		v.Clock.Set(next)
		if _, err := v.Refresh(v.Context, refreshment(v, tokens)); err != nil {
			t.Fatal(err)
		}
	}
}

// What the clock ends has ended for everybody: lists, counts, single pages, tokens of both kinds, and whoever would end it. The
// second itself is no longer in time.
func TestClockEndsBinding(t *testing.T) {
	policy := models.DefaultPolicy()
	for _, test := range []struct {
		reason string
		use    time.Duration // how long it is in use
		end    time.Duration // when the clock ends it
	}{
		{models.EndedUnused, 0, policy.RefreshTokenIdle},
		{models.EndedUnused, 40 * 24 * time.Hour, 40*24*time.Hour + policy.RefreshTokenIdle},
		{models.EndedByTime, policy.RefreshTokenLifetime - time.Hour, policy.RefreshTokenLifetime},
	} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			v, tokens := connected(t, env)
			began := env.Clock.Now()
			v.used(t, tokens, began.Add(test.use))
			for _, offset := range []time.Duration{-time.Second, 0, time.Second} {
				env.Clock.Set(began.Add(test.end + offset))
				v.signIn(t)
				if offset < 0 {
					v.wantBinding(t, tokens, 0, "", 1)
					continue
				}
				v.wantBinding(t, tokens, models.At(began.Add(test.end)), test.reason, 0)
			}
			v.wantNothingToEnd(t, tokens)
		})
	}
}

// wantBinding asks everybody who knows of the account's binding when and why it ended; 0: it lives.
func (v *visit) wantBinding(t *testing.T, tokens models.Tokens, ended models.Instant, reason string, live int) {
	t.Helper()
	list, err := v.Bindings(v.Context, v.supervisor, v.account)
	if err != nil || len(list.Bindings) != 1 {
		t.Fatal(list, err)
	}
	if b := list.Bindings[0]; b.RevokedAt != ended || b.RevokeReason != reason || b.Live() != (ended == 0) || list.Live != live {
		t.Errorf("list: ended %v, %q, %d live", b.RevokedAt, b.RevokeReason, list.Live)
	}
	one, err := v.Binding(v.Context, tokens.BindingID)
	of, errOf := v.BindingOf(v.Context, v.codes.DeviceAuthorizationID)
	if errors.Join(err, errOf) != nil || one.RevokedAt != ended || one.RevokeReason != reason || of != one || one.ByClock() != (ended != 0) {
		t.Errorf("by itself: %+v, %v; of its request: %+v, %v", one, err, of, errOf)
	}
	wantToken, wantBinding := error(nil), error(nil)
	if ended != 0 {
		wantToken, wantBinding = models.ErrUnknownToken, models.ErrBindingRevoked
	}
	if _, err := v.LookUpRefreshToken(v.Context, v.client.ID, tokens.RefreshToken); err != wantToken {
		t.Errorf("introspection: %v", err)
	}
	if _, err := v.LiveBinding(v.Context, tokens.BindingID); err != wantBinding {
		t.Errorf("live: %v", err)
	}
	access := oauth.AccessToken{ID: "still valid", ClientID: v.client.ID, BindingID: tokens.BindingID}
	if _, err := v.CheckAccessToken(v.Context, access); err != wantBinding {
		t.Errorf("access token: %v", err)
	}
}

// wantNothingToEnd: what has ended is not ended again, and nobody is told so.
func (v *visit) wantNothingToEnd(t *testing.T, tokens models.Tokens) {
	t.Helper()
	before := v.LastEvent(t)
	if ended, err := v.RevokeAll(v.Context, v.supervisor, v.account, "device_lost"); ended != 0 || err != nil {
		t.Errorf("all: %d, %v", ended, err)
	}
	if err := v.RevokeRefreshToken(v.Context, v.client.ID, tokens.RefreshToken, nil); err != nil {
		t.Errorf("by the phone: %v", err)
	}
	if events := v.Events(t, before); len(events) != 0 {
		t.Errorf("events: %v", events)
	}
	if err := v.RevokeBinding(v.Context, v.supervisor, tokens.BindingID, "device_lost"); err != models.ErrBindingRevoked {
		t.Errorf("one: %v", err)
	}
}

// A client's end and the clock: the first of the two ended the binding.
func TestFirstEndCounts(t *testing.T) {
	for _, test := range []struct {
		after time.Duration // after the clock's end
		want  string
	}{{-time.Second, "client disabled"}, {time.Second, models.EndedUnused}} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			v, tokens := connected(t, env)
			env.Clock.Advance(models.DefaultPolicy().RefreshTokenIdle + test.after)
			if err := v.disabled(); err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(time.Hour)
			binding, err := env.Binding(env.Context, tokens.BindingID)
			if err != nil || binding.RevokeReason != test.want {
				t.Errorf("%v after the clock: %q, %v", test.after, binding.RevokeReason, err)
			}
		})
	}
}

// No access token outlives the absolute end of its binding.
func TestAccessTokenEndsWithItsBinding(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v, tokens := connected(t, env)
	v.used(t, tokens, env.Clock.Now().Add(models.DefaultPolicy().RefreshTokenLifetime-time.Minute))
	last, err := env.Refresh(env.Context, refreshment(v, tokens))
	if err != nil || last.ExpiresIn != time.Minute {
		t.Errorf("%v, %v", last.ExpiresIn, err)
	}
}

// The contact is told once that a binding in use reaches its absolute end, 14 days before; of one that rests too long, or that
// was ended, never. The notice comes after all others, and wakes no sender.
func TestContactIsToldBeforeTheAbsoluteEnd(t *testing.T) {
	policy := models.DefaultPolicy()
	const before = 14 * 24 * time.Hour
	telling(t, func(t *testing.T, v *visit) {
		v.to(t, models.Approved)
		tokens, err := v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes))
		if err != nil {
			t.Fatal(err)
		}
		v.told(t)
		end := v.Clock.Now().Add(policy.RefreshTokenLifetime)
		v.used(t, tokens, end.Add(-before-time.Second))
		remind := func() {
			t.Helper()
			for range 2 {
				if err := v.RemindOfDeadlines(v.Context); err != nil {
					t.Fatal(err)
				}
			}
		}
		remind()
		v.wantTold(t)
		woken := v.NoticeWritten()
		v.Clock.Advance(time.Second)
		remind()
		select {
		case <-woken:
			t.Error("it is not urgent")
		default:
		}
		if _, ok, err := v.NextSecurityNotice(v.Context); ok || err != nil {
			t.Errorf("a turn before others: %v, %v", ok, err)
		}
		told := v.wantTold(t, models.NoticeBindingDeadline)
		if len(told) == 1 && (told[0].UsefulUntil != models.At(end) || told[0].Link == "") {
			t.Errorf("%+v", told[0].Notice)
		}
		v.Clock.Advance(24 * time.Hour)
		remind()
		v.wantTold(t)
	})
}

// Whoever is not connected any more is not told that the connection ends.
func TestEndedBindingHasNoReminder(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, v *visit, tokens models.Tokens){
		"at rest": func(t *testing.T, v *visit, tokens models.Tokens) {
			v.used(t, tokens, v.Clock.Now().Add(300*24*time.Hour))
		},
		"revoked before": func(t *testing.T, v *visit, tokens models.Tokens) {
			v.used(t, tokens, v.Clock.Now().Add(340*24*time.Hour))
			if err := v.RevokeRefreshToken(v.Context, v.client.ID, tokens.RefreshToken, nil); err != nil {
				t.Fatal(err)
			}
			v.wantTold(t, models.NoticeRevoked)
		},
	} {
		t.Run(name, func(t *testing.T) {
			telling(t, func(t *testing.T, v *visit) {
				v.to(t, models.Approved)
				tokens, err := v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes))
				if err != nil {
					t.Fatal(err)
				}
				began := v.Clock.Now()
				v.told(t)
				end(t, v, tokens)
				v.Clock.Set(began.Add(355 * 24 * time.Hour))
				if err := v.RemindOfDeadlines(v.Context); err != nil {
					t.Fatal(err)
				}
				v.wantTold(t)
			})
		})
	}
	t.Run("revoked between notice and sender", func(t *testing.T) {
		telling(t, func(t *testing.T, v *visit) {
			v.to(t, models.Approved)
			tokens, err := v.Redeem(v.Context, modelstest.Redemption(v.client, v.codes))
			if err != nil {
				t.Fatal(err)
			}
			v.told(t)
			v.used(t, tokens, v.Clock.Now().Add(355*24*time.Hour))
			if err := v.RemindOfDeadlines(v.Context); err != nil {
				t.Fatal(err)
			}
			if err := v.RevokeRefreshToken(v.Context, v.client.ID, tokens.RefreshToken, nil); err != nil {
				t.Fatal(err)
			}
			before := v.LastEvent(t)
			v.wantTold(t, models.NoticeRevoked)
			if events := v.Events(t, before); len(events) != 1 || events[0] != audit.NoticeSent {
				t.Errorf("%v", events)
			}
		})
	})
}

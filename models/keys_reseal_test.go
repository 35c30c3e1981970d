package models_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// docs/architecture.md §4.13: the master key is changed by sealing every key anew. The keys
// stay the same, HMAC keys too: what they made is found as before.
func TestReseal(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Clock.Advance(models.NextKeyPublished)
		if err := env.RotateKey(env.Context, keys.AccessToken, false); err != nil {
			t.Fatal(err)
		}
		v := newVisit(t, env)
		nonce := env.Nonces().Current(env.Clock.Now())
		before, since := keyIDs(t, env), newestEntry(t, env).Seq
		newMaster := bytes.Repeat([]byte{9}, keys.MasterKeySize)
		count, err := env.ResealKeys(env.Context, newMaster)
		if err != nil || count != len(before) {
			t.Fatalf("%d of %d sealed: %v", count, len(before), err)
		}
		wantKeyEvents(t, env, since, audit.KeysResealed)
		if _, err := models.Open(env.Context, env.Database, config(env, modelstest.MasterKey())); !errors.Is(err, models.ErrOtherMasterKey) {
			t.Errorf("the old master key still opens: %v", err)
		}
		again := reopen(t, env, newMaster)
		if after := keyIDs(t, again); !slices.Equal(after, before) {
			t.Errorf("keys %v, before %v", after, before)
		}
		if again.Nonces().Current(env.Clock.Now()) != nonce {
			t.Error("the key of nonces is another one")
		}
		v.Env = again
		v.to(t, models.Matched) // the user code is found: its HMAC key is the same
		sound(t, again)
	})
}

// A process that was started with the old master key serves on, but makes no key that
// nobody could open.
func TestResealedUnderARunningProcess(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newMaster := bytes.Repeat([]byte{9}, keys.MasterKeySize)
		if _, err := another(t, env).ResealKeys(env.Context, newMaster); err != nil {
			t.Fatal(err)
		}
		wantOldMasterKey(t, env, false)
		env.Clock.Advance(quarter)
		signsAs(t, env) // goes on with the keys that it has opened
		wantKeysTold(t, env, true, true)
		if _, err := env.RotateDueKeys(env.Context, quarter); !errors.Is(err, keys.ErrMasterKey) {
			t.Errorf("rotated with the old master key: %v", err)
		}
		fresh := reopen(t, env, newMaster)
		if done, err := fresh.RotateDueKeys(env.Context, quarter); err != nil || len(done) != 2 {
			t.Fatalf("rotated %v, %v", done, err)
		}
		// The old process knows the key that is current now, since it was next before; it
		// says that it cannot open the new next one.
		env.Clock.Advance(quarter)
		if got := signsAs(t, env); got != key(t, env, keys.Audit, keys.Current).ID {
			t.Errorf("signs with %s", got)
		}
		wantOldMasterKey(t, env, false)
		wantKeysTold(t, env, true, false) // the next key would be missed among the published ones, and has signed nothing
		// Once that one is current, it must stop: it would sign with a retired key.
		if _, err := fresh.RotateDueKeys(env.Context, quarter); err != nil {
			t.Fatal(err)
		}
		wantOldMasterKey(t, env, true) // at once: a probe that goes by what is known for a minute yet says that all is well again
		env.Clock.Advance(quarter)
		if _, err := env.AddCounter(env.Context, models.NewCounter{Name: "x", TimeZone: "UTC"}); !errors.Is(err, keys.ErrMasterKey) {
			t.Errorf("wrote with a key that is not current: %v", err)
		}
		wantOldMasterKey(t, env, true)
		wantKeysTold(t, env, false, false)
		another := reopen(t, env, newMaster)
		sound(t, another)
	})
}

// wantOldMasterKey looks as a process does each half minute: it says that its master key is an old one, and is ready for as long as it
// has the keys of now.
func wantOldMasterKey(t *testing.T, env *modelstest.Env, stopped bool) {
	t.Helper()
	if err := env.ReloadKeys(env.Context); !errors.Is(err, models.ErrOtherMasterKey) || !env.HasOldMasterKey() {
		t.Errorf("no complaint: %v", err)
	}
	for what, err := range map[string]error{"the probe": env.Probe(env.Context), "/readyz": env.Readiness()} {
		outage, is := errors.AsType[*models.UnavailableError](err)
		if stopped && (!is || outage.Outage != models.OldMasterKey) || !stopped && err != nil {
			t.Errorf("%s says %v", what, err)
		}
	}
}

// wantKeysTold looks whether keys are told to check with, and to publish: all of them, or none.
func wantKeysTold(t *testing.T, env *modelstest.Env, toCheck, toPublish bool) {
	t.Helper()
	for _, one := range []struct {
		what string
		told bool
		keys func(context.Context) (jose.JSONWebKeySet, error)
	}{
		{"to check tokens", toCheck, env.AccessTokenKeys}, {"to check events", toCheck, env.AuditKeys},
		{"to publish", toPublish, env.PublishedKeys},
	} {
		set, err := one.keys(env.Context)
		outage, is := errors.AsType[*models.UnavailableError](err)
		untold := is && outage.Outage == models.OldMasterKey
		if toCheck {
			untold = errors.Is(err, models.ErrNextKeyUnknown) && !is // no outage
		}
		if one.told && (err != nil || len(set.Keys) == 0) || !one.told && !untold {
			t.Errorf("%s: %d keys, %v", one.what, len(set.Keys), err)
		}
	}
}

func TestResealRefusesAWrongMasterKey(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	if _, err := env.ResealKeys(env.Context, []byte("short")); err == nil {
		t.Error("sealed with five bytes")
	}
	another(t, env) // the old one still opens all: nothing was changed
}

// A database from before keys took turns keeps its keys, and gets the ones that are new.
func TestMigrationKeepsKeys(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			var first []keys.Wanted
			for _, purpose := range []keys.Purpose{keys.AccessToken, keys.Audit, keys.UserCode, keys.DocumentNumber} {
				first = append(first, keys.Wanted{Purpose: purpose, Status: keys.Current})
			}
			b := newBefore(t, dialect, 7, first)
			grown, err := b.start()
			if err != nil {
				t.Fatal(err)
			}
			for _, was := range b.rows {
				is := key(t, grown, was.Purpose, keys.Current)
				if is.ID != was.ID || is.PublicJWK != was.PublicJWK || is.Sealed != was.Sealed || is.ActivatedAt != was.CreatedAt {
					t.Errorf("%s: %+v became %+v", was.Purpose, was, is)
				}
			}
			for _, purpose := range keys.SigningPurposes() {
				key(t, grown, purpose, keys.Next)
			}
			if grown.Nonces().Current(grown.Clock.Now()) == (oauth.Nonces{}).Current(grown.Clock.Now()) {
				t.Error("there is none for nonces")
			}
			want := []audit.Type{audit.KeysAuthenticated}
			for range len(keys.Missing(b.keys())) {
				want = append(want, audit.SigningKeyCreated)
			}
			wantKeyEvents(t, grown, int64(len(b.rows)), want...)
			sound(t, grown)
		})
	}
}

func keyIDs(t *testing.T, env *modelstest.Env) []string {
	t.Helper()
	rows, err := env.Keys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID+" "+string(row.Status))
	}
	return ids
}

package models_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

const quarter = 90 * 24 * time.Hour

// another is a second process on the same database, with the same clock.
func another(t *testing.T, env *modelstest.Env) *modelstest.Env {
	t.Helper()
	return reopen(t, env, modelstest.MasterKey())
}

func reopen(t *testing.T, env *modelstest.Env, masterKey []byte) *modelstest.Env {
	t.Helper()
	store, err := models.Open(env.Context, modelstest.Connect(t, env.Address), config(env, masterKey))
	if err != nil {
		t.Fatal(err)
	}
	return &modelstest.Env{Store: store, Clock: env.Clock, Address: env.Address, Context: env.Context}
}

// key finds the one key of a purpose and status.
func key(t *testing.T, env *modelstest.Env, purpose keys.Purpose, status keys.Status) models.ServerKey {
	t.Helper()
	rows, err := env.Keys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	var found []models.ServerKey
	for _, row := range rows {
		if row.Purpose == purpose && row.Status == status {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d %s keys for %s", len(found), status, purpose)
	}
	return found[0]
}

// signsAs writes an event and says which key signed it.
func signsAs(t *testing.T, env *modelstest.Env) string {
	t.Helper()
	env.Account(t, "signs-"+env.Clock.Now().String())
	return newestEntry(t, env).KeyID
}

func newestEntry(t *testing.T, env *modelstest.Env) audit.Entry {
	t.Helper()
	entries, err := audit.List(env.Reader(), audit.Filter{Limit: 1})
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	return entries[0]
}

func published(t *testing.T, env *modelstest.Env) []string {
	t.Helper()
	set, err := env.AccessTokenKeys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, key := range set.Keys {
		if !key.IsPublic() {
			t.Errorf("%s is private", key.KeyID)
		}
		ids = append(ids, key.KeyID)
	}
	return ids
}

// sound demands that every entry verifies with the audit keys of the database.
func sound(t *testing.T, env *modelstest.Env) {
	t.Helper()
	report, err := env.VerifyTrail(env.Context)
	if err != nil || !report.OK() {
		t.Errorf("the trail is not sound: %+v, %v", report, err)
	}
}

// A key is next, then current, then retired; the new next one is published before it
// signs. Each step is an event, and every event of every audit key verifies.
func TestKeysTakeTurns(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for range 3 {
			env.Clock.Advance(models.NextKeyPublished)
			for _, purpose := range keys.SigningPurposes() {
				current, next, since := key(t, env, purpose, keys.Current), key(t, env, purpose, keys.Next), newestEntry(t, env).Seq
				if err := env.RotateKey(env.Context, purpose, false); err != nil {
					t.Fatal(err)
				}
				if now := key(t, env, purpose, keys.Current); now.ID != next.ID || now.ActivatedAt != models.At(env.Clock.Now()) {
					t.Errorf("%s: current is %+v, want %s", purpose, now, next.ID)
				}
				if after := key(t, env, purpose, keys.Next); after.ID == next.ID || after.ID == current.ID {
					t.Errorf("%s: no new next key", purpose)
				}
				wantKeyEvents(t, env, since, audit.SigningKeyRotated, audit.SigningKeyCreated)
			}
			if got, want := signsAs(t, env), key(t, env, keys.Audit, keys.Current).ID; got != want {
				t.Errorf("events are signed by %s, want %s", got, want)
			}
		}
		sound(t, env)
	})
}

func wantKeyEvents(t *testing.T, env *modelstest.Env, since int64, want ...audit.Type) {
	t.Helper()
	entries, err := audit.List(env.Reader(), audit.Filter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []audit.Type
	for _, e := range slices.Backward(entries) {
		if e.Seq > since {
			event, err := e.Decode()
			if err != nil || event.Facts.Actor == nil || event.Facts.Actor.System == "" {
				t.Errorf("%s by %+v, %v", e.Type, event.Facts.Actor, err)
			}
			got = append(got, audit.Type(e.Type))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// A next key that others may not have seen yet signs only when somebody insists; a
// refusal changes nothing.
func TestNextKeyIsPublishedBeforeItSigns(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	before, last := published(t, env), newestEntry(t, env)
	env.Clock.Advance(models.NextKeyPublished - time.Second)
	var tooNew *models.NextKeyTooNewError
	if err := env.RotateKey(env.Context, keys.AccessToken, false); !errors.As(err, &tooNew) {
		t.Fatalf("rotated: %v", err)
	}
	if !tooNew.Until.Equal(env.Clock.Now().Add(time.Second)) {
		t.Errorf("until %s", tooNew.Until)
	}
	if err := env.RotateKey(env.Context, "user-code", true); !errors.Is(err, models.ErrNoSuchKey) {
		t.Errorf("an HMAC key was rotated: %v", err)
	}
	if !slices.Equal(published(t, env), before) || newestEntry(t, env) != last {
		t.Error("a refusal changed something")
	}
	if err := env.RotateKey(env.Context, keys.AccessToken, true); err != nil {
		t.Error(err)
	}
}

// Every process rotates on schedule; one of them does, and every one signs with the new
// key within a minute.
func TestScheduledRotationHappensOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		processes := []*modelstest.Env{env, another(t, env), another(t, env), another(t, env)}
		env.Clock.Advance(quarter - time.Second)
		if done, err := env.RotateDueKeys(env.Context, quarter); err != nil || len(done) != 0 {
			t.Fatalf("rotated too early: %v, %v", done, err)
		}
		env.Clock.Advance(time.Second)
		before := key(t, env, keys.Audit, keys.Current).ID
		var mu sync.Mutex
		var rotated []keys.Purpose
		var group sync.WaitGroup
		for _, process := range processes {
			group.Go(func() {
				done, err := process.RotateDueKeys(env.Context, quarter)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				rotated = append(rotated, done...)
			})
		}
		group.Wait()
		slices.Sort(rotated)
		if !slices.Equal(rotated, keys.TurningPurposes()) {
			t.Errorf("rotated %v", rotated)
		}
		if retired := key(t, env, keys.Audit, keys.Retired); retired.ID != before {
			t.Errorf("retired %s, want %s", retired.ID, before)
		}
		env.Clock.Advance(time.Minute)
		for i, process := range processes {
			if got, want := signsAs(t, process), key(t, env, keys.Audit, keys.Current).ID; got != want {
				t.Errorf("process %d signs with %s, want %s", i, got, want)
			}
			env.Clock.Advance(time.Second)
		}
		sound(t, env)
	})
}

// RFC 9701 §5: a process that only introspects writes nothing, and signs its answers
// with the new key all the same.
func TestIntrospectionIsSignedWithAFreshKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other := another(t, env)
		env.Clock.Advance(models.NextKeyPublished)
		if err := env.RotateKey(env.Context, keys.AccessToken, false); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute)
		signed, err := other.SignIntrospection(env.Context, oauth.Introspection{}, "caller")
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(signed, []jose.SignatureAlgorithm{jose.ES256})
		if want := key(t, env, keys.AccessToken, keys.Current).ID; err != nil || jws.Signatures[0].Header.KeyID != want {
			t.Errorf("signed with %s, want %s; %v", jws.Signatures[0].Header.KeyID, want, err)
		}
	})
}

// A process that has not looked yet may sign with the retired key for a minute, and no
// longer; that is within the time for which the key counts as in use.
func TestRotationIsPickedUpWithinAMinute(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other := another(t, env)
		env.Clock.Advance(models.NextKeyPublished)
		old := signsAs(t, other) // has just looked
		if err := env.RotateKey(env.Context, keys.Audit, false); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Minute - time.Second)
		if got := signsAs(t, other); got != old {
			t.Errorf("signs with %s after 59 s", got)
		}
		env.Clock.Advance(time.Second)
		if got := signsAs(t, other); got == old {
			t.Error("signs with the retired key after a minute")
		}
		if until := key(t, env, keys.Audit, keys.Retired).InUseUntil; until <= models.At(env.Clock.Now()) {
			t.Errorf("in use until %s only", until.Time())
		}
		sound(t, env)
	})
}

// The retired key is published for as long as a token that it signed may live, and ended
// by hand not before, unless somebody insists.
func TestRetiredKeyLeavesWithItsLastToken(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Clock.Advance(models.NextKeyPublished)
		old := key(t, env, keys.AccessToken, keys.Current).ID
		if err := env.RetireKey(env.Context, old, true); !errors.Is(err, models.ErrKeyNotRetired) {
			t.Errorf("the current key was ended: %v", err)
		}
		if err := env.RotateKey(env.Context, keys.AccessToken, false); err != nil {
			t.Fatal(err)
		}
		retired := key(t, env, keys.AccessToken, keys.Retired)
		lastToken := env.Clock.Now().Add(time.Minute + models.LongestAccessToken)
		if retired.ID != old || !retired.InUseUntil.Time().After(lastToken) {
			t.Fatalf("in use until %s, want after %s", retired.InUseUntil.Time(), lastToken)
		}
		env.Clock.Set(retired.InUseUntil.Time().Add(-time.Second))
		var inUse *models.KeyInUseError
		if err := env.RetireKey(env.Context, old, false); !errors.As(err, &inUse) || !inUse.Until.Equal(retired.InUseUntil.Time()) {
			t.Errorf("ended while in use: %v", err)
		}
		if ids := published(t, env); len(ids) != 3 || ids[2] != old {
			t.Errorf("published %v, want the retired %s last", ids, old)
		}
		env.Clock.Advance(time.Second)
		if ids := published(t, env); len(ids) != 2 || slices.Contains(ids, old) {
			t.Errorf("published %v", ids)
		}
		endsOnce(t, env, old)
	})
}

func endsOnce(t *testing.T, env *modelstest.Env, id string) {
	t.Helper()
	since := newestEntry(t, env).Seq
	for range 2 {
		if err := env.RetireKey(env.Context, id, false); err != nil {
			t.Fatal(err)
		}
	}
	if !key(t, env, keys.AccessToken, keys.Retired).Ended() {
		t.Error("the private half is still there")
	}
	wantKeyEvents(t, env, since, audit.SigningKeyRetired)
	if err := env.RetireKey(env.Context, "nothing", true); !errors.Is(err, models.ErrNoSuchKey) {
		t.Errorf("ended nothing: %v", err)
	}
	another(t, env) // starts
}

// A key that somebody else has is taken out of use at once; an audit key that was ended
// still verifies what it signed.
func TestForcedRetirement(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	for _, purpose := range keys.SigningPurposes() {
		old := key(t, env, purpose, keys.Current).ID
		if err := env.RotateKey(env.Context, purpose, true); err != nil {
			t.Fatal(err)
		}
		if err := env.RetireKey(env.Context, old, true); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(published(t, env), old) {
			t.Errorf("%s is still published", old)
		}
	}
	entry := newestEntry(t, env)
	if event, err := entry.Decode(); err != nil || event.Facts.Reason != "checkpoint forced" {
		t.Errorf("the reason is %q, %v", event.Facts.Reason, err)
	}
	sound(t, env)
}

// The database itself keeps one current and one next key of a purpose, and lets no HMAC
// key take turns.
func TestDatabaseKeepsTheTurns(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		insert := `INSERT INTO server_keys (id, purpose, status, algorithm, sealed, created_at, activated_at, retired_at) VALUES `
		for name, values := range map[string]string{
			"a second current key":        `('x', 'audit', 'current', 'ES256', 's', 1, 1, 0)`,
			"a second next key":           `('x', 'audit', 'next', 'ES256', 's', 1, 0, 0)`,
			"a next HMAC key":             `('x', 'user-code', 'next', 'HS256', 's', 1, 0, 0)`,
			"a retired HMAC key":          `('x', 'dpop-nonce', 'retired', 'HS256', 's', 1, 1, 1)`,
			"another purpose":             `('x', 'else', 'current', 'ES256', 's', 1, 1, 0)`,
			"another status":              `('x', 'audit', 'past', 'ES256', 's', 1, 1, 1)`,
			"retired with no time":        `('x', 'audit', 'retired', 'ES256', 's', 1, 1, 0)`,
			"a next key that has signed":  `('x', 'audit', 'next', 'ES256', 's', 1, 1, 0)`,
			"a current key that is ended": `('x', 'document-number', 'current', 'HS256', '', 1, 1, 0)`,
		} {
			if models.WriterForTest(env.Database).Exec(insert+values).Error == nil {
				t.Errorf("%s was taken", name)
			}
		}
	})
}

package models_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
)

// lastUnvouched is the last schema in which rows of keys carry no MAC.
const lastUnvouched = 50

// eachBefore runs test on a database of before in which each kind of key has taken turns, and one was ended.
func eachBefore(t *testing.T, test func(*testing.T, *before)) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			b := newBefore(t, dialect, lastUnvouched, keys.Missing(nil))
			b.rotate(keys.Audit)
			b.rotate(keys.AccessToken)
			b.end(keys.AccessToken)
			b.end(keys.Audit)
			b.rotate(keys.Audit)
			b.rotate(keys.AccessToken)
			test(t, b)
		})
	}
}

// docs/protocol.md §6 forged-keys: the first start after the update vouches for every row, once.
func TestKeysAreAdoptedOnce(t *testing.T) {
	eachBefore(t, func(t *testing.T, b *before) {
		if _, err := b.database.MigrateUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if _, err := b.open(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		env, err := b.open()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := env.Keys(t.Context())
		if err != nil || len(rows) != len(b.rows) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			if row.MAC == "" {
				t.Errorf("%s has no MAC", row.ID)
			}
		}
		entries, err := audit.List(env.Reader(), audit.Filter{Type: audit.KeysAuthenticated})
		if err != nil || len(entries) != 1 {
			t.Fatalf("%d events, %v", len(entries), err)
		}
		if event, err := entries[0].Decode(); err != nil || *event.Facts.Count != len(rows) {
			t.Errorf("%+v, %v", event.Facts, err)
		}
		sound(t, env)
		env.Clock.Advance(quarter)
		if _, err := env.RotateDueKeys(t.Context(), quarter); err != nil {
			t.Error(err)
		}
		sound(t, env)
	})
}

// docs/protocol.md §6 forged-keys: what nothing vouches for stops the start and is named.
func TestAdoptionRefuses(t *testing.T) {
	const inserted = "INSERT INTO server_keys (id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until) "
	for _, test := range []struct {
		name   string
		tamper string
		named  string
	}{
		{"an audit key of somebody's own", inserted +
			`SELECT 'mine', purpose, status, algorithm, replace(public_jwk, id, 'mine'), sealed, 1, 2, 3, 4
			FROM server_keys WHERE id = 'audit-c'`, "audit retired mine (no event says that it was made)"},
		{"a public half of somebody's own", `UPDATE server_keys SET public_jwk =
			replace((SELECT public_jwk FROM server_keys AS own WHERE own.id = 'audit-d'), 'audit-d', id)
			WHERE purpose = 'access-token' AND status = 'next'`,
			"(its sealed half does not open, or is another one)"},
		{"a key that never signed", "UPDATE server_keys SET status = 'retired', activated_at = 1, retired_at = 1 WHERE purpose = 'audit' AND status = 'next'",
			"(it never took its turn, by the events)"},
		{"an ended key that is published for ever", "UPDATE server_keys SET in_use_until = 9999999999999 WHERE id = 'access-token-a'",
			"access-token retired access-token-a (it is in use beyond its end, by the events)"},
		{"a key that was not ended", "UPDATE server_keys SET sealed = '' WHERE purpose = 'access-token' AND status = 'retired'",
			"(whether it was ended is not what the events say)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachBefore(t, func(t *testing.T, b *before) {
				b.exec(test.tamper)
				_, err := b.start()
				bad, is := errors.AsType[*models.InauthenticKeysError](err)
				if !is || len(bad.Rows) != 1 || !strings.Contains(bad.Rows[0], test.named) {
					t.Fatalf("%v, want %s", err, test.named)
				}
				rows, err := b.database.Keys(t.Context())
				if err != nil || slices.ContainsFunc(rows, func(row models.ServerKey) bool { return row.MAC != "" }) {
					t.Errorf("some were adopted: %v", err)
				}
			})
		})
	}
}

// Nobody has keys adopted a second time by taking the MACs away, in a new database or in one that was adopted.
func TestNothingIsAdoptedAgain(t *testing.T) {
	withoutMACs := func(t *testing.T, env *modelstest.Env) {
		t.Helper()
		withoutGuard(t, env)
		if err := models.WriterForTest(env.Database).Exec("UPDATE server_keys SET mac = ''").Error; err != nil {
			t.Fatal(err)
		}
		_, err := models.Open(t.Context(), modelstest.Connect(t, env.Address), config(env, modelstest.MasterKey()))
		bad, is := errors.AsType[*models.InauthenticKeysError](err)
		if !is || !strings.Contains(bad.Error(), "its MAC was taken away") {
			t.Errorf("started: %v", err)
		}
	}
	modelstest.Each(t, withoutMACs)
	eachBefore(t, func(t *testing.T, b *before) {
		env, err := b.start()
		if err != nil {
			t.Fatal(err)
		}
		withoutMACs(t, env)
	})
}

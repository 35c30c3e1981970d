package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
)

// withoutGuard takes away what keeps older programs from changing keys, as an owner of the database can.
func withoutGuard(t *testing.T, env *modelstest.Env) {
	t.Helper()
	statements := []string{"DROP TRIGGER server_keys_mac_made", "DROP TRIGGER server_keys_mac_changed"}
	if strings.HasPrefix(env.Address, "postgres") {
		statements = []string{"DROP TRIGGER server_keys_mac ON server_keys"}
	}
	trailAfter(t, env, statements)
}

// keyTampering changes every column of a row, and what a row is for.
var keyTampering = []struct {
	column, tamper string
	named          string // which row is named
}{
	{"id", "UPDATE server_keys SET id = 'another' WHERE purpose = 'audit' AND status = 'retired'", "audit retired another"},
	{"purpose", "UPDATE server_keys SET purpose = 'access-token' WHERE purpose = 'audit' AND status = 'retired'", "access-token retired "},
	{"status", "UPDATE server_keys SET status = 'retired', retired_at = 1 WHERE purpose = 'audit' AND status = 'current'", "audit retired "},
	{"algorithm", "UPDATE server_keys SET algorithm = 'none' WHERE purpose = 'audit' AND status = 'retired'", "audit retired "},
	{"public_jwk", "UPDATE server_keys SET public_jwk = '{}' WHERE purpose = 'access-token' AND status = 'retired'", "access-token retired "},
	{"sealed", "UPDATE server_keys SET sealed = '' WHERE purpose = 'access-token' AND status = 'retired'", "access-token retired "},
	{"created_at", "UPDATE server_keys SET created_at = 1 WHERE purpose = 'audit' AND status = 'next'", "audit next "},
	{"activated_at", "UPDATE server_keys SET activated_at = activated_at + 1 WHERE purpose = 'access-token' AND status = 'current'",
		"access-token current "},
	{"retired_at", "UPDATE server_keys SET retired_at = 1 WHERE purpose = 'access-token' AND status = 'retired'", "access-token retired "},
	{"in_use_until", "UPDATE server_keys SET in_use_until = 9999999999999 WHERE purpose = 'access-token' AND status = 'retired'",
		"access-token retired "},
	{"sealed of the row that tells master keys apart",
		"UPDATE server_keys SET sealed = 'AAAA' WHERE purpose = 'user-code'", "user-code current "},
	{"mac", "UPDATE server_keys SET mac = 'AAAA' WHERE purpose = 'user-code'", "user-code current "},
	{"one more row", `INSERT INTO server_keys
		(id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until, mac)
		SELECT 'mine', purpose, 'retired', algorithm, public_jwk, sealed, 1, 2, 3, 9999999999999, mac FROM server_keys
		WHERE purpose = 'access-token' AND status = 'current'`, "access-token retired mine"},
}

// docs/protocol.md §6 forged-keys: a row that the master key does not vouch for stops the start, is named by a running
// server, and is not published, whichever column was changed.
func TestForgedKeysAreNamedAndNotPublished(t *testing.T) {
	for _, test := range keyTampering {
		t.Run(test.column, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				env.Clock.Advance(models.NextKeyPublished)
				for _, purpose := range keys.TurningPurposes() {
					if err := env.RotateKey(env.Context, purpose, false); err != nil {
						t.Fatal(err)
					}
				}
				withoutGuard(t, env)
				trailAfter(t, env, []string{test.tamper})
				_, err := models.Open(env.Context, modelstest.Connect(t, env.Address), config(env, modelstest.MasterKey()))
				wantNamed(t, "the start", err, test.named)
				wantNamed(t, "the running server", env.ReloadKeys(env.Context), test.named)
				wantAuthenticOnly(t, env)
			})
		})
	}
}

func wantNamed(t *testing.T, who string, err error, named string) {
	t.Helper()
	bad, is := errors.AsType[*models.InauthenticKeysError](err)
	if !is || !slices.ContainsFunc(bad.Rows, func(row string) bool { return strings.HasPrefix(row, named) }) {
		t.Errorf("%s says %v, want %s", who, err, named)
	}
}

// wantAuthenticOnly holds what is published against the rows whose MAC is right.
func wantAuthenticOnly(t *testing.T, env *modelstest.Env) {
	t.Helper()
	rows, err := env.Keys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	ids := published(t, env)
	for _, row := range rows {
		times := keys.Times{Created: int64(row.CreatedAt), Activated: int64(row.ActivatedAt), Retired: int64(row.RetiredAt),
			InUseUntil: int64(row.InUseUntil)}
		mac, err := keys.MAC(modelstest.MasterKey(), row.Key, times)
		if err != nil {
			t.Fatal(err)
		}
		if mac != row.MAC && slices.Contains(ids, row.ID) {
			t.Errorf("%s is published", row.ID)
		}
	}
}

// docs/protocol.md §6 forged-keys: nothing is signed with a current key that is not authentic.
func TestForgedCurrentKeySignsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		withoutGuard(t, env)
		trailAfter(t, env, []string{"UPDATE server_keys SET activated_at = 1 WHERE purpose = 'audit' AND status = 'current'"})
		env.Clock.Advance(keys.ReloadInterval)
		_, err := env.AddCounter(env.Context, models.NewCounter{Name: "x", TimeZone: "UTC"})
		wantNamed(t, "a write", err, "audit current ")
	})
}

// A program from before MACs serves on, but makes and changes no keys.
func TestOlderProgramChangesNoKeys(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, statement := range []string{
			"UPDATE server_keys SET status = 'retired', retired_at = 1 WHERE purpose = 'audit' AND status = 'current'",
			"INSERT INTO server_keys (id, purpose, status, algorithm, sealed, created_at) VALUES ('old', 'audit', 'next', 'ES256', 'x', 1)",
		} {
			err := models.WriterForTest(env.Database).Exec(statement).Error
			if err == nil || !strings.Contains(err.Error(), "this program is older than the database") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		another(t, env)
	})
}

package models_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"

	"github.com/go-jose/go-jose/v4"
)

// intruder writes to the database and has no master key, but keys of their own.
type intruder struct {
	t   *testing.T
	env *modelstest.Env
	own jose.JSONWebKey
}

func newIntruder(t *testing.T, env *modelstest.Env) *intruder {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := jose.JSONWebKey{Key: key, Algorithm: string(jose.ES256), Use: "sig"}
	sum, err := own.Thumbprint(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	own.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return &intruder{t, env, own}
}

// unguarded runs work while no trigger fires, and puts everything back.
func (i *intruder) unguarded(work func()) {
	i.t.Helper()
	var off, on []string
	if strings.HasPrefix(i.env.Address, "postgres") {
		for _, table := range []string{"audit_events", "server_keys"} {
			off, on = append(off, "ALTER TABLE "+table+" DISABLE TRIGGER USER"), append(on, "ALTER TABLE "+table+" ENABLE TRIGGER USER")
		}
	} else {
		var triggers []struct{ Name, SQL string }
		query := "SELECT name, sql AS sql FROM sqlite_master WHERE type = 'trigger'"
		if err := i.env.Reader().Raw(query).Scan(&triggers).Error; err != nil {
			i.t.Fatal(err)
		}
		for _, trigger := range triggers {
			off, on = append(off, "DROP TRIGGER "+trigger.Name), append(on, trigger.SQL)
		}
	}
	trailAfter(i.t, i.env, off)
	work()
	trailAfter(i.t, i.env, on)
}

// insertKey puts the own key among the audit keys.
func (i *intruder) insertKey(status keys.Status) {
	i.t.Helper()
	public, err := json.Marshal(i.own.Public())
	if err != nil {
		i.t.Fatal(err)
	}
	err = models.WriterForTest(i.env.Database).Exec(`INSERT INTO server_keys
		(id, purpose, status, algorithm, public_jwk, sealed, created_at, activated_at, retired_at, in_use_until, mac)
		SELECT ?, purpose, ?, algorithm, ?, sealed, 1, 1, ?, 0, mac FROM server_keys WHERE purpose = 'audit' AND status = 'next'`,
		i.own.KeyID, status, string(public), map[keys.Status]int{keys.Retired: 2}[status]).Error
	if err != nil {
		i.t.Fatal(err)
	}
}

// sign signs an entry anew after change, and lets its columns follow.
func (i *intruder) sign(entry audit.Entry, old, changed string) {
	i.t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(entry.SET, ".")[1])
	if err != nil || !strings.Contains(string(payload), old) {
		i.t.Fatalf("%s has no %q, %v", payload, old, err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.own}, (&jose.SignerOptions{}).WithType("secevent+jwt"))
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(strings.ReplaceAll(string(payload), old, changed)))
	if err != nil {
		i.t.Fatal(err)
	}
	set, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	err = models.WriterForTest(i.env.Database).Exec(
		"UPDATE audit_events SET set_text = ?, packed = ?, kid = ?, staff_id = replace(staff_id, ?, ?) WHERE seq = ?",
		set, []byte{}, i.own.KeyID, old, changed, entry.Seq).Error
	if err != nil {
		i.t.Fatal(err)
	}
}

// approved is the event of an approval, after a rotation of audit keys.
func approved(t *testing.T, env *modelstest.Env) (entry audit.Entry, staff string) {
	t.Helper()
	v := newVisit(t, env)
	v.to(t, models.Approved)
	env.Clock.Advance(models.NextKeyPublished)
	if err := env.RotateKey(env.Context, keys.Audit, false); err != nil {
		t.Fatal(err)
	}
	entries, err := audit.List(env.Reader(), audit.Filter{Type: audit.DeviceBindingApproved})
	if err != nil || len(entries) != 1 || entries[0].StaffID == "" {
		t.Fatalf("%d approvals, %v", len(entries), err)
	}
	return entries[0], entries[0].StaffID
}

// docs/protocol.md §6 forged-keys: an approval that names somebody else, signed with an inserted key, everything else put back.
func TestEntrySignedByAnInsertedKeyIsFound(t *testing.T) {
	for _, status := range []keys.Status{keys.Retired, keys.Current} {
		modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
			entry, staff := approved(t, env)
			kept, err := env.AuditKeys(env.Context)
			if err != nil {
				t.Fatal(err)
			}
			i := newIntruder(t, env)
			i.unguarded(func() {
				if status == keys.Current {
					trailAfter(t, env, []string{"DELETE FROM server_keys WHERE purpose = 'audit' AND status = 'current'"})
				}
				i.insertKey(status)
				i.sign(entry, staff, "somebody-else")
			})
			for name, trusted := range map[string]jose.JSONWebKeySet{"own keys": noKeys(), "kept keys": kept} {
				report, err := env.CheckTrail(env.Context, modelstest.Issuer, trusted)
				if err != nil || report.OK() || report.First == nil || report.First.Seq > entry.Seq ||
					!strings.Contains(report.First.Reason, "no event that its predecessor signed named it before") && status == keys.Retired {
					t.Errorf("%s, %s: %+v, %v", status, name, report.First, err)
				}
				if text := strings.Join(report.Problems(), "\n"); !strings.Contains(text, i.own.KeyID) {
					t.Errorf("%s, %s: the key is not named: %s", status, name, text)
				}
			}
			if report, err := env.VerifyTrail(env.Context); err != nil || report.OK() {
				t.Errorf("the server calls it sound: %v", err)
			}
		})
	}
}

// A trail that somebody signed anew as a whole is consistent with the database's own keys, and with nothing that was kept.
func TestTrailSignedAnewIsNotRooted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		kept, err := env.AuditKeys(env.Context)
		if err != nil {
			t.Fatal(err)
		}
		current := key(t, env, keys.Audit, keys.Current)
		i := newIntruder(t, env)
		entries, err := audit.List(env.Reader(), audit.Filter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		i.unguarded(func() {
			trailAfter(t, env, []string{"DELETE FROM server_keys WHERE purpose = 'audit' AND status = 'current'"})
			i.insertKey(keys.Current)
			for _, entry := range entries {
				if strings.Contains(entryText(t, entry), current.ID) {
					i.sign(entry, current.ID, i.own.KeyID)
				} else {
					i.sign(entry, "iss", "iss")
				}
			}
		})
		report, err := env.CheckTrail(env.Context, modelstest.Issuer, noKeys())
		if err != nil || !report.OK() || report.Rooted {
			t.Errorf("with its own keys: %+v, %v", report, err)
		}
		report, err = env.CheckTrail(env.Context, modelstest.Issuer, kept)
		if err != nil || report.OK() || report.First.Seq != 1 || !report.Rooted {
			t.Errorf("with the kept keys: %+v, %v", report, err)
		}
		_, err = models.Open(env.Context, modelstest.Connect(t, env.Address), config(env, modelstest.MasterKey()))
		wantNamed(t, "the start", err, "audit current "+i.own.KeyID)
	})
}

func entryText(t *testing.T, entry audit.Entry) string {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(entry.SET, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}

// Keys that were kept before a rotation are enough: each key names the next one by its thumbprint.
func TestKeptKeysOutliveRotations(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		kept, err := env.AuditKeys(env.Context)
		if err != nil {
			t.Fatal(err)
		}
		kept.Keys = slices.DeleteFunc(kept.Keys, func(k jose.JSONWebKey) bool { return k.KeyID != key(t, env, keys.Audit, keys.Current).ID })
		for range 3 {
			env.Clock.Advance(models.NextKeyPublished)
			if err := env.RotateKey(env.Context, keys.Audit, false); err != nil {
				t.Fatal(err)
			}
			signsAs(t, env)
		}
		report, err := env.CheckTrail(env.Context, modelstest.Issuer, kept)
		if err != nil || !report.OK() || !report.Rooted {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// docs/protocol.md §6 forged-keys: what the rows of keys say otherwise than the trail is named, without a master key too.
func TestRowsOfKeysAreHeldAgainstTheTrail(t *testing.T) {
	const half = "its public half is not the one that its events name"
	for _, test := range []struct{ set, where, found string }{
		{"status = 'retired', retired_at = 1", "purpose = 'audit' AND status = 'current'", "it is not retired, by the events"},
		{"sealed = ''", "purpose = 'audit' AND status = 'retired'", "whether it was ended is not what the events say"},
		{"purpose = 'access-token'", "purpose = 'audit' AND status = 'retired'", "is not a key of this log"},
		{"", "purpose = 'access-token' AND status = 'next'", "an event says that it was made, and it is gone"},
		{"id = 'mine'", "purpose = 'user-code'", "no event says that it was made"},
		{"public_jwk = '{}'", "purpose = 'access-token' AND status = 'current'", half},
		{"public_jwk = (SELECT public_jwk FROM server_keys AS n WHERE n.purpose = 'access-token' AND n.status = 'next')",
			"purpose = 'access-token' AND status = 'current'", half},
	} {
		env := modelstest.SQLite(t, models.Policy{})
		env.Clock.Advance(models.NextKeyPublished)
		if err := env.RotateKey(env.Context, keys.Audit, false); err != nil {
			t.Fatal(err)
		}
		tamper := "UPDATE server_keys SET " + test.set + " WHERE " + test.where
		if test.set == "" {
			tamper = "DELETE FROM server_keys WHERE " + test.where
		}
		newIntruder(t, env).unguarded(func() { trailAfter(t, env, []string{tamper}) })
		report, err := env.CheckTrail(env.Context, modelstest.Issuer, noKeys())
		if err != nil || report.OK() || !strings.Contains(strings.Join(report.Problems(), "\n"), test.found) {
			t.Errorf("%s: %v, %v", tamper, report.Problems(), err)
		}
	}
}

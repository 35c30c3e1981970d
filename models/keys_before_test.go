package models_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
)

// before is a database of a program from before rows of keys carried a MAC: identifiers say nothing of the keys, and each
// event names a key by its identifier alone.
type before struct {
	t        *testing.T
	database *models.Database
	address  string
	clock    *modelstest.Clock
	ring     *keys.Ring
	rows     []models.ServerKey
}

// newBefore has the first keys, in a schema of that version.
func newBefore(t *testing.T, dialect string, version int64, wanted []keys.Wanted) *before {
	t.Helper()
	b := &before{t: t, address: modelstest.Empty(t, dialect), clock: modelstest.NewClock()}
	b.database = modelstest.Connect(t, b.address)
	if err := b.database.MigrateTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	b.ring = keys.NewRing(keys.Config{Issuer: modelstest.Issuer, Now: b.clock.Now, Rand: rand.Reader, MasterKey: modelstest.MasterKey()})
	for _, want := range wanted {
		b.add(want)
	}
	b.load()
	for _, row := range b.rows {
		b.record(audit.SigningKeyCreated, row.ID, row.Purpose)
	}
	b.insert()
	return b
}

func (b *before) add(want keys.Wanted) *models.ServerKey {
	b.t.Helper()
	key, err := b.ring.Generate(strings.Join([]string{string(want.Purpose), string(rune('a' + len(b.rows)))}, "-"), want)
	if err != nil {
		b.t.Fatal(err)
	}
	row := models.ServerKey{Key: key, CreatedAt: models.At(b.clock.Now())}
	if want.Status == keys.Current {
		row.ActivatedAt = row.CreatedAt
	}
	b.rows = append(b.rows, row)
	return &b.rows[len(b.rows)-1]
}

// load has the ring sign with the keys that are current.
func (b *before) load() {
	b.t.Helper()
	var active []keys.Key
	for _, row := range b.rows {
		if row.Status != keys.Retired {
			active = append(active, row.Key)
		}
	}
	if err := b.ring.Begin(active); err != nil {
		b.t.Fatal(err)
	}
}

func (b *before) record(kind audit.Type, id string, purpose keys.Purpose) {
	b.t.Helper()
	db := models.WriterForTest(b.database)
	var last int64
	if err := db.Raw("SELECT coalesce(max(seq), 0) FROM audit_events").Scan(&last).Error; err != nil {
		b.t.Fatal(err)
	}
	entry, err := b.ring.Log().Sign(last+1, b.clock.Now(), audit.Event{Type: kind, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(term.SystemCommandLine)}, Key: id, Reason: string(purpose),
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	former := formerEntry{Seq: entry.Seq, ID: entry.ID, Type: entry.Type, OccurredAt: entry.OccurredAt, KeyID: entry.KeyID, SET: entry.SET}
	if err := db.Create(&former).Error; err != nil {
		b.t.Fatal(err)
	}
}

// insert writes the rows as the schema has them.
func (b *before) insert() {
	b.t.Helper()
	for _, row := range b.rows {
		fields := map[string]any{"id": row.ID, "purpose": row.Purpose, "status": row.Status, "algorithm": row.Algorithm,
			"public_jwk": row.PublicJWK, "sealed": row.Sealed, "created_at": row.CreatedAt}
		if row.Status != keys.Current || row.RetiredAt > 0 || models.WriterForTest(b.database).Migrator().HasColumn("server_keys", "retired_at") {
			fields["activated_at"], fields["retired_at"], fields["in_use_until"] = row.ActivatedAt, row.RetiredAt, row.InUseUntil
		}
		db := models.WriterForTest(b.database)
		if err := db.Exec("DELETE FROM server_keys WHERE id = ?", row.ID).Error; err != nil {
			b.t.Fatal(err)
		}
		if err := db.Table("server_keys").Create(fields).Error; err != nil {
			b.t.Fatal(err)
		}
	}
}

// rotate lets the next key of a purpose sign, as programs from before did.
func (b *before) rotate(purpose keys.Purpose) {
	b.t.Helper()
	b.clock.Advance(2 * time.Hour)
	now := models.At(b.clock.Now())
	var came string
	for i := range b.rows {
		row := &b.rows[i]
		switch {
		case row.Purpose == purpose && row.Status == keys.Current:
			row.Status, row.RetiredAt, row.InUseUntil = keys.Retired, now, now.Add(time.Hour)
		case row.Purpose == purpose && row.Status == keys.Next:
			row.Status, row.ActivatedAt, came = keys.Current, now, row.ID
		}
	}
	made := b.add(keys.Wanted{Purpose: purpose, Status: keys.Next}).ID
	b.record(audit.SigningKeyRotated, came, purpose)
	b.record(audit.SigningKeyCreated, made, purpose)
	b.load()
	b.insert()
}

// end ends the retired keys of a purpose for good.
func (b *before) end(purpose keys.Purpose) {
	b.t.Helper()
	b.clock.Advance(2 * time.Hour)
	for i := range b.rows {
		if row := &b.rows[i]; row.Purpose == purpose && row.Status == keys.Retired && row.Sealed != "" {
			row.Sealed = ""
			b.record(audit.SigningKeyRetired, row.ID, purpose)
		}
	}
	b.insert()
}

// exec is what somebody does who can write to the database.
func (b *before) exec(statements ...string) {
	b.t.Helper()
	for _, statement := range statements {
		if err := models.WriterForTest(b.database).Exec(statement).Error; err != nil {
			b.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// start migrates the database and opens it with this program.
func (b *before) start() (*modelstest.Env, error) {
	b.t.Helper()
	if _, err := b.database.MigrateUp(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	return b.open()
}

func (b *before) open() (*modelstest.Env, error) {
	env := &modelstest.Env{Clock: b.clock, Address: b.address, Context: b.t.Context()}
	store, err := models.Open(b.t.Context(), modelstest.Connect(b.t, b.address), config(env, modelstest.MasterKey()))
	env.Store = store
	return env, err
}

func (b *before) keys() []keys.Key {
	var list []keys.Key
	for _, row := range b.rows {
		list = append(list, row.Key)
	}
	return list
}

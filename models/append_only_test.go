package models_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// docs/protocol.md §6 append-only: the database itself refuses to change what is written, by SQL and
// through gorm, after every migration.
func TestAuditTableIsAppendOnlyAfterEveryMigration(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			address := modelstest.Empty(t, dialect)
			database := modelstest.Connect(t, address)
			list, err := database.MigrationStatus(t.Context())
			if err != nil || len(list) == 0 {
				t.Fatalf("no migrations: %v", err)
			}
			for i, migration := range list {
				if err := database.MigrateTo(t.Context(), migration.Version); err != nil {
					t.Fatal(err)
				}
				if migration.Version == packedSince { // the columns are others: connections have plans of before
					database = modelstest.Connect(t, address)
				}
				db, last := models.WriterForTest(database), int64(i+1)
				if migration.Version < packedSince {
					appendEntry(t, db, handMadeBefore(last, last, "a.b.c"))
					refuseEveryChange(t, db, dialect, "set_jwt", last, handMadeBefore)
					continue
				}
				appendEntry(t, db, handMade(last, last, "a.b.c"))
				refuseEveryChange(t, db, dialect, "set_text", last, handMade)
			}
		})
	}
}

// packedSince is the migration since which the tokens' column has another name.
const packedSince = 72

// formerEntry is a row of before.
type formerEntry struct {
	Seq        int64  `gorm:"column:seq;primaryKey;autoIncrement:false"`
	ID         string `gorm:"column:jti"`
	Type       string `gorm:"column:type"`
	OccurredAt int64  `gorm:"column:occurred_at"`
	KeyID      string `gorm:"column:kid"`
	SET        string `gorm:"column:set_jwt"`
}

func (formerEntry) TableName() string { return "audit_events" }

func handMadeBefore(seq, jti int64, set string) formerEntry {
	return formerEntry{Seq: seq, ID: fmt.Sprintf("jti-%d", jti), Type: "code-matched", OccurredAt: 1, KeyID: "k", SET: set}
}

func handMade(seq, jti int64, set string) audit.Entry {
	return audit.Entry{Seq: seq, ID: fmt.Sprintf("jti-%d", jti), Type: "code-matched", OccurredAt: 1, KeyID: "k", SET: set}
}

func appendEntry[E any](t *testing.T, db *gorm.DB, entry E) {
	t.Helper()
	if err := db.Create(&entry).Error; err != nil {
		t.Fatalf("append %+v: %v", entry, err)
	}
}

func refuseEveryChange[E comparable](
	t *testing.T, db *gorm.DB, dialect, column string, last int64, entry func(seq, jti int64, set string) E,
) {
	t.Helper()
	const other = -7 // a jti
	replaced, sameJTI := entry(last, last, "x.y.z"), entry(last+1, last, "a.b.c")
	gap, gone := entry(last+2, last+2, "a.b.c"), entry(last, other, "a.b.c")
	attempts := map[string]func() error{
		"UPDATE":                func() error { return db.Exec("UPDATE audit_events SET " + column + " = 'x'").Error },
		"DELETE":                func() error { return db.Exec("DELETE FROM audit_events WHERE seq = ?", last).Error },
		"gorm Update":           func() error { return db.Model(new(E)).Where("seq = ?", last).Update("type", "x").Error },
		"gorm Save":             func() error { return db.Save(&replaced).Error },
		"gorm Delete":           func() error { return db.Delete(new(E), "seq = ?", last).Error },
		"gorm OnConflict":       func() error { return db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&replaced).Error },
		"a gap":                 func() error { return db.Create(&gap).Error },
		"a jti that is there":   func() error { return db.Create(&sameJTI).Error },
		"a number that is gone": func() error { return db.Create(&gone).Error },
	}
	if dialect == "sqlite" {
		insert := "INSERT OR REPLACE INTO audit_events (seq, jti, type, occurred_at, kid, " + column + ") VALUES (?, ?, 't', 1, 'k', 's')"
		attempts["INSERT OR REPLACE by seq"] = func() error { return db.Exec(insert, last, "other").Error }
		attempts["INSERT OR REPLACE by jti"] = func() error { return db.Exec(insert, last+1, fmt.Sprintf("jti-%d", last)).Error }
		attempts["REPLACE INTO"] = func() error {
			return db.Exec(strings.Replace(insert, "INSERT OR REPLACE", "REPLACE", 1), last, "other").Error
		}
		attempts["UPDATE OR REPLACE"] = func() error { return db.Exec("UPDATE OR REPLACE audit_events SET seq = 1").Error }
	} else {
		attempts["TRUNCATE"] = func() error { return db.Exec("TRUNCATE audit_events").Error }
		attempts["MERGE"] = func() error {
			return db.Exec(`MERGE INTO audit_events a USING (SELECT 1) s ON a.seq = ? WHEN MATCHED THEN UPDATE SET type = 'x'`, last).Error
		}
	}
	for name, attempt := range attempts {
		if err := attempt(); err == nil {
			t.Errorf("after entry %d: %s was not refused", last, name)
		}
	}
	var count int64
	var kept E
	if err := db.Model(new(E)).Count(&count).Error; err != nil || count != last {
		t.Errorf("%d entries instead of %d: %v", count, last, err)
	}
	if err := db.Where("seq = ?", last).First(&kept).Error; err != nil || kept != entry(last, last, "a.b.c") {
		t.Errorf("entry %d is now %+v: %v", last, kept, err)
	}
}

// A failed transition leaves no event, and a failed event no transition.
func TestTransitionAndEventCommitTogether(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	v := newVisit(t, env)
	v.to(t, models.Proofed)
	// The next number is taken by a hand-made row, behind the back of the sequence's
	// trigger: the event cannot be written, so the approval must not stand.
	writer := models.WriterForTest(env.Database)
	if err := writer.Exec("CREATE TRIGGER full BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'disk full'); END").Error; err != nil {
		t.Fatal(err)
	}
	if err := v.do("approve", v.operator); err == nil {
		t.Fatal("approved without an event")
	}
	if v.state(t) != models.Proofed {
		t.Errorf("now %s", v.state(t))
	}
	if _, err := env.BindingOf(env.Context, v.codes.DeviceAuthorizationID); err != models.ErrNotFound {
		t.Errorf("a binding without an event: %v", err)
	}
}

// docs/decisions/0069-packed-events.md: a program that does not look whether it is too old can do nothing with a trail that has
// packed tokens.
func TestAProgramOfBeforeNeitherReadsNorAppends(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		db := models.WriterForTest(env.Database)
		last := env.LastEvent(t)
		former := handMadeBefore(last+1, last+1, "a.b.c")
		if err := db.Create(&former).Error; err == nil || env.LastEvent(t) != last {
			t.Errorf("appended: %v", err)
		}
		var entries []formerEntry
		if err := db.Select("seq, set_jwt").Find(&entries).Error; err == nil {
			t.Errorf("read: %+v", entries)
		}
		var knows int64
		if err := db.Raw("SELECT knows FROM oldest_program").Scan(&knows).Error; err != nil || knows < packedSince {
			t.Errorf("it asks for a program that knows %d: %v", knows, err)
		}
	})
}

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
			database := modelstest.Connect(t, modelstest.Empty(t, dialect))
			list, err := database.MigrationStatus(t.Context())
			if err != nil || len(list) == 0 {
				t.Fatalf("no migrations: %v", err)
			}
			for i, migration := range list {
				if err := database.MigrateTo(t.Context(), migration.Version); err != nil {
					t.Fatal(err)
				}
				db := models.WriterForTest(database)
				appendEntry(t, db, int64(i+1))
				refuseEveryChange(t, db, dialect, int64(i+1))
			}
		})
	}
}

func entry(seq int64) audit.Entry {
	return audit.Entry{Seq: seq, ID: fmt.Sprintf("jti-%d", seq), Type: "code-matched", OccurredAt: 1, KeyID: "k", SET: "a.b.c"}
}

func appendEntry(t *testing.T, db *gorm.DB, seq int64) {
	t.Helper()
	e := entry(seq)
	if err := db.Create(&e).Error; err != nil {
		t.Fatalf("append %d: %v", seq, err)
	}
}

func refuseEveryChange(t *testing.T, db *gorm.DB, dialect string, last int64) {
	t.Helper()
	replaced, sameJTI, gap := entry(last), entry(last+1), entry(last+2)
	replaced.SET, sameJTI.ID = "x.y.z", fmt.Sprintf("jti-%d", last)
	attempts := map[string]func() error{
		"UPDATE":                func() error { return db.Exec("UPDATE audit_events SET set_jwt = 'x'").Error },
		"DELETE":                func() error { return db.Exec("DELETE FROM audit_events WHERE seq = ?", last).Error },
		"gorm Update":           func() error { return db.Model(&audit.Entry{}).Where("seq = ?", last).Update("type", "x").Error },
		"gorm Save":             func() error { return db.Save(&replaced).Error },
		"gorm Delete":           func() error { return db.Delete(&audit.Entry{}, "seq = ?", last).Error },
		"gorm OnConflict":       func() error { return db.Clauses(clause.OnConflict{UpdateAll: true}).Create(&replaced).Error },
		"a gap":                 func() error { return db.Create(&gap).Error },
		"a jti that is there":   func() error { return db.Create(&sameJTI).Error },
		"a number that is gone": func() error { e := entry(last); e.ID = "new"; return db.Create(&e).Error },
	}
	if dialect == "sqlite" {
		insert := "INSERT OR REPLACE INTO audit_events (seq, jti, type, occurred_at, kid, set_jwt) VALUES (?, ?, 't', 1, 'k', 's')"
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
	var kept audit.Entry
	if err := db.Model(&audit.Entry{}).Count(&count).Error; err != nil || count != last {
		t.Errorf("%d entries instead of %d: %v", count, last, err)
	}
	if err := db.Where("seq = ?", last).First(&kept).Error; err != nil || kept != entry(last) {
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

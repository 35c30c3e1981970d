package models_test

import (
	"database/sql"
	"errors"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// A transaction that SQLite has rolled back by itself changes nothing any more, though who writes goes on after the error; and the
// writer is whole afterwards.
func TestNothingIsWrittenAfterSQLiteRolledBack(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	writer := models.WriterForTest(env.Database)
	mustExec(t, writer, "CREATE TABLE tried (name TEXT PRIMARY KEY)")
	mustExec(t, writer, "INSERT INTO tried VALUES ('before')")
	err := writer.Transaction(func(db *gorm.DB) error {
		mustExec(t, db, "INSERT INTO tried VALUES ('one')")
		if err := db.Exec("INSERT OR ROLLBACK INTO tried VALUES ('before')").Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("twice: %v", err)
		}
		if err := db.Exec("INSERT INTO tried VALUES ('two')").Error; !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("after the rollback: %v", err)
		}
		var names []string
		if err := db.Raw("SELECT name FROM tried").Scan(&names).Error; !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("a question after the rollback: %v", err)
		}
		return nil
	})
	if !errors.Is(err, sql.ErrTxDone) {
		t.Errorf("its COMMIT: %v", err)
	}
	mustExec(t, writer, "INSERT INTO tried VALUES ('after')")
	var names []string
	if err := writer.Raw("SELECT name FROM tried ORDER BY name").Scan(&names).Error; err != nil || len(names) != 2 || names[0] != "after" {
		t.Errorf("%v, %v", names, err)
	}
}

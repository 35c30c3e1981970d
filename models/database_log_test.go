package models_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// What is answered is not logged; what is a fault is, without anybody's data.
func TestOnlyFaultsAreLogged(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{})
			var out bytes.Buffer
			database, err := models.Connect(t.Context(), env.Address, slog.New(slog.NewTextHandler(&out, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer database.Close()
			store, err := models.Open(t.Context(), database, config(env, modelstest.MasterKey()))
			if err != nil {
				t.Fatal(err)
			}
			counter := models.NewCounter{Name: "A", TimeZone: "UTC"}
			if _, err := store.AddCounter(t.Context(), counter); err != nil {
				t.Fatal(err)
			}
			if _, err := store.AddCounter(t.Context(), counter); err != models.ErrExists {
				t.Errorf("the second counter: %v", err)
			}
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := store.Counters(gone); err == nil {
				t.Error("answered somebody who had gone")
			}
			if out.Len() > 0 {
				t.Errorf("logged what was answered: %s", out.String())
			}

			db := models.WriterForTest(database)
			if err := db.Exec("DROP TABLE match_failures").Error; err != nil {
				t.Fatal(err)
			}
			if err := db.Exec("DELETE FROM match_failures WHERE account_id = ?", "anna@example.org").Error; err == nil {
				t.Error("no fault")
			}
			if log := out.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "match_failures") ||
				strings.Contains(log, "anna@") {
				t.Errorf("the log of a fault: %s", log)
			}
		})
	}
}

// The text that no log may show, and a column to put it in.
const plantedSecret = "anna-planted-plantedSecret"

type plantedRow struct{ AccountID string }

// waysOfGorm are the ways in which gorm hands a value to the database.
var waysOfGorm = map[string]func(db *gorm.DB, table string) error{
	"Exec": func(db *gorm.DB, table string) error {
		return db.Exec("DELETE FROM "+table+" WHERE account_id = ?", plantedSecret).Error
	},
	"Raw, Scan": func(db *gorm.DB, table string) error {
		var n []string
		return db.Raw("SELECT account_id FROM "+table+" WHERE account_id = ?", plantedSecret).Scan(&n).Error
	},
	"Table, Scan": func(db *gorm.DB, table string) error {
		var n []plantedRow
		return db.Table(table).Where("account_id = ?", plantedSecret).Scan(&n).Error
	},
	"Pluck": func(db *gorm.DB, table string) error {
		var n []string
		return db.Table(table).Where("account_id = ?", plantedSecret).Pluck("account_id", &n).Error
	},
	"Find": func(db *gorm.DB, table string) error {
		var n []plantedRow
		return db.Table(table).Where(plantedRow{plantedSecret}).Find(&n).Error
	},
	"Count": func(db *gorm.DB, table string) error {
		var n int64
		return db.Table(table).Where("account_id = ?", plantedSecret).Count(&n).Error
	},
	"Update": func(db *gorm.DB, table string) error {
		return db.Table(table).Where("account_id = ?", plantedSecret).Update("account_id", plantedSecret).Error
	},
	"Delete": func(db *gorm.DB, table string) error {
		return db.Table(table).Where("account_id = ?", plantedSecret).Delete(&plantedRow{}).Error
	},
	"Create": func(db *gorm.DB, table string) error {
		return db.Table(table).Create([]plantedRow{{plantedSecret}, {plantedSecret}}).Error
	},
	"CreateInBatches": func(db *gorm.DB, table string) error {
		return db.Table(table).CreateInBatches([]plantedRow{{plantedSecret}, {plantedSecret}}, 1).Error
	},
	"Rows": func(db *gorm.DB, table string) error {
		rows, err := db.Raw("SELECT account_id FROM "+table+" WHERE account_id = ?", plantedSecret).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		return rows.Err()
	},
}

// No way of asking the database puts a value into the log, at any level, whether the
// statement fails or is merely logged: gorm's Scan has a log of its own.
func TestNoValueIsLogged(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			var out bytes.Buffer
			log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			database, err := models.Connect(t.Context(), modelstest.Migrated(t, dialect), log)
			if err != nil {
				t.Fatal(err)
			}
			defer database.Close()
			plain := models.WriterForTest(database)
			everything := plain.Session(&gorm.Session{Logger: plain.Logger.LogMode(logger.Info)})
			prepared := everything.Session(&gorm.Session{PrepareStmt: true})
			for name, way := range waysOfGorm {
				for _, table := range []string{"nothing_of_ours", "match_failures"} {
					for _, db := range []*gorm.DB{plain, everything, prepared, everything.Debug()} {
						err := way(db, table)
						if table == "nothing_of_ours" && err == nil {
							t.Errorf("%s: no fault", name)
						}
					}
					if out.Len() == 0 || strings.Contains(out.String(), plantedSecret) {
						t.Errorf("%s of %s logs %s", name, table, out.String())
					}
					out.Reset()
				}
			}
		})
	}
}

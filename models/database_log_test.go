package models_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
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

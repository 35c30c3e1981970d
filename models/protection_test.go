package models_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

var updateProtection = flag.Bool("protection.update", false, "write migrations/protection anew")

// models/migrations/protection says what the migrations make, no more and no less.
func TestProtectionIsThatOfTheMigrations(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			database := modelstest.Connect(t, modelstest.Empty(t, dialect))
			if _, err := database.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			made, err := models.ProtectionForTest(t.Context(), database)
			if err != nil || len(made) < 3 {
				t.Fatalf("%v, %v", made, err)
			}
			text, err := json.MarshalIndent(made, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			file := "migrations/protection/" + dialect + ".json"
			if *updateProtection {
				if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if written, err := os.ReadFile(file); err != nil || string(written) != string(text)+"\n" {
				t.Errorf("%s differs from what the migrations make (go test ./models -run Protection -protection.update): %v\n%s", file, err, text)
			}
		})
	}
}

// docs/protocol.md §6 protection-whole: definitions are compared whole, and what was changed is named.
func TestChangedProtectionIsNamed(t *testing.T) {
	for _, test := range protectionCases() {
		t.Run(test.name, func(t *testing.T) {
			dialect := "postgres"
			if test.sqlite != nil {
				dialect = "sqlite"
			}
			database := modelstest.Connect(t, modelstest.Migrated(t, dialect))
			for _, statement := range append(test.sqlite, test.postgres...) {
				if err := models.WriterForTest(database).Exec(statement).Error; err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			report, err := database.CheckTrail(t.Context(), modelstest.Issuer, noKeys())
			if got := strings.Join(report.Unprotected, "; "); err != nil || got != test.found {
				t.Errorf("found %q, want %q; %v", got, test.found, err)
			}
			if report.OK() {
				t.Error("sound")
			}
		})
	}
}

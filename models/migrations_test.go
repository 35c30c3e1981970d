package models_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/models/modelstest"
)

// models/migrations/README.md: both databases have the same migrations, and no number is used twice.
func TestMigrationsLieSideBySide(t *testing.T) {
	sqlite, postgres := migrationFiles(t, "migrations/sqlite"), migrationFiles(t, "migrations/postgres")
	if !slices.Equal(sqlite, postgres) {
		t.Errorf("SQLite has   %v\nPostgreSQL has %v", sqlite, postgres)
	}
	for i := range sqlite[1:] {
		if sqlite[i][:5] == sqlite[i+1][:5] {
			t.Errorf("%s and %s have one number", sqlite[i], sqlite[i+1])
		}
	}
}

func migrationFiles(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if len(names) < 20 {
		t.Fatalf("%s has only %v", folder, names)
	}
	return names
}

// models/migrations/README.md: a migration that asks for a newer program does so first of all, in one form, on both databases.
func TestMigrationsAskForAProgramInOneForm(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		for _, name := range migrationFiles(t, "migrations/"+dialect) {
			text, err := os.ReadFile("migrations/" + dialect + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if name > "00069" {
				if wrong := asksWrongly(dialect, name, string(text)); wrong != "" {
					t.Errorf("%s/%s %s", dialect, name, wrong)
				}
			}
		}
	}
	for text, right := range map[string]bool{
		"CREATE TABLE x (id int);": true,
		"LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\nUPDATE oldest_program SET knows = 99;\nCREATE TABLE x (id int);": true,
		"LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\nUPDATE oldest_program SET knows = 70;":                           true,
		"LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\nUPDATE oldest_program SET knows = 100;":                          false,
		"UPDATE oldest_program SET knows = 99;": false,
		"CREATE TABLE x (id int);\nLOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\nUPDATE oldest_program SET knows = 99;": false,
		"LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\nUPDATE oldest_program SET knows=99;":                             false,
	} {
		if wrong := asksWrongly("postgres", "00099_x.sql", "-- +goose Up\n-- Why.\n"+text); (wrong == "") != right {
			t.Errorf("%s: %q", text, wrong)
		}
	}
}

// asksWrongly returns what is wrong with how a migration asks, "" for nothing.
func asksWrongly(dialect, name, text string) string {
	if !strings.Contains(text, "oldest_program") {
		return ""
	}
	first := `LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE;\n`
	if dialect == "sqlite" {
		first = ""
	}
	form := regexp.MustCompile(`(?m)\A-- \+goose Up\n(?:--.*\n)*` + first + `UPDATE oldest_program SET knows = (\d{2,3});$`)
	found := form.FindStringSubmatch(text)
	if found == nil {
		return "asks for a newer program in another way than the README's"
	}
	if fmt.Sprintf("%05s", found[1]) > name[:5] {
		return "asks for a program that knows more than it"
	}
	return ""
}

// What migrate up is to do is known before: from where to where, and whether a program of before may go on beside it.
func TestPlannedMigrations(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			database := modelstest.Connect(t, modelstest.Empty(t, dialect))
			plan, err := database.PlanMigrations(t.Context())
			if err != nil || plan.From != 0 || plan.To < 68 || len(plan.Waiting) < 50 || plan.Oldest < 67 || plan.Beside() {
				t.Errorf("a new database: %+v, %v", plan, err)
			}
			if err := database.MigrateTo(t.Context(), 67); err != nil {
				t.Fatal(err)
			}
			plan, err = database.PlanMigrations(t.Context())
			if err != nil || plan.From != 67 || plan.Waiting[0] != "00068_oldest_program.sql" || plan.Beside() != (plan.Oldest == 67) {
				t.Errorf("one of before: %+v, %v", plan, err)
			}
			if _, err := database.MigrateUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			plan, err = database.PlanMigrations(t.Context())
			if err != nil || plan.From != plan.To || len(plan.Waiting) > 0 || plan.Oldest < 67 || !plan.Beside() {
				t.Errorf("nothing to do: %+v, %v", plan, err)
			}
		})
	}
}

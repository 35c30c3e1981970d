package models_test

import (
	"os"
	"slices"
	"testing"
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

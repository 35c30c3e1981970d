package models_test

import (
	"errors"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// oldIdentifiers fills a database of the program before models/spelling: keys were folded text only.
func oldIdentifiers(t *testing.T, dialect string, identifiers map[string]string) *models.Database {
	t.Helper()
	database := modelstest.Connect(t, modelstest.Empty(t, dialect))
	if err := database.MigrateTo(t.Context(), 27); err != nil {
		t.Fatal(err)
	}
	run := func(statement string, args ...any) {
		t.Helper()
		if err := models.WriterForTest(database).WithContext(t.Context()).Exec(statement, args...).Error; err != nil {
			t.Fatal(err)
		}
	}
	made := map[string]bool{}
	for identifier, account := range identifiers {
		if !made[account] {
			made[account] = true
			run("INSERT INTO accounts (id, status, full_name, date_of_birth, created_at, updated_at) VALUES (?, 'active', 'A', '1990-01-01', 0, 0)", account)
		}
		run("INSERT INTO account_identifiers (key, account_id, identifier, position) VALUES (?, ?, ?, 0)", strings.ToLower(identifier),
			account, identifier)
	}
	run("INSERT INTO staff (id, issuer, subject, name, identifier_keys, created_at) VALUES ('s', 'i', 'sub', 'S', ?, 7)",
		"+46 (70) 123-45 67\ns@example.org")
	return database
}

// keysOf reads every key with its account.
func keysOf(t *testing.T, database *models.Database) map[string]string {
	t.Helper()
	var rows []models.AccountIdentifier
	if err := database.Reader().Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, row := range rows {
		keys[row.Key] = row.AccountID
	}
	return keys
}

// Keys from before are brought into the one form, on both databases; two spellings that one account had become one.
func TestMigrationOfSpellings(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		database := oldIdentifiers(t, dialect, map[string]string{
			"+44 7700 900118": "a", "+447700900118": "a", "C-100": "a", "anna@xn--bcher-kva.example": "b", "07700 900118": "c",
		})
		if _, err := database.MigrateUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys := keysOf(t, database)
		for key, account := range map[string]string{"+447700900118": "a", "c-100": "a", "anna@bücher.example": "b", "07700 900118": "c"} {
			if keys[key] != account {
				t.Errorf("%s names %q, want %q", key, keys[key], account)
			}
		}
		if len(keys) != 4 {
			t.Errorf("the keys are %v", keys)
		}
		var seen []string
		if err := database.Reader().Raw("SELECT key FROM staff_identifiers WHERE staff_id = 's' ORDER BY key").Scan(&seen).Error; err != nil {
			t.Fatal(err)
		}
		if strings.Join(seen, " ") != "+46701234567 s@example.org" {
			t.Errorf("the member of staff was seen with %q", seen)
		}
	})
}

// A clash is named by the accounts' ids before anything changes: the program before this one goes on.
func TestSpellingsThatClash(t *testing.T) {
	eachDialect(t, func(t *testing.T, dialect string) {
		database := oldIdentifiers(t, dialect, map[string]string{"+44 7700 900118": "one", "+447700900118": "two", "C-1": "three"})
		before := keysOf(t, database)
		_, err := database.MigrateUp(t.Context())
		if !errors.Is(err, models.ErrSpellingsClash) || !strings.Contains(err.Error(), "one") || !strings.Contains(err.Error(), "two") ||
			strings.Contains(err.Error(), "7700") {
			t.Errorf("%v", err)
		}
		if after := keysOf(t, database); len(after) != len(before) || after["+44 7700 900118"] != "one" {
			t.Errorf("the keys are %v, were %v", after, before)
		}
		list, err := database.MigrationStatus(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Applied != (m.Version <= 27) {
				t.Errorf("%s: applied = %v", m.Name, m.Applied)
			}
		}
	})
}

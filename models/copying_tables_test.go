package models_test

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

// tablesOf are the tables of a SQLite schema.
func tablesOf(t *testing.T, db *gorm.DB) (names []string) {
	t.Helper()
	err := db.Raw(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`).Scan(&names).Error
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// rowsOf are all rows of a table, each as one line of its columns in the order of their names.
func rowsOf(t *testing.T, db *gorm.DB, table string) (lines []string) {
	t.Helper()
	var rows []map[string]any
	if err := db.Raw("SELECT * FROM " + table).Scan(&rows).Error; err != nil {
		t.Fatal(table, err)
	}
	for _, row := range rows {
		var line []string
		for _, name := range slices.Sorted(maps.Keys(row)) {
			line = append(line, name+"="+plainValue(row[name]))
		}
		lines = append(lines, strings.Join(line, " "))
	}
	slices.Sort(lines)
	return lines
}

func plainValue(value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return "1"
		}
		return "0"
	case []byte:
		return hex.EncodeToString(value)
	case string: // gorm makes one of bytes on SQLite
		return hex.EncodeToString([]byte(value))
	}
	return fmt.Sprint(value)
}

// sampled are columns whose tables take no sample value.
var sampled = map[string]string{
	"account_imports.state": "'finished'", "alert_outbox.channel": "'mail'", "document_differences.read_as": "'mrz'",
	"document_scans.read_as": "'mrz'", "document_scans.name_result": "'matches'", "document_scans.birth_date_result": "'differs'",
	"ending_rules.reason": "'suspicious'", "ending_rules.client_id": "''", "notices.channel": "'mail'", "notices.outcome": "''",
	"notices.occasion": "'revoked'", "notices.former_contact": "''", "second_approvals.status": "'waiting'",
	"second_approvals.answered_at": "0", "second_approvals.answered_staff_id": "NULL", "registration_tokens.used_at": "0",
	"registration_tokens.client_id": "NULL", "trail_verifications.verdict": "'sound'",
}

// fillTables gives each table that has no row one: the greatest number, a text that is not ASCII, some bytes. What a row refers to is
// the first row there.
func fillTables(t *testing.T, db *gorm.DB) {
	t.Helper()
	mustExec(t, db, "PRAGMA foreign_keys = OFF") // the statements come in the order of the names
	for _, table := range tablesOf(t, db) {
		if len(rowsOf(t, db, table)) == 0 {
			if err := db.Exec(sampleOf(t, db, table)).Error; err != nil {
				t.Errorf("a row of %s: %v: say in sampled what it takes", table, err)
			}
		}
	}
	var wrong []string
	if err := db.Raw(`SELECT "table" FROM pragma_foreign_key_check`).Scan(&wrong).Error; err != nil || len(wrong) > 0 {
		t.Fatal(wrong, err)
	}
}

// sampleOf is the statement that makes the row.
func sampleOf(t *testing.T, db *gorm.DB, table string) string {
	t.Helper()
	var columns []struct{ Name, Type, Parent, Referred string }
	err := db.Raw(`SELECT c.name, c.type, coalesce(f."table", '') AS parent, coalesce(f."to", '') AS referred
		FROM pragma_table_info(?) AS c LEFT JOIN pragma_foreign_key_list(?) AS f ON f."from" = c.name`, table, table).Scan(&columns).Error
	if err != nil {
		t.Fatal(err)
	}
	var names, values []string
	for _, column := range columns {
		value := map[string]string{"INTEGER": "1", "TEXT": "'ß東'", "BLOB": "x'00ff'"}[column.Type]
		if strings.HasSuffix(column.Name, "_at") || strings.HasSuffix(column.Name, "_until") {
			value = "9223372036854775807"
		}
		if column.Parent != "" {
			value = "(SELECT " + column.Referred + " FROM " + column.Parent + " LIMIT 1)"
		}
		if known := sampled[table+"."+column.Name]; known != "" {
			value = known
		}
		names, values = append(names, column.Name), append(values, value)
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
}

// Each table is copied, row for row and value for value, or is named as left out, with why. A table that a migration adds is copied
// without a word; where its rules take no sample value, sampled has one.
func TestEveryTableIsCopied(t *testing.T) {
	site := newCopiedSite(t)
	fillTrail(t, site.Env, 256) // for a full tile
	sequenced(t, site.Env)
	source := models.WriterForTest(site.Database)
	fillTables(t, source)
	address := modelstest.Empty(t, "postgres")
	report, err := copyOf(t, site.Env).CopyToPostgres(site.Context, copying(site.Env, address))
	if err != nil {
		t.Fatal(err)
	}
	there := modelstest.Connect(t, address)
	if tables := len(tablesOf(t, source)) - len(models.NotCopiedForTest()); report.Tables != tables {
		t.Errorf("%d tables are copied of %d", report.Tables, tables)
	}
	for _, table := range tablesOf(t, source) {
		if why, is := models.NotCopiedForTest()[table]; is {
			if why == "" {
				t.Errorf("%s is left out, and nobody says why", table)
			}
			continue
		}
		was, is := rowsOf(t, source, table), rowsOf(t, there.Reader(), table)
		if len(was) == 0 || !slices.Equal(was, is) {
			t.Errorf("%s: %d rows, and was %d\n%s\n%s", table, len(is), len(was), strings.Join(is, "\n"), strings.Join(was, "\n"))
		}
	}
	for table := range models.NotCopiedForTest() {
		if !slices.Contains(tablesOf(t, source), table) {
			t.Errorf("%s is left out, and not there", table)
		}
	}
}

// Rows that migrations make are known by name: a database that has others is not empty.
func TestSeedsOfMigrations(t *testing.T) {
	env := modelstest.Connect(t, modelstest.Migrated(t, "postgres"))
	var tables, seeded []string
	err := env.Reader().Raw("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'").Scan(&tables).Error
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if models.NotCopiedForTest()[table] == "" && len(rowsOf(t, env.Reader(), table)) > 0 {
			seeded = append(seeded, table)
		}
	}
	if want := models.SeedsForTest(); !slices.Equal(seeded, want) {
		t.Errorf("migrations make rows of %v, and %v are known", seeded, want)
	}
}

// What rows refer to is copied before them, also by way of others.
func TestTablesAreCopiedInOrder(t *testing.T) {
	got, err := models.InOrderForTest([]string{"a", "b", "c", "d"}, map[string][]string{"a": {"c"}, "c": {"d", "b"}})
	if err != nil || !slices.Equal(got, []string{"b", "d", "c", "a"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := models.InOrderForTest([]string{"a", "b"}, map[string][]string{"a": {"b"}, "b": {"a"}}); err == nil {
		t.Error("tables that refer to each other have an order")
	}
}

package models_test

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// A role that owns nothing serves a whole visit with the grants that are printed, cannot
// change the trail, and is not warned of; the owner is.
func TestRoleThatOwnsNothing(t *testing.T) {
	owner := modelstest.Connect(t, modelstest.Migrated(t, "postgres"))
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	address, err := url.Parse(env.Address)
	if err != nil {
		t.Fatal(err)
	}
	role := "serves-" + address.Path[1:]
	execute(t, env.Store, `CREATE ROLE "`+role+`" LOGIN`)
	for statement := range strings.SplitSeq(strings.TrimSpace(models.Grants("public", role)), "\n") {
		execute(t, env.Store, statement)
	}
	for _, database := range []*models.Database{owner, env.Database} {
		warnings, err := database.Warnings(t.Context())
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "owns the audit trail") {
			t.Errorf("the owner is warned of by %q, %v", warnings, err)
		}
	}

	address.User = url.User(role)
	serves := modelstest.Open(t, address.String(), models.Policy{})
	if warnings, err := serves.Warnings(t.Context()); err != nil || len(warnings) != 0 {
		t.Errorf("warnings of the role: %q, %v", warnings, err)
	}
	account, client := serves.Account(t, "ada@example.com"), serves.Client(t)
	codes := serves.Request(t, client, "ada@example.com")
	serves.Approve(t, serves.Operator(t, "olga"), account, codes)
	if _, err := serves.Redeem(t.Context(), modelstest.Redemption(client, codes)); err != nil {
		t.Error(err)
	}
	if err := serves.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
	if err := serves.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	for _, forbidden := range []string{
		"UPDATE audit_events SET set_text = ''", "DELETE FROM audit_events", "TRUNCATE audit_events", "DROP TABLE audit_events",
		"ALTER TABLE audit_events DISABLE TRIGGER ALL", "CREATE TABLE other (id int)", "DELETE FROM goose_db_version",
	} {
		if models.WriterForTest(serves.Database).Exec(forbidden).Error == nil {
			t.Errorf("the role may %s", forbidden)
		}
	}
	execute(t, env.Store, `GRANT UPDATE, DELETE ON log_tiles, log_checkpoints TO "`+role+`"`)
	warnings, err := serves.Warnings(t.Context())
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "add to log_checkpoints, log_tiles:") {
		t.Errorf("of what was granted besides: %q, %v", warnings, err)
	}
}

// Every write is READ COMMITTED with time-outs, whatever the database's defaults; nothing of
// them is left on the connection, which PgBouncer gives to others.
func TestWritesSetTheirTransactionsOnly(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	name := env.Address[strings.LastIndex(env.Address[:strings.Index(env.Address, "?")], "/")+1 : strings.Index(env.Address, "?")]
	execute(t, env.Store, "ALTER DATABASE "+name+" SET default_transaction_isolation = 'serializable'")
	writer := models.WriterForTest(again(t, env, env.Address).Database)
	pool, err := writer.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	show := func(from interface {
		QueryRow(query string, args ...any) *sql.Row
	}) string {
		var isolation, lock, idle string
		err := from.QueryRow(`SELECT current_setting('transaction_isolation'), current_setting('lock_timeout'),
			current_setting('idle_in_transaction_session_timeout')`).Scan(&isolation, &lock, &idle)
		if err != nil {
			t.Fatal(err)
		}
		return isolation + " " + lock + " " + idle
	}
	tx, err := pool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if got := show(tx); got != "read committed 5s 1min" {
		t.Errorf("a write runs with %s", got)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := show(pool); got != "serializable 0 0" {
		t.Errorf("the connection keeps %s", got)
	}
}

// A role that was granted what it needs before an update serves after it as well: every table of later migrations is its to read
// and write, but for the trail and the list of migrations.
func TestRoleServesAfterTheNewestMigration(t *testing.T) {
	database := modelstest.Connect(t, modelstest.Empty(t, "postgres"))
	writer := models.WriterForTest(database)
	const before = 27
	if err := database.MigrateTo(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	var schema string
	if err := writer.Raw("SELECT current_schema()").Scan(&schema).Error; err != nil {
		t.Fatal(err)
	}
	role := "later-" + schema + rand.Text()[:6]
	for _, statement := range append([]string{`CREATE ROLE "` + role + `" LOGIN`}, strings.Split(models.Grants(schema, role), "\n")...) {
		if err := writer.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	if _, err := database.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tables []struct {
		Name                 string
		Reads, Adds, Changes bool
	}
	err := writer.Raw(`SELECT c.relname AS name, has_table_privilege(?, c.oid, 'SELECT') AS reads,
			has_table_privilege(?, c.oid, 'INSERT') AS adds,
			has_table_privilege(?, c.oid, 'UPDATE') AND has_table_privilege(?, c.oid, 'DELETE') AS changes
		FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`, role, role, role, role).
		Scan(&tables).Error
	if err != nil || len(tables) < 25 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		adds, changes := true, true
		switch table.Name {
		case "audit_events", "log_tiles", "log_checkpoints":
			changes = false
		case "goose_db_version":
			adds, changes = false, false
		}
		if !table.Reads || table.Adds != adds || table.Changes != changes {
			t.Errorf("%s: %+v", table.Name, table)
		}
	}
}

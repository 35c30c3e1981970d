package models_test

import "github.com/go-jose/go-jose/v4"

func noKeys() jose.JSONWebKeySet { return jose.JSONWebKeySet{} }

// protectionCase is what the owner of a database does, and what is found.
type protectionCase struct {
	name             string
	sqlite, postgres []string // one of them
	found            string
}

const (
	refuse   = "EXECUTE FUNCTION audit_events_refuse()"
	noUpdate = "CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events "
	refusing = "CREATE OR REPLACE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql "
)

func protectionCases() []protectionCase {
	return append(append(sqliteCases(), triggerCases()...), tableCases()...)
}

func sqliteCases() []protectionCase {
	const hidden = `INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)
		VALUES ('index', 'hidden', 'staff', 0, 'CREATE TRIGGER hidden AFTER INSERT ON audit_events BEGIN SELECT 1; END')`
	return []protectionCase{
		{name: "SQLite: a trigger is gone", sqlite: []string{"DROP TRIGGER audit_events_no_delete"},
			found: "trigger audit_events_no_delete: gone"},
		{name: "SQLite: a trigger with a condition",
			sqlite: []string{"DROP TRIGGER audit_events_no_update",
				noUpdate + "WHEN false BEGIN SELECT RAISE(ABORT, 'audit_events is append-only: UPDATE refused'); END"},
			found: "trigger audit_events_no_update: definition changed"},
		{name: "SQLite: one trigger more", sqlite: []string{"CREATE TRIGGER more AFTER INSERT ON audit_events BEGIN SELECT 1; END"},
			found: "trigger more: not of this program"},
		{name: "SQLite: a trigger that calls itself an index",
			sqlite: []string{"PRAGMA writable_schema = on", hidden}, found: "trigger hidden: not of this program"},
		{name: "SQLite: a trigger on the keys", sqlite: []string{"CREATE TRIGGER more AFTER INSERT ON server_keys BEGIN SELECT 1; END"},
			found: "trigger more: not of this program"},
	}
}

func triggerCases() []protectionCase {
	remade := func(create ...string) []string {
		return append([]string{"DROP TRIGGER audit_events_no_update ON audit_events"}, create...)
	}
	return []protectionCase{
		{name: "a trigger is gone", postgres: remade(), found: "trigger audit_events.audit_events_no_update: gone"},
		{name: "WHEN (false)", postgres: remade(noUpdate + "FOR EACH STATEMENT WHEN (false) " + refuse),
			found: "trigger audit_events.audit_events_no_update: condition changed"},
		{name: "for each row", postgres: remade(noUpdate + "FOR EACH ROW " + refuse),
			found: "trigger audit_events.audit_events_no_update: kind changed"},
		{name: "for one column",
			postgres: remade("CREATE TRIGGER audit_events_no_update BEFORE UPDATE OF jti ON audit_events FOR EACH STATEMENT " + refuse),
			found:    "trigger audit_events.audit_events_no_update: columns changed"},
		{name: "a function of another schema",
			postgres: remade("CREATE SCHEMA other", "CREATE FUNCTION other.audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "+
				"'BEGIN RETURN NULL; END'", noUpdate+"FOR EACH STATEMENT EXECUTE FUNCTION other.audit_events_refuse()"),
			found: "function audit_events_refuse: source changed; trigger audit_events.audit_events_no_update: function changed"},
		{name: "switched off", postgres: []string{"ALTER TABLE audit_events DISABLE TRIGGER audit_events_no_truncate"},
			found: "trigger audit_events.audit_events_no_truncate: switch changed"},
		{name: "for replicas only", postgres: []string{"ALTER TABLE audit_events ENABLE REPLICA TRIGGER audit_events_no_truncate"},
			found: "trigger audit_events.audit_events_no_truncate: switch changed"},
		{name: "one trigger more", postgres: []string{"CREATE TRIGGER more BEFORE INSERT ON audit_events FOR EACH STATEMENT " + refuse},
			found: "trigger audit_events.more: not of this program"},
		{name: "a function does nothing", postgres: []string{refusing + "AS 'BEGIN RETURN NULL; END'"},
			found: "function audit_events_refuse: source changed"},
		{name: "a function with settings", postgres: []string{"ALTER FUNCTION audit_events_refuse() SET search_path = pg_temp"},
			found: "function audit_events_refuse: settings changed"},
		{name: "a function as its owner", postgres: []string{"ALTER FUNCTION audit_events_refuse() SECURITY DEFINER"},
			found: "function audit_events_refuse: settings changed"},
	}
}

func tableCases() []protectionCase {
	return []protectionCase{
		{name: "a rule", postgres: []string{"CREATE RULE quiet AS ON INSERT TO audit_events DO INSTEAD NOTHING"},
			found: "table audit_events: rules changed"},
		{name: "row security", postgres: []string{"ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY"},
			found: "table audit_events: row security changed"},
		{name: "a policy", postgres: []string{"CREATE POLICY narrow ON audit_events USING (seq < 10)"},
			found: "table audit_events: policies changed"},
		{name: "a child", postgres: []string{"CREATE TABLE child () INHERITS (audit_events)"},
			found: "table audit_events: parents and children changed"},
		{name: "not logged", postgres: []string{"ALTER TABLE audit_events SET UNLOGGED"}, found: "table audit_events: kind changed"},
		{name: "the table is another's", postgres: []string{"ALTER TABLE audit_events OWNER TO pg_monitor"},
			found: "table audit_events: owner changed"},
		{name: "a function is another's", postgres: []string{"ALTER FUNCTION audit_events_refuse() OWNER TO pg_monitor"},
			found: "function audit_events_refuse: owner changed"},
		{name: "sessions in which no trigger fires", postgres: []string{`DO $$ BEGIN
			EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END $$`},
			found: "session: replication role of others changed"},
		{name: "keys with a rule", postgres: []string{"CREATE RULE quiet AS ON DELETE TO server_keys DO INSTEAD NOTHING"},
			found: "table server_keys: rules changed"},
	}
}

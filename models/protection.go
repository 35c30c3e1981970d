package models

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// protection is what the database itself does for the protected tables, the trail's, its tree's and the keys': by name of a trigger,
// a function, a table or the session, the value of each property by the property's name.
type protection map[string]map[string]string

// unprotected says, a line each, where the database's protection differs from what the migrations made: "NAME: gone",
// "NAME: PROPERTY changed", or "NAME: not of this program". Definitions are compared whole, with
// migrations/protection/DIALECT.json, which a test holds against the migrations. Everybody may read the catalogues.
func (d *Database) unprotected(ctx context.Context) ([]string, error) {
	wanted, err := wantedProtection(d.dialect)
	if err != nil {
		return nil, err
	}
	found, err := d.protection(ctx)
	if err != nil {
		return nil, err
	}
	return wanted.differences(found), nil
}

func wantedProtection(dialect string) (protection, error) {
	text, err := migrations.ReadFile("migrations/protection/" + dialect + ".json")
	if err != nil {
		return nil, err
	}
	var wanted protection
	return wanted, json.Unmarshal(text, &wanted)
}

func (p protection) differences(found protection) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if found[name] == nil {
			lines = append(lines, name+": gone")
			continue
		}
		for _, property := range slices.Sorted(maps.Keys(p[name])) {
			if found[name][property] != p[name][property] {
				lines = append(lines, name+": "+property+" changed")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if p[name] == nil {
			lines = append(lines, name+": not of this program")
		}
	}
	return lines
}

// protection reads what stands.
func (d *Database) protection(ctx context.Context) (protection, error) {
	query := sqliteProtection
	if d.dialect == "postgres" {
		query = postgresProtection
	}
	var rows []struct{ Name, Property, Value string }
	if err := d.read.WithContext(ctx).Raw(query).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("protection of the trail: %w", err)
	}
	found := protection{}
	for _, row := range rows {
		if found[row.Name] == nil {
			found[row.Name] = map[string]string{}
		}
		value := strings.TrimSpace(row.Value)
		if before, twice := found[row.Name][row.Property]; twice && before != value { // a function of this name in each of two schemas
			value = before + "\n" + value
		}
		found[row.Name][row.Property] = value
	}
	return found, nil
}

// SQLite runs a trigger by its text alone, whatever type and table the other columns of its row name. So every trigger of the
// file is looked at, and whatever could be one.
const sqliteProtection = `SELECT 'trigger ' || name AS name, 'definition' AS property, coalesce(sql, '') AS value
	FROM sqlite_master WHERE type = 'trigger' OR sql LIKE '%trigger%' AND sql NOT LIKE 'create table%'
		AND sql NOT LIKE 'create index%' AND sql NOT LIKE 'create unique index%'
	UNION ALL
	SELECT 'table ' || name, 'kind', type FROM sqlite_master WHERE name IN ('audit_events', 'log_tiles', 'log_checkpoints', 'server_keys')`

// PostgreSQL's catalogues are read by column, since how it writes a definition out differs between versions. Whose the tables
// are is told by the table of migrations. A trigger that fires always ('A') is no less than one that fires by origin ('O').
const postgresProtection = `WITH protected AS (
		SELECT c.*, (SELECT relowner FROM pg_class WHERE oid = to_regclass('goose_db_version')) AS migrator
		FROM pg_class c WHERE c.oid IN (to_regclass('audit_events'), to_regclass('log_tiles'), to_regclass('log_checkpoints'),
			to_regclass('server_keys'))
	), triggers AS (
		SELECT t.*, c.relname, c.migrator, c.relnamespace FROM pg_trigger t JOIN protected c ON c.oid = t.tgrelid
	)
	SELECT 'table ' || relname AS name, p.property, p.value FROM protected c, LATERAL (VALUES
		('kind', relkind::text || relpersistence::text),
		('owner', CASE WHEN relowner = migrator THEN 'of the migrations' ELSE relowner::regrole::text END),
		('row security', relrowsecurity::text || relforcerowsecurity),
		('parents and children', (SELECT count(*)::text FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent))),
		('policies', (SELECT count(*)::text FROM pg_policy WHERE polrelid = c.oid)),
		('rules', (SELECT count(*)::text FROM pg_rewrite WHERE ev_class = c.oid))
	) AS p(property, value)
	UNION ALL
	SELECT 'trigger ' || relname || '.' || tgname, p.property, p.value FROM triggers t JOIN pg_proc f ON f.oid = tgfoid, LATERAL (VALUES
		('switch', CASE tgenabled WHEN 'A' THEN 'O' ELSE tgenabled::text END),
		('condition', (tgqual IS NOT NULL)::text),
		('kind', tgtype::text || tgisinternal || tgdeferrable || tginitdeferred || tgconstraint),
		('columns', tgattr::text),
		('arguments', encode(tgargs, 'escape')),
		('tables of rows', coalesce(tgoldtable, '') || ' ' || coalesce(tgnewtable, '')),
		('function', CASE WHEN pronamespace = relnamespace THEN '' ELSE pronamespace::regnamespace || '.' END || proname)
	) AS p(property, value)
	UNION ALL
	SELECT 'function ' || proname, p.property, p.value FROM pg_proc f
		JOIN (SELECT DISTINCT tgfoid, migrator FROM triggers) AS t ON t.tgfoid = f.oid JOIN pg_language l ON l.oid = prolang, LATERAL (VALUES
		('source', prosrc),
		('language', lanname::text),
		('owner', CASE WHEN proowner = migrator THEN 'of the migrations' ELSE proowner::regrole::text END),
		('settings', coalesce(proconfig::text, '') || prosecdef || prokind::text)
	) AS p(property, value)
	UNION ALL
	SELECT 'session', 'replication role', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'replica' ELSE 'origin' END
	UNION ALL
	SELECT 'session', 'replication role of others', count(*)::text
		FROM pg_db_role_setting, unnest(setconfig) AS setting
		WHERE setting ILIKE 'session_replication_role=%' AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`

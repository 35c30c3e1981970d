package models

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Grants returns the SQL that lets a PostgreSQL role serve without owning anything: it reads
// and writes rows, only adds to the trail, and changes no table. The owner of the tables
// runs it once in the schema; tables of later migrations are granted too, when the same
// owner makes them.
func Grants(schema, role string) string {
	name := pgx.Identifier{role}.Sanitize()
	in := pgx.Identifier{schema}.Sanitize()
	return fmt.Sprintf(strings.TrimSpace(`
GRANT USAGE ON SCHEMA %[1]s TO %[2]s;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %[1]s TO %[2]s;
%[3]s
REVOKE INSERT, UPDATE, DELETE ON %[1]s.goose_db_version FROM %[2]s;
ALTER DEFAULT PRIVILEGES IN SCHEMA %[1]s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %[2]s;
`)+"\n", in, name, onlyAdds(in, name))
}

// appendOnly are the tables of the trail and of its tree.
func appendOnly() []string { return []string{"audit_events", "log_checkpoints", "log_tiles"} }

// onlyAdds is the statement that lets a role only add to the trail. It leaves out a table that a later migration makes.
func onlyAdds(schema, role string) string {
	var tables []string
	for _, table := range appendOnly() {
		tables = append(tables, "to_regclass("+literal(schema+"."+table)+")")
	}
	return fmt.Sprintf("DO $grants$ DECLARE kept regclass; BEGIN FOREACH kept IN ARRAY array_remove(ARRAY[%s], NULL) LOOP "+
		"EXECUTE 'REVOKE UPDATE, DELETE ON ' || kept || ' FROM ' || %s; END LOOP; END $grants$;", strings.Join(tables, ", "), literal(role))
}

// literal is a text as SQL has it.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Warnings returns what works but should not stay so, a sentence each: a way to the database
// that is not encrypted, and a role that owns the trail, which could cut it off, or that may change what it should only add to.
func (d *Database) Warnings(ctx context.Context) ([]string, error) {
	if d.dialect == "sqlite" {
		return nil, nil
	}
	var warnings []string
	if d.clear {
		warnings = append(warnings, "the way to the database on another machine is not encrypted: the address says sslmode=disable")
	}
	var role struct {
		Owns bool
		May  string
	}
	err := d.read.WithContext(ctx).Raw(`SELECT coalesce(bool_or(pg_has_role(current_user, relowner, 'MEMBER')), false) AS owns,
			coalesce(string_agg(relname, ', ' ORDER BY relname) FILTER (WHERE has_table_privilege(oid, 'UPDATE, DELETE')), '') AS may
		FROM pg_class WHERE oid IN (to_regclass('audit_events'), to_regclass('log_tiles'), to_regclass('log_checkpoints'))`).
		Scan(&role).Error
	switch {
	case role.Owns:
		warnings = append(warnings, "the database role owns the audit trail and could change it: serve as another role (countersign migrate grants)")
	case role.May != "":
		warnings = append(warnings, "the database role may do more than add to "+role.May+": run what countersign migrate grants prints")
	}
	return warnings, err
}

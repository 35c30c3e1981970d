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
REVOKE UPDATE, DELETE ON %[1]s.audit_events, %[1]s.log_tiles, %[1]s.log_checkpoints FROM %[2]s;
REVOKE INSERT, UPDATE, DELETE ON %[1]s.goose_db_version FROM %[2]s;
ALTER DEFAULT PRIVILEGES IN SCHEMA %[1]s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %[2]s;
`)+"\n", in, name)
}

// Warnings returns what works but should not stay so, a sentence each: a way to the database
// that is not encrypted, and a role that owns the trail, which could cut it off.
func (d *Database) Warnings(ctx context.Context) ([]string, error) {
	if d.dialect == "sqlite" {
		return nil, nil
	}
	var warnings []string
	if d.clear {
		warnings = append(warnings, "the way to the database on another machine is not encrypted: the address says sslmode=disable")
	}
	var owns bool
	err := d.read.WithContext(ctx).Raw(`SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('audit_events')`).
		Scan(&owns).Error
	if owns {
		warnings = append(warnings, "the database role owns the audit trail and could change it: serve as another role (countersign migrate grants)")
	}
	return warnings, err
}

package models

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// fitting are the types of PostgreSQL that a type of SQLite goes into, as pg_catalog.format_type writes them.
var fitting = map[string][]string{"INTEGER": {"bigint", "integer", "boolean"}, "TEXT": {"text"}, "BLOB": {"bytea"}}

// fit holds the tables of the target against those of the source: the same ones, with the same columns, of types that fit. It returns
// them in the order in which they are copied. An error is a fault of the migrations, which a test would have found.
func (t *copyTarget) fit(ctx context.Context, tables []copiedTable) ([]copiedTable, error) {
	types, err := t.types(ctx)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		for i := range table.columns {
			column := &table.columns[i]
			column.into = types[table.name][column.name]
			if !slices.Contains(fitting[column.from], column.into) {
				return nil, fmt.Errorf("%s.%s is %s here and %q on PostgreSQL: it is not known how to copy that", table.name, column.name,
					column.from, column.into)
			}
			delete(types[table.name], column.name)
		}
		for name := range types[table.name] {
			return nil, fmt.Errorf("%s.%s is on PostgreSQL only", table.name, name)
		}
		delete(types, table.name)
	}
	for name := range types {
		if notCopied[name] == "" {
			return nil, fmt.Errorf("the table %s is on PostgreSQL only", name)
		}
	}
	refers, err := t.references(ctx)
	if err != nil {
		return nil, err
	}
	return inOrderOf(tables, refers)
}

// types are those of the columns, by table and name.
func (t *copyTarget) types(ctx context.Context) (map[string]map[string]string, error) {
	rows, err := t.asker().Query(ctx, `SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
		FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`)
	if err != nil {
		return nil, unavailable(err, "")
	}
	types := map[string]map[string]string{}
	var table, column, kind string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &kind}, func() error {
		if types[table] == nil {
			types[table] = map[string]string{}
		}
		types[table][column] = kind
		return nil
	})
	return types, unavailable(err, "")
}

// references are, by table, the tables that its rows refer to: those of its foreign keys, and for the log's checkpoints the entries,
// which a trigger wants to be there.
func (t *copyTarget) references(ctx context.Context) (map[string][]string, error) {
	rows, err := t.asker().Query(ctx, `SELECT c.relname::text, p.relname::text FROM pg_constraint AS k
		JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS p ON p.oid = k.confrelid
		WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace AND k.conrelid <> k.confrelid`)
	if err != nil {
		return nil, unavailable(err, "")
	}
	refers := map[string][]string{"log_checkpoints": {"audit_events"}}
	var child, parent string
	_, err = pgx.ForEachRow(rows, []any{&child, &parent}, func() error {
		refers[child] = append(refers[child], parent)
		return nil
	})
	return refers, unavailable(err, "")
}

// inOrderOf puts each table after those that it refers to.
func inOrderOf(tables []copiedTable, refers map[string][]string) ([]copiedTable, error) {
	var ordered []copiedTable
	placed := map[string]bool{}
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, table := range tables {
			waits := slices.ContainsFunc(refers[table.name], func(parent string) bool { return !placed[parent] })
			if !placed[table.name] && !waits {
				ordered, placed[table.name] = append(ordered, table), true
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("after %d tables each of the others refers to one that is not copied yet", before)
		}
	}
	return ordered, nil
}

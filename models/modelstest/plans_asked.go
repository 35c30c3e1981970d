package modelstest

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/pgtest"
)

// planOf is how the database would find what a statement asks for, a line a step.
func planOf(t testing.TB, database *models.Database, asked statement) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	explain := "EXPLAIN QUERY PLAN "
	pool, err := database.Reader().DB() // SQLite knows no sizes: an empty table is as good as a full one
	if asked.dialect == "postgres" {
		explain = "EXPLAIN (COSTS OFF) "
		pool, err = large(t)
	}
	if err != nil {
		return nil, err
	}
	rows, err := pool.QueryContext(ctx, explain+asked.sql, asked.values...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var lines []string
	for rows.Next() {
		var line string
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		cells[len(cells)-1] = &line // SQLite's detail, after three numbers; PostgreSQL's only column
		if err := rows.Scan(cells...); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}

// largeTables is PostgreSQL with every migration applied, whose planner believes each table to have a million rows. It knows
// nothing of what is in them, and would read all of a table rather than what it takes for a good part of it: it may only where
// there is no other way.
var largeTables struct {
	once sync.Once
	pool *sql.DB
	err  error
}

func large(t testing.TB) (*sql.DB, error) {
	t.Helper()
	largeTables.once.Do(func() {
		address := pgtest.Copy(t, migrate) + "&enable_seqscan=off&enable_hashjoin=off&enable_mergejoin=off"
		if largeTables.pool, largeTables.err = sql.Open("pgx", address); largeTables.err != nil {
			return
		}
		if _, err := largeTables.pool.Exec(makeLarge); err != nil { //nolint:noctx // once in a process
			largeTables.err = fmt.Errorf("tables for the planner: %w", err)
		}
	})
	return largeTables.pool, largeTables.err
}

// makeLarge gives each table a row, and with it a page: of a table without any, the planner knows that it is empty. How many
// rows a page holds it believes the catalogue.
const makeLarge = `DO $$
DECLARE made record;
BEGIN
	FOR made IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
		WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', made.name, made.conname);
	END LOOP;
	SET LOCAL session_replication_role = replica;
	FOR made IN SELECT c.oid::regclass AS name, string_agg(quote_ident(a.attname), ', ') AS columns,
			string_agg(CASE WHEN a.atttypid IN ('text'::regtype, 'bytea'::regtype) THEN '''''' WHEN a.atttypid = 'boolean'::regtype
				THEN 'false' WHEN a.atttypid = 'timestamp'::regtype THEN 'now()' ELSE '1' END, ', ') AS cells
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
			AND a.attnotnull AND a.attidentity = '' GROUP BY c.oid LOOP
		EXECUTE format('INSERT INTO %s (%s) VALUES (%s) ON CONFLICT DO NOTHING', made.name, made.columns, made.cells);
	END LOOP;
	UPDATE pg_class SET relpages = 1, reltuples = 1000000
		WHERE relkind IN ('r', 'i') AND relnamespace = current_schema()::regnamespace;
END $$`

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// seedBatch is how many rows one transaction adds.
const seedBatch = 10_000

// seed adds rows like one that the program wrote, past the program, which would take an hour
// for a million. It knows no schema, so that it serves every build: columns that must be
// unique are drawn anew, all others are the template's. No event goes with them, so the audit
// trail does not know these rows.
//
// Texts that must be unique are random but for their beginning, which grows from the first row
// to the last one and spreads them over all keys. So each index is filled from its one end to the
// other, and ten million rows write each of its pages once. Keys at random would write a page of each
// index for each row.
type seed struct {
	*sql.DB
	sqlite  bool
	table   string
	columns []column
}

type column struct {
	name   string
	kind   string // "text", "integer", "blob" or whatever else the database has
	length int    // of the template's value, in characters or bytes
	unique bool
}

// addLike adds so many rows like one of the table where a column has a value.
func addLike(ctx context.Context, address, table, key, value string, count int) (err error) {
	database, err := openDatabase(address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	s := &seed{DB: database, sqlite: strings.HasPrefix(address, "sqlite:"), table: table}
	if err := s.readColumns(ctx, key, value); err != nil {
		return fmt.Errorf("reading the columns of %s: %w", table, err)
	}
	for done := 0; done < count; {
		batch := min(count-done, seedBatch)
		result, err := s.ExecContext(ctx, s.insert(key), value, batch, done, count)
		if err != nil {
			return fmt.Errorf("adding to %s: %w", table, err)
		}
		if added, err := result.RowsAffected(); err != nil {
			return err
		} else if added != int64(batch) {
			return fmt.Errorf("adding to %s: %d rows instead of %d", table, added, batch)
		}
		done += batch
	}
	// What the additions left to do is not to be done by the next one who writes or asks.
	_, err = s.ExecContext(ctx, s.pick("PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE "+table))
	return err
}

// readColumns learns the columns and the template's lengths.
func (s *seed) readColumns(ctx context.Context, key, value string) error {
	rows, err := s.QueryContext(ctx, s.pick(columnsOfSQLite, columnsOfPostgres), s.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.kind, &c.unique); err != nil {
			return err
		}
		s.columns = append(s.columns, c)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i, c := range s.columns {
		if !c.unique {
			continue
		}
		length := fmt.Sprintf("SELECT coalesce(length(%s), 0) FROM %s WHERE %s = $1 LIMIT 1", s.pick("%s", "%s::text"), s.table, key)
		if err := s.QueryRowContext(ctx, fmt.Sprintf(length, c.name), value).Scan(&s.columns[i].length); err != nil {
			return err
		}
	}
	return nil
}

// insert is the statement that takes the template's key, the number of rows, how many were added before, and how many there will be.
func (s *seed) insert(key string) string {
	var names, values []string
	for _, c := range s.columns {
		names, values = append(names, c.name), append(values, s.value(c))
	}
	into := fmt.Sprintf("INSERT INTO %s (%s) ", s.table, strings.Join(names, ", "))
	from := fmt.Sprintf("(SELECT * FROM %s WHERE %s = %s LIMIT 1) AS template", s.table, key, s.pick("?1", "$1"))
	if s.sqlite {
		return "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?2) " +
			into + "SELECT " + strings.Join(values, ", ") + " FROM numbers, " + from
	}
	return into + "SELECT " + strings.Join(values, ", ") + " FROM generate_series(1, $2::bigint) AS numbers (number), " + from
}

// value is what a new row has in the column.
func (s *seed) value(c column) string {
	if !c.unique {
		return "template." + c.name
	}
	switch c.kind {
	case "integer", "bigint":
		return fmt.Sprintf("(SELECT max(%s) FROM %s) + number", c.name, s.table)
	case "blob":
		return fmt.Sprintf("randomblob(%d)", c.length)
	case "bytea":
		return fmt.Sprintf("decode(substr(%s, 1, %d), 'hex')", randomHexOfPostgres(c.length), c.length-len(`\x`))
	}
	return fmt.Sprintf("substr(%s || %s, 1, %d)", s.pick("printf('%09x', (?3 + number) * 0xfffffffff / ?4)",
		"lpad(to_hex(($3::bigint + number) * 68719476735 / $4::bigint), 9, '0')"),
		s.pick(fmt.Sprintf("lower(hex(randomblob(%d)))", c.length), randomHexOfPostgres(c.length)), c.length)
}

// randomHexOfPostgres is at least so many characters.
func randomHexOfPostgres(length int) string {
	const digest = "md5(random()::text || number)"
	return strings.Join(slices.Repeat([]string{digest}, length/32+1), " || ")
}

func (s *seed) pick(sqlite, postgres string) string {
	if s.sqlite {
		return sqlite
	}
	return postgres
}

// Each column with its type and whether it is unique by itself.
const (
	columnsOfSQLite = `SELECT c.name, lower(c.type),
	c.pk > 0 OR EXISTS (SELECT 1 FROM pragma_index_list($1) AS l WHERE l."unique" AND
		(SELECT count(*) FROM pragma_index_info(l.name)) = 1 AND (SELECT name FROM pragma_index_info(l.name)) = c.name)
	FROM pragma_table_info($1) AS c ORDER BY c.cid`
	columnsOfPostgres = `SELECT a.attname, format_type(a.atttypid, NULL),
	EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
	FROM pg_attribute AS a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`
)

package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// copyTable streams a table's rows to the target, and returns what they were.
func (d *Database) copyTable(ctx context.Context, target *copyTarget, table copiedTable, told *rowProgress) (digest rowDigest, err error) {
	connection, err := d.readConnection(ctx)
	if err != nil {
		return digest, err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	rows, err := connection.QueryContext(ctx, table.selection("BINARY"))
	if err != nil {
		return digest, d.unavailable(err)
	}
	source := newRowSource(table, rows, told)
	err = source.sendTo(ctx, target)
	switch {
	case ctx.Err() != nil:
		return digest, ctx.Err()
	case source.err != nil:
		return digest, d.unavailable(source.err)
	case err != nil:
		return digest, table.refused(ctx, connection, err)
	}
	return source.hash.digest(), nil
}

// rowSource reads rows of SQLite for pgx.CopyFrom.
type rowSource struct {
	table     copiedTable
	rows      *sql.Rows
	addresses []any
	values    []any // of the row
	hash      *rowHash
	told      *rowProgress
	err       error
}

func newRowSource(table copiedTable, rows *sql.Rows, told *rowProgress) *rowSource {
	s := &rowSource{table: table, rows: rows, values: make([]any, len(table.columns)), hash: newRowHash(), told: told}
	for i := range s.values {
		s.addresses = append(s.addresses, &s.values[i])
	}
	return s
}

// sendTo streams the rows to the target, and closes them. What went wrong in reading is in s.err.
func (s *rowSource) sendTo(ctx context.Context, target *copyTarget) error {
	defer s.rows.Close()
	_, err := target.tx.CopyFrom(ctx, pgx.Identifier{s.table.name}, s.table.names(), s)
	return err
}

// Next is pgx.CopyFromSource's.
func (s *rowSource) Next() bool {
	if s.err != nil {
		return false
	}
	if !s.rows.Next() {
		s.err = s.broken(s.rows.Err())
		return false
	}
	if s.err = s.broken(s.rows.Scan(s.addresses...)); s.err != nil {
		return false
	}
	for i, column := range s.table.columns {
		value, wrong := column.convert(s.values[i])
		if wrong != "" {
			s.err = &CopyRowError{s.table.name, s.table.keyText(s.values), column.name + " " + wrong}
			return false
		}
		s.values[i] = value
	}
	s.err = s.hash.add(s.values)
	s.told.row()
	return s.err == nil
}

// Values is pgx.CopyFromSource's.
func (s *rowSource) Values() ([]any, error) { return s.values, s.err }

// Err is pgx.CopyFromSource's.
func (s *rowSource) Err() error { return s.err }

// broken says where reading stopped.
func (s *rowSource) broken(err error) error {
	if err == nil {
		return nil
	}
	if s.hash.rows == 0 {
		return fmt.Errorf("%s cannot be read: %w", s.table.name, err)
	}
	return fmt.Errorf("%s cannot be read beyond the row %s: %w", s.table.name, s.table.keyText(s.values), err)
}

// convert makes a value what PostgreSQL keeps, or says why it cannot: SQLite's types are the same, but for truth, which is a number
// there, the size of numbers, and what may be in a text.
func (c copiedColumn) convert(value any) (converted any, wrong string) {
	switch value := value.(type) {
	case nil:
		return nil, ""
	case int64:
		return c.number(value)
	case string:
		switch {
		case c.from != "TEXT":
		case strings.ContainsRune(value, 0):
			return nil, "has a NUL character, which PostgreSQL keeps in no text"
		case !utf8.ValidString(value):
			return nil, "is not UTF-8"
		default:
			return value, ""
		}
	case []byte:
		if c.from == "BLOB" {
			return value, ""
		}
	}
	return nil, fmt.Sprintf("has a value of another type (%T) than %s", value, c.from)
}

func (c copiedColumn) number(value int64) (converted any, wrong string) {
	switch {
	case c.from != "INTEGER":
		return nil, "has a number where there is none"
	case c.into == "bigint":
		return value, ""
	case c.into == "integer" && value >= math.MinInt32 && value <= math.MaxInt32:
		return int32(value), ""
	case c.into == "boolean" && (value == 0 || value == 1):
		return value == 1, ""
	}
	return nil, fmt.Sprintf("is %d, which is no %s of PostgreSQL", value, c.into)
}

// keyText names a row by its key.
func (t copiedTable) keyText(values []any) string {
	var parts []string
	for _, key := range t.key() {
		for i, column := range t.columns {
			if column.name == key.name {
				parts = append(parts, fmt.Sprintf("%s=%#v", key.name, values[i]))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// copyLine is where PostgreSQL says in which row of a COPY it stopped.
var copyLine = regexp.MustCompile(`(?m)^COPY [^,]+, line ([0-9]+)`)

// refused says which row PostgreSQL refused, where it says so.
func (t copiedTable) refused(ctx context.Context, source *sql.Conn, err error) error {
	pg, is := errors.AsType[*pgconn.PgError](err)
	if !is || outageOf(err) != "" {
		return fmt.Errorf("copy %s: %w", t.name, unavailable(err, ""))
	}
	line := copyLine.FindStringSubmatch(pg.Where)
	if line == nil {
		return fmt.Errorf("copy %s: %w", t.name, err)
	}
	number, err := strconv.ParseInt(line[1], 10, 64)
	if err != nil {
		return err
	}
	values, addresses := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		addresses[i] = &values[i]
	}
	row := source.QueryRowContext(ctx, t.selection("BINARY")+" LIMIT 1 OFFSET $1", number-1)
	if err := row.Scan(addresses...); err != nil {
		return errors.Join(pg, err)
	}
	return &CopyRowError{t.name, t.keyText(values), pg.Message}
}

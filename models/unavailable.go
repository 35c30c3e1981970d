package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
)

// Outage is why a database does not do its work now, in plain words.
type Outage string

// The outages. A busy database works, for somebody else.
const (
	Busy        Outage = "the database is busy"
	Full        Outage = "the database's disk is full"
	ReadOnly    Outage = "the database can only be read"
	NotAllowed  Outage = "the database does not allow this user to write"
	Unreachable Outage = "the database does not answer"
	Failing     Outage = "the database's disk fails"
	Damaged     Outage = "the database's file is damaged"
	NoDatabase  Outage = "the file is no database"
	Unprepared  Outage = "a pooler in front of the database keeps no prepared statements"
	TooOld      Outage = "this program is too old: a newer one has changed the database"

	// OldMasterKey: a key has become current that this process cannot open.
	OldMasterKey Outage = "this process has an old master key"
)

// UnavailableError says that the database cannot do its work now. Nothing was written,
// unless the connection broke while the answer to a commit was on its way.
type UnavailableError struct {
	Outage Outage
	File   string // of SQLite
	cause  error
}

func (e *UnavailableError) Error() string {
	if e.File != "" {
		return string(e.Outage) + ": " + e.File + ": " + e.cause.Error()
	}
	return string(e.Outage) + ": " + e.cause.Error()
}

// Unwrap gives the database's own error.
func (e *UnavailableError) Unwrap() error { return e.cause }

// RetryAfter returns how long a caller had better wait, in whole seconds.
func (e *UnavailableError) RetryAfter() time.Duration {
	if e.Outage == Busy {
		return 5 * time.Second
	}
	return 30 * time.Second
}

// unavailable makes a database's error an *UnavailableError where it is an outage, and
// returns any other as it is. What ends because its caller has gone or waited too long is
// no outage. file is SQLite's, "" for PostgreSQL.
func unavailable(err error, file string) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, is := errors.AsType[*UnavailableError](err); is {
		return err
	}
	if outage := outageOf(err); outage != "" {
		return &UnavailableError{outage, file, err}
	}
	return err
}

// outageOf returns "" for what is no outage.
func outageOf(err error) Outage {
	if lite, is := errors.AsType[sqlite3.Error](err); is {
		return outageOfSQLite(lite.Code)
	}
	if pg, is := errors.AsType[*pgconn.PgError](err); is {
		return outageOfPostgres(pg)
	}
	if _, is := errors.AsType[*pgconn.ConnectError](err); is {
		if errors.Is(err, pgconn.ErrReadOnlyConnection) { // a standby, and no primary
			return ReadOnly
		}
		return Unreachable
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ""
	}
	if _, is := errors.AsType[net.Error](err); is || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, driver.ErrBadConn) {
		return Unreachable
	}
	return ""
}

// https://www.sqlite.org/rescode.html
func outageOfSQLite(code sqlite3.ErrNo) Outage {
	switch code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return Busy
	case sqlite3.ErrFull:
		return Full
	case sqlite3.ErrReadonly:
		return ReadOnly
	case sqlite3.ErrPerm, sqlite3.ErrAuth:
		return NotAllowed
	case sqlite3.ErrCantOpen:
		return Unreachable
	case sqlite3.ErrIoErr:
		return Failing
	case sqlite3.ErrCorrupt:
		return Damaged
	case sqlite3.ErrNotADB:
		return NoDatabase
	}
	return ""
}

// readOnlyTransaction is PostgreSQL's code read_only_sql_transaction.
const readOnlyTransaction = "25006"

// https://www.postgresql.org/docs/current/errcodes-appendix.html
func outageOfPostgres(err *pgconn.PgError) Outage {
	switch err.Code {
	case "55P03", "40001", "40P01", "57014", "25P03", "25P04": // a lock, another writer, a time-out
		return Busy
	case "53100":
		return Full
	case readOnlyTransaction: // a standby, or a primary that was demoted
		return ReadOnly
	case "42501":
		return NotAllowed
	case "58030", "XX001", "XX002":
		return Failing
	case "42P05", "26000": // another connection's statement is there, or our own is not
		return Unprepared
	}
	switch err.Code[:min(2, len(err.Code))] {
	case "08", "28", "53", "57": // connection, sign-in, resources, shutting down
		return Unreachable
	}
	return ""
}

// The dialects, with outages told apart from faults wherever gorm meets an error.
type (
	sqliteDialect struct {
		*sqlite.Dialector
		file string
	}
	postgresDialect struct{ *postgres.Dialector }
)

// Explain is gorm.Dialector's: no value of a statement is told, and gorm asks at each Scan.
func (d sqliteDialect) Explain(sql string, _ ...any) string { return sql }

// Explain is gorm.Dialector's, as that of sqliteDialect.
func (d postgresDialect) Explain(sql string, _ ...any) string { return sql }

// Translate is gorm.ErrorTranslator.
func (d sqliteDialect) Translate(err error) error {
	return unavailable(d.Dialector.Translate(err), d.file)
}

// Translate is gorm.ErrorTranslator.
func (d postgresDialect) Translate(err error) error {
	return unavailable(d.Dialector.Translate(err), "")
}

// unavailable is for errors that gorm has not met.
func (d *Database) unavailable(err error) error { return unavailable(err, d.file) }

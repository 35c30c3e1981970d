package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
)

// copiedTogether is how many pages one step of a copy takes: 1 MiB, 2 of a file of before. So it can be told how far it is, and be ended.
const copiedTogether = 512

// errOnlySQLite says that a copy was wanted of a database on PostgreSQL, which has programs of its own for that.
var errOnlySQLite = errors.New("only a SQLite database is copied so")

// NoRoomError says that a copy could not be written. What was to be copied is as it was.
type NoRoomError struct {
	File  string // of the copy
	cause error
}

func (e *NoRoomError) Error() string {
	return "the copy cannot be written: " + e.File + ": " + e.cause.Error()
}

// Unwrap gives the database's own error.
func (e *NoRoomError) Unwrap() error { return e.cause }

// CopyTo copies a SQLite database, as it is at one moment, into an empty file: page for page, by SQLite's online backup. Whoever
// writes goes on meanwhile; what they write stays in the write-ahead log until the copy is whole. It reads in one transaction, since
// a copy begins anew whenever another process has written between two of its steps. Nothing is synced. progress hears of pages, and
// may be nil. Errors: *NoRoomError, *UnavailableError, that of ctx.
func (d *Database) CopyTo(ctx context.Context, file string, progress func(done, all int64)) (err error) {
	if d.dialect != "sqlite" {
		return errOnlySQLite
	}
	connection, err := d.readConnection(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return d.copyFrom(ctx, connection, file, progress)
}

// sqlConnection is what copyFrom needs of a connection of a pool.
type sqlConnection interface{ Raw(func(any) error) error }

func (d *Database) copyFrom(ctx context.Context, connection sqlConnection, file string, progress func(done, all int64)) error {
	return connection.Raw(func(raw any) (err error) {
		from, is := raw.(*sqlite3.SQLiteConn)
		if !is {
			return errOnlySQLite
		}
		// The SELECT begins the transaction: BEGIN alone reads nothing.
		if _, err := from.Exec("BEGIN; SELECT count(*) FROM sqlite_master", nil); err != nil {
			return d.unavailable(err)
		}
		defer func() {
			_, ended := from.Exec("ROLLBACK", nil)
			err = errors.Join(err, ended)
		}()
		opened, err := (&sqlite3.SQLiteDriver{}).Open(fileAddress(file) + "_journal_mode=OFF&_synchronous=OFF")
		if err != nil {
			return &NoRoomError{file, err}
		}
		to := opened.(*sqlite3.SQLiteConn) //nolint:forcetypeassert // the driver makes no other
		return errors.Join(d.copyPages(ctx, to, from, file, progress), to.Close())
	})
}

func (d *Database) copyPages(ctx context.Context, to, from *sqlite3.SQLiteConn, file string, progress func(done, all int64)) error {
	backup, err := to.Backup("main", from, "main")
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	left := -1
	for done := false; !done && err == nil; {
		done, err = backup.Step(copiedTogether)
		switch {
		case err != nil:
		case ctx.Err() != nil:
			err = ctx.Err()
		case !done && backup.Remaining() == left: // the driver returns no error when a lock is in the way
			err = sqlite3.Error{Code: sqlite3.ErrBusy}
		case progress != nil:
			progress(int64(backup.PageCount()-backup.Remaining()), int64(backup.PageCount()))
		}
		left = backup.Remaining()
	}
	if ended := backup.Finish(); err == nil { // it returns the error of the last step once more, or one of its own
		err = ended
	}
	return d.copyError(err, file)
}

// copyError tells what is wrong with the copy from what is wrong with the database. The driver's code is an extended one here.
func (d *Database) copyError(err error, file string) error {
	lite, is := errors.AsType[sqlite3.Error](err)
	if !is {
		return err
	}
	const primary = 0xff
	switch extended := sqlite3.ErrNoExtended(lite.Code); {
	case lite.Code&primary == sqlite3.ErrFull, extended == sqlite3.ErrIoErrWrite, extended == sqlite3.ErrIoErrTruncate:
		return &NoRoomError{file, err}
	}
	return d.unavailable(sqlite3.Error{Code: lite.Code & primary})
}

// ConnectCopy opens a copy of a SQLite database that nobody writes to, also where this user may only read: nothing is made beside
// it, and nothing in it can be changed. Error: *UnavailableError.
func ConnectCopy(ctx context.Context, file string, log *slog.Logger) (*Database, error) {
	if err := keepPlans(); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	d := &Database{dialect: "sqlite", file: absolute, log: log}
	address := fileAddress(absolute) + "mode=ro&immutable=1&_query_only=on"
	if d.read, err = openPool(ctx, sqliteDialect{&sqlite.Dialector{DSN: address}, absolute}, absolute, log, 1); err != nil {
		return nil, err
	}
	d.write = d.read
	return d, nil
}

// fileAddress is a file's URI, up to its options.
func fileAddress(file string) string { return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" }

package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"
)

// A migration can ask for a program that knows it, and ends the work of older ones (docs/decisions/0068-oldest-program.md).

// versionOldest is the migration since which a database says how old a program may be.
const versionOldest = 68

// OldestInterval is how often a process that serves looks whether a newer one has ended its work.
const OldestInterval = 5 * time.Second

// askOldest reads what the database asks for. On PostgreSQL it keeps the table from migrations that ask for more, until the
// transaction ends.
const askOldest = "SELECT knows FROM oldest_program WHERE id = 1"

// newestMigration is the number of the newest migration that this program knows.
var newestMigration = sync.OnceValue(func() int64 {
	files, err := migrations.ReadDir("migrations/sqlite")
	if err != nil {
		panic(err) // they are part of the program
	}
	const digits = 5
	number, err := strconv.ParseInt(files[len(files)-1].Name()[:digits], 10, 64)
	if err != nil {
		panic(err)
	}
	return number
})

// guard keeps this program from a database whose newer rows it cannot read, or that cannot read its own.
type guard struct {
	on     atomic.Bool                      // the schema was checked, so that the database says what it asks for
	tooOld atomic.Pointer[UnavailableError] // nil: this program may go on
}

// judge holds what the database asks for against this program, and remembers the verdict. Error: *UnavailableError.
func (g *guard) judge(asked int64, file string) error {
	known := newestMigration()
	if asked <= known {
		g.tooOld.Store(nil)
		return nil
	}
	tooOld := &UnavailableError{TooOld, file, fmt.Errorf("it asks for a program that knows migration %d, and this one knows them up to %d",
		asked, known)}
	g.tooOld.Store(tooOld)
	return tooOld
}

// Outdated returns the *UnavailableError of a process whose database a newer program has changed, nil for any other. It asks
// nothing of the database: it is what the last look or write found.
func (d *Database) Outdated() error {
	if tooOld := d.guard.tooOld.Load(); tooOld != nil {
		return tooOld
	}
	return nil
}

// CheckOldest asks the database how old a program may be. Errors: *UnavailableError, with TooOld when this one is too old.
func (d *Database) CheckOldest(ctx context.Context) error {
	asked, err := d.askedOldest(ctx)
	if err != nil {
		return err
	}
	return d.guard.judge(asked, d.file)
}

func (d *Database) askedOldest(ctx context.Context) (asked int64, err error) {
	err = d.read.WithContext(ctx).Raw(askOldest).Scan(&asked).Error
	return asked, err
}

// admits is CheckOldest on a connection that has SQLite's write lock: no migration comes before its COMMIT. It goes past
// database/sql, since every write asks it.
func (d *Database) admits(raw any) (err error) {
	if !d.guard.on.Load() {
		return nil
	}
	connection, is := raw.(*sqlite3.SQLiteConn)
	if !is {
		return errOnlySQLite
	}
	rows, err := connection.Query(askOldest, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := [1]driver.Value{int64(0)}
	if err := rows.Next(row[:]); err != nil {
		return fmt.Errorf("oldest program: %w", err)
	}
	asked, _ := row[0].(int64) // the table is STRICT
	return d.guard.judge(asked, d.file)
}

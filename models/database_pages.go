package models

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// pageSize is how many bytes a page has of a SQLite file that is made from now on, half of what SQLite makes: it writes whole pages,
// and most of what a phone's request changes lies at random places (docs/decisions/0083-smaller-pages.md).
const pageSize = 2048

// checkpointBytes is how long SQLite's write-ahead log gets before its pages are written to their places: a page that changes with
// every request is written there once in a while, and not every 1,000 pages as SQLite has it.
const checkpointBytes = 16 << 20

// beginAgain is after how long another process that begins the same file at this moment is looked for again.
const beginAgain = 10 * time.Millisecond

// beginFile makes the file, where there is none or an empty one, with pages of pageSize, and has what is written to it go to a
// write-ahead log first. Pages that are there stay as they are. Several processes may begin the same file: SQLite refuses all but one
// at once, and they try again for as long as a write waits for a lock. Errors: the driver's, that of ctx.
func beginFile(ctx context.Context, file string, lockWait time.Duration) error {
	waiting, stop := context.WithTimeout(ctx, lockWait)
	defer stop()
	for !hasPages(file) {
		err := begin(file)
		if busy, is := errors.AsType[sqlite3.Error](err); !is || busy.Code != sqlite3.ErrBusy {
			return err
		}
		select {
		case <-waiting.Done():
			return cmp.Or(ctx.Err(), err)
		case <-time.After(beginAgain):
		}
	}
	return nil
}

// hasPages tells whether there is a file that is not empty. It is not opened: who closes a file loses the locks that SQLite has on it
// in this process (https://www.sqlite.org/howtocorrupt.html, §2.2).
func hasPages(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() > 0
}

func begin(file string) (err error) {
	opened, err := (&sqlite3.SQLiteDriver{}).Open(fileAddress(file) + "_busy_timeout=0") // it is refused at once anyway
	if err != nil {
		return err
	}
	connection := opened.(*sqlite3.SQLiteConn) //nolint:forcetypeassert // the driver makes no other
	defer func() { err = errors.Join(err, connection.Close()) }()
	if _, err := connection.Exec("PRAGMA page_size = "+strconv.Itoa(pageSize), nil); err != nil {
		return err
	}
	mode, err := connection.Query("PRAGMA journal_mode = WAL", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mode.Close()) }()
	for row := make([]driver.Value, 1); err == nil; { // its commit comes after its row
		err = mode.Next(row)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// keepLogShort has SQLite's write-ahead log written to its place every checkpointBytes: so many pages of the file's own size.
func keepLogShort(write *gorm.DB) error {
	var size int
	if err := write.Raw("PRAGMA page_size").Scan(&size).Error; err != nil {
		return err
	}
	return write.Exec("PRAGMA wal_autocheckpoint = " + strconv.Itoa(checkpointBytes/size)).Error
}

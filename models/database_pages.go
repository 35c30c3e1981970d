package models

import (
	"errors"
	"os"
	"strconv"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// pageSize is how many bytes a page has of a SQLite file that is made from now on, half of what SQLite makes: it writes whole pages,
// and most of what a phone's request changes lies at random places (docs/decisions/0083-smaller-pages.md).
const pageSize = 2048

// checkpointBytes is how long SQLite's write-ahead log gets before its pages are written to their places: a page that changes with
// every request is written there once in a while, and not every 1,000 pages as SQLite has it.
const checkpointBytes = 16 << 20

// beginFile makes the file with pages of pageSize where there is none, or an empty one: once a page is written, the size of all is
// fixed. Several processes may begin the same file. What else is there stays as it is, also a folder, of which the pool tells more.
// address is the file's for the driver, with its options. Error: the driver's.
func beginFile(address, file string) error {
	if info, err := os.Stat(file); err == nil && info.Size() > 0 {
		return nil
	}
	connection, err := (&sqlite3.SQLiteDriver{}).Open(address)
	if err != nil {
		return err
	}
	begin := "PRAGMA page_size = " + strconv.Itoa(pageSize) + "; PRAGMA journal_mode = WAL"
	_, err = connection.(*sqlite3.SQLiteConn).Exec(begin, nil) //nolint:forcetypeassert // the driver makes no other
	return errors.Join(err, connection.Close())
}

// keepLogShort has SQLite's write-ahead log written to its place every checkpointBytes: so many pages of the file's own size.
func keepLogShort(write *gorm.DB) error {
	var size int
	if err := write.Raw("PRAGMA page_size").Scan(&size).Error; err != nil {
		return err
	}
	return write.Exec("PRAGMA wal_autocheckpoint = " + strconv.Itoa(checkpointBytes/size)).Error
}

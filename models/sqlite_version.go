package models

import "github.com/mattn/go-sqlite3"

// SQLiteVersion is the SQLite that is part of this program: its version, and its SQLITE_SOURCE_ID, a date and a hash.
func SQLiteVersion() (number, source string) {
	number, _, source = sqlite3.Version()
	return number, source
}

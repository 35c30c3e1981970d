package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Database is an open database: one pool that writes and one that reads. On SQLite
// the writer is a single connection and the readers cannot write at all.
type Database struct {
	dialect string // "sqlite" or "postgres"
	file    string // of SQLite
	clear   bool   // the way to another machine is not encrypted, as the address says
	read    *gorm.DB
	write   *gorm.DB
	log     *slog.Logger

	together together
	observer Observer
	tracing  Tracing
	guard    guard
}

// LockWait is how long a write waits for another program's lock before the database
// counts as busy.
const LockWait = 5 * time.Second

// pagesOfReader is SQLite's cache of each connection that reads, 256 KiB: the pages at the top of the trees. What is not there
// is a copy from the system's own cache. Eight caches of the usual 2 MB held the same pages eight times.
const pagesOfReader = "-256"

// preparedStatements is how many statements each connection to SQLite keeps prepared: the ones that it used last. A statement
// that a change of the schema has overtaken is prepared anew. On PostgreSQL the driver does the same.
const preparedStatements = "256"

// Connect opens the database that the address names: "sqlite:PATH" (one file, made
// if it is not there) or a "postgres://…" URL. It changes no schema.
// Error: *UnavailableError.
func Connect(ctx context.Context, address string, log *slog.Logger) (*Database, error) {
	return ConnectWaiting(ctx, address, LockWait, log)
}

// ConnectWaiting is Connect with another wait than LockWait, of whole milliseconds.
func ConnectWaiting(ctx context.Context, address string, lockWait time.Duration, log *slog.Logger) (*Database, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return connectSQLite(ctx, strings.TrimPrefix(address, "sqlite:"), lockWait, log)
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return connectPostgres(ctx, address, lockWait, log)
	}
	return nil, fmt.Errorf(`database: the address begins with neither "sqlite:" nor "postgres://"`)
}

// The writer begins IMMEDIATE, so that two writers queue up instead of failing in
// the middle (docs/protocol.md §6 many-writers); FULL, so that an answered approval survives a
// power cut (docs/protocol.md §6 killed-process).
func connectSQLite(ctx context.Context, path string, lockWait time.Duration, log *slog.Logger) (*Database, error) {
	if path == "" {
		return nil, fmt.Errorf(`database: "sqlite:" is followed by the path of a file`)
	}
	if err := keepPlans(); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	options := url.Values{
		"_journal_mode": {"WAL"}, "_busy_timeout": {strconv.FormatInt(lockWait.Milliseconds(), 10)}, "_txlock": {"immediate"},
		"_foreign_keys": {"on"}, "_synchronous": {"FULL"}, "_secure_delete": {"on"}, // what is erased is gone from the file too
		"_stmt_cache_size": {preparedStatements},
	}
	file := fileAddress(absolute)
	if err := beginFile(ctx, absolute, lockWait); err != nil {
		return nil, fmt.Errorf("database: %w", unavailable(err, absolute))
	}
	d := &Database{dialect: "sqlite", file: absolute, log: log}
	if d.write, err = openPool(ctx, sqliteDialect{&sqlite.Dialector{DSN: file + options.Encode()}, absolute}, absolute, log, 1); err != nil {
		return nil, err
	}
	pool, err := d.write.DB()
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.write.ConnPool = sqliteWriter{pool, d}
	d.write.Statement.ConnPool = d.write.ConnPool
	set := fmt.Sprintf("PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = %d", keptLogSize)
	if err := errors.Join(d.write.Exec(set).Error, keepLogShort(d.write)); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", err), d.Close())
	}
	options.Set("_query_only", "on")
	options.Set("_cache_size", pagesOfReader)
	options.Set("_txlock", "deferred")
	if d.read, err = openPool(ctx, sqliteDialect{&sqlite.Dialector{DSN: file + options.Encode()}, absolute}, absolute, log, 8); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// openPool opens one pool and proves that it answers. file is SQLite's, "" for PostgreSQL.
func openPool(ctx context.Context, dialector gorm.Dialector, file string, log *slog.Logger, size int) (*gorm.DB, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 newFaultLog(log),
		NamingStrategy:         names{schema.NamingStrategy{IdentifierMaxLength: 64}}, // as gorm's own
	})
	if err != nil {
		return nil, fmt.Errorf("database: %w", unavailable(err, file))
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database: %w", unavailable(err, file)), pool.Close())
	}
	return db, nil
}

// names are gorm's own, but that of a table is made once: gorm makes them again for each pool, also where the row then names its table
// itself, and looks through two hundred regular expressions for each.
type names struct{ schema.NamingStrategy }

// tableNames has each name of a table, a string, by the name of its row's type.
var tableNames sync.Map

// TableName is part of schema.Namer.
func (n names) TableName(row string) string {
	if known, is := tableNames.Load(row); is {
		return known.(string)
	}
	name := n.NamingStrategy.TableName(row)
	tableNames.Store(row, name)
	return name
}

// Close ends both pools.
func (d *Database) Close() error {
	for _, db := range []*gorm.DB{d.read, d.write} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err != nil {
			return err
		}
		if err := pool.Close(); err != nil {
			return err
		}
	}
	return nil
}

// readConnection takes one connection of the pool for reading. Who takes it closes it, which gives it back. Error: *UnavailableError,
// that of ctx.
func (d *Database) readConnection(ctx context.Context) (*sql.Conn, error) {
	pool, err := d.read.DB()
	if err != nil {
		return nil, err
	}
	connection, err := pool.Conn(ctx)
	return connection, d.unavailable(err)
}

// Ready reports whether the database answers and can be read.
func (d *Database) Ready(ctx context.Context) error {
	var one int
	return d.read.WithContext(ctx).Raw("SELECT 1").Scan(&one).Error
}

// Reader is the pool that cannot change anything (on SQLite by the database's own
// rule), for reads that live in another package.
func (d *Database) Reader() *gorm.DB { return d.read }

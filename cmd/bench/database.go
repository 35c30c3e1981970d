package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

// giveDatabase gives the contender an empty database of its own: a file in its folder, or a
// schema that is dropped when it stops.
func (b *bench) giveDatabase(ctx context.Context, c *contender) error {
	if b.options.database == "sqlite:" {
		c.database = "sqlite:" + filepath.Join(c.folder, "bench.db")
		return nil
	}
	admin, err := openDatabase(b.options.database)
	if err != nil {
		return err
	}
	schema := fmt.Sprintf("bench_%d_%d", b.pid, b.schemas.Add(1))
	if _, err := admin.ExecContext(ctx, "CREATE SCHEMA "+schema); err != nil {
		return fmt.Errorf("making a schema for %s: %w", c.name, err)
	}
	c.onStop = append(c.onStop, func() error {
		_, err := admin.ExecContext(context.WithoutCancel(ctx), "DROP SCHEMA "+schema+" CASCADE")
		_ = admin.Close()
		return err
	})
	address, err := url.Parse(b.options.database)
	if err != nil {
		return err
	}
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	c.database = address.String()
	return nil
}

// openDatabase opens a database past the program, as durable as the program's own.
func openDatabase(address string) (*sql.DB, error) {
	path, isSQLite := strings.CutPrefix(address, "sqlite:")
	if !isSQLite {
		return sql.Open("pgx", address)
	}
	options := url.Values{"_journal_mode": {"WAL"}, "_busy_timeout": {"60000"}, "_txlock": {"immediate"}, "_synchronous": {"FULL"}}
	return sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
}

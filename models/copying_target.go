package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// copyTarget is the database that becomes the copy: its pools, and a connection of its own, whose transaction all rows are in.
type copyTarget struct {
	*Database
	name       string
	connection *pgx.Conn
	tx         pgx.Tx // nil before begin
}

// openTarget connects. Errors: ErrDatabaseAddress, *UnavailableError; one of a database that is not in UTF-8, or has no schema.
func openTarget(ctx context.Context, address string, log *slog.Logger) (*copyTarget, error) {
	settings, _, err := postgresSettings(address)
	if err != nil {
		return nil, err
	}
	t := &copyTarget{}
	if t.Database, err = Connect(ctx, address, log); err != nil {
		return nil, err
	}
	(&failover{}).watch(settings) // of several servers, the one that can be written
	patient(settings)
	if t.connection, err = pgx.ConnectConfig(ctx, settings); err != nil {
		return nil, errors.Join(unavailable(err, ""), t.Database.Close())
	}
	var encoding, schema string
	if err := t.connection.QueryRow(ctx, "SELECT current_setting('server_encoding'), coalesce(current_schema(), '')").
		Scan(&encoding, &schema); err != nil {
		return nil, errors.Join(unavailable(err, ""), t.close())
	}
	t.name = nameOfTarget(settings, schema)
	switch {
	case encoding != "UTF8":
		err = fmt.Errorf("%s is in %s, which has not every character.\nNext: make it anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
			t.name, encoding)
	case schema == "":
		err = fmt.Errorf("%s has none of the schemas of its search_path.\nNext: CREATE SCHEMA, or correct the address", t.name)
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// patient lets a server take its time with what is sent to it: rows come faster than a slow disk takes them, and endSilence ends a
// connection whose server has had no room for more for a few seconds (RFC 9293 §3.8.6.1), as it does one that vanished.
func patient(settings *pgx.ConnConfig) {
	settings.DialFunc = (&net.Dialer{Timeout: settings.ConnectTimeout, KeepAliveConfig: keepAlive}).DialContext
}

// nameOfTarget says which database it is, without who asks.
func nameOfTarget(settings *pgx.ConnConfig, schema string) string {
	name := settings.Database + " at " + net.JoinHostPort(settings.Host, strconv.Itoa(int(settings.Port)))
	if strings.HasPrefix(settings.Host, "/") {
		name = settings.Database + " at " + settings.Host
	}
	if schema != "" && schema != "public" {
		name += ", schema " + schema
	}
	return name
}

// close ends the transaction, where it was not committed, and everything else.
func (t *copyTarget) close() error {
	err := t.connection.Close(context.Background()) // which rolls back
	return errors.Join(err, t.Database.Close())
}

// asker is a connection or its transaction.
type asker interface {
	Query(ctx context.Context, statement string, values ...any) (pgx.Rows, error)
}

func (t *copyTarget) asker() asker {
	if t.tx != nil {
		return t.tx
	}
	return t.connection
}

// list reads one text of each row.
func (t *copyTarget) list(ctx context.Context, statement string, values ...any) ([]string, error) {
	rows, err := t.asker().Query(ctx, statement, values...)
	if err != nil {
		return nil, unavailable(err, "")
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, unavailable(err, "")
}

// relations are the tables and views of the schema.
func (t *copyTarget) relations(ctx context.Context) ([]string, error) {
	return t.list(ctx, `SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
		AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname`)
}

// seeds are the rows that migrations make, by table, each with the condition that finds others.
var seeds = map[string]string{"audit_tallied": "seq <> 0"}

// isEmpty refuses a database that has anything but what migrations make: tables without rows. So a copy that was killed may begin
// again. Error: *TargetInUseError.
func (t *copyTarget) isEmpty(ctx context.Context, tables []copiedTable) error {
	there, err := t.relations(ctx)
	if err != nil {
		return err
	}
	var found []string
	for _, name := range there {
		known := name == "goose_db_version" || notCopied[name] != "" ||
			slices.ContainsFunc(tables, func(table copiedTable) bool { return table.name == name })
		if !known {
			found = append(found, "the table "+name)
		}
	}
	ours := slices.Contains(there, "goose_db_version")
	if len(found) == 0 && len(there) > 0 && !ours {
		found = append(found, "the table "+there[0])
	}
	if len(found) > 0 {
		return &TargetInUseError{To: t.name, There: found, Ours: ours}
	}
	for _, table := range tables {
		if !slices.Contains(there, table.name) {
			continue
		}
		statement := "SELECT 'rows of " + table.name + "' FROM " + quotedName(table.name)
		if others := seeds[table.name]; others != "" {
			statement += " WHERE " + others
		}
		rows, err := t.list(ctx, statement+" LIMIT 1")
		if err != nil {
			return err
		}
		found = append(found, rows...)
	}
	if len(found) > 0 {
		return &TargetInUseError{To: t.name, There: found, Ours: true}
	}
	return nil
}

// begin holds the tables: a server that is started there meanwhile waits, and finds the copy. Time-outs of whoever set up the
// database do not end what takes its time.
func (t *copyTarget) begin(ctx context.Context, tables []copiedTable) (err error) {
	if t.tx, err = t.connection.Begin(ctx); err != nil {
		return unavailable(err, "")
	}
	var names []string
	for _, table := range tables {
		names = append(names, quotedName(table.name))
	}
	for _, statement := range []string{
		fmt.Sprintf("SELECT set_config('lock_timeout', '%d', true)", LockWait.Milliseconds()),
		`SELECT set_config(name, '0', true) FROM pg_settings
			WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`,
		"LOCK TABLE " + strings.Join(names, ", ") + " IN EXCLUSIVE MODE",
	} {
		if _, err := t.tx.Exec(ctx, statement); err != nil {
			return unavailable(err, "")
		}
	}
	return nil
}

// forgetSeeds takes away the rows that migrations made: the source has its own.
func (t *copyTarget) forgetSeeds(ctx context.Context) error {
	for table := range seeds {
		if _, err := t.tx.Exec(ctx, "DELETE FROM "+quotedName(table)); err != nil {
			return unavailable(err, "")
		}
	}
	return nil
}

// analyze lets PostgreSQL learn what is there. Where it does not come to its end, PostgreSQL does so by itself later.
func (t *copyTarget) analyze(ctx context.Context) { _, _ = t.connection.Exec(ctx, "ANALYZE") }

package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/models/spelling"

	"github.com/pressly/goose/v3"
)

// versionSpelling is the migration that brings every key of an account identifier into the form of models/spelling, and
// makes rows of the keys that the provider's claims gave of the staff. It is Go and not SQL, because the form is.
const versionSpelling = 34

// ErrSpellingsClash says that identifiers of two accounts are spellings of one. Nothing was changed, and the program
// before this one still runs.
var ErrSpellingsClash = errors.New("identifiers of different accounts are spellings of one; " +
	"take one away from its account with the program before this one")

// respelled is an identifier whose key changes.
type respelled struct{ from, to, accountID string }

// migrationOfSpelling is the Go migration.
func (d *Database) migrationOfSpelling() *goose.Migration {
	return goose.NewGoMigration(versionSpelling, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		changes, err := d.respellings(ctx, tx)
		if err != nil {
			return err
		}
		for _, change := range changes {
			if err := d.respell(ctx, tx, change); err != nil {
				return err
			}
		}
		return d.rememberStaffKeys(ctx, tx)
	}}, nil)
}

// checkSpellings reports a clash before any migration is applied. Error: ErrSpellingsClash, with the accounts' ids.
func (d *Database) checkSpellings(ctx context.Context, version int64) error {
	const versionOfAccounts = 3
	if version < versionOfAccounts || version >= versionSpelling {
		return nil
	}
	pool, err := d.read.DB()
	if err != nil {
		return err
	}
	_, err = d.respellings(ctx, pool)
	return err
}

// rowsOf is what a transaction and a pool have in common.
type rowsOf interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// respellings reads every identifier once and returns those whose key changes, in the order of their keys. Memory holds
// the new keys only. Error: ErrSpellingsClash.
func (d *Database) respellings(ctx context.Context, db rowsOf) ([]respelled, error) {
	rows, err := db.QueryContext(ctx, "SELECT key, account_id, identifier FROM account_identifiers ORDER BY key")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var changes []respelled
	owner := map[string]string{} // of a new key
	var clashes []string
	for rows.Next() {
		var key, accountID, identifier string
		if err := rows.Scan(&key, &accountID, &identifier); err != nil {
			return nil, err
		}
		to := spelling.Key(identifier)
		if other, known := owner[to]; known && other != accountID {
			clashes = append(clashes, fmt.Sprintf("accounts %s and %s", other, accountID))
			continue
		}
		owner[to] = accountID
		if to != key {
			changes = append(changes, respelled{from: key, to: to, accountID: accountID})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return changes, clashError(clashes)
}

// clashError names the first few clashes and counts the rest.
func clashError(clashes []string) error {
	const shown = 20
	if len(clashes) == 0 {
		return nil
	}
	slices.Sort(clashes)
	named := strings.Join(clashes[:min(len(clashes), shown)], "; ")
	return fmt.Errorf("%w: %s (%d in all)", ErrSpellingsClash, named, len(clashes))
}

// respell gives one identifier its new key. Where the account has it already under another spelling, this one goes.
func (d *Database) respell(ctx context.Context, tx *sql.Tx, change respelled) error {
	update := "UPDATE account_identifiers SET key = ? WHERE key = ? AND NOT EXISTS (SELECT 1 FROM account_identifiers WHERE key = ?)"
	remove := "DELETE FROM account_identifiers WHERE key = ?"
	if d.dialect == "postgres" {
		update = "UPDATE account_identifiers SET key = $1 WHERE key = $2 AND NOT EXISTS (SELECT 1 FROM account_identifiers WHERE key = $3)"
		remove = "DELETE FROM account_identifiers WHERE key = $1"
	}
	result, err := tx.ExecContext(ctx, update, change.to, change.from, change.to)
	if err != nil {
		return err
	}
	moved, err := result.RowsAffected()
	if err == nil && moved == 0 {
		_, err = tx.ExecContext(ctx, remove, change.from)
	}
	return err
}

// rememberStaffKeys makes a row of each key in staff.identifier_keys.
func (d *Database) rememberStaffKeys(ctx context.Context, tx *sql.Tx) error {
	insert := "INSERT INTO staff_identifiers (staff_id, key, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
	if d.dialect == "postgres" {
		insert = "INSERT INTO staff_identifiers (staff_id, key, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
	}
	type staffKeys struct {
		id, keys string
		since    int64
	}
	rows, err := tx.QueryContext(ctx, "SELECT id, identifier_keys, created_at FROM staff WHERE identifier_keys <> ''")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var list []staffKeys
	for rows.Next() {
		var row staffKeys
		if err := rows.Scan(&row.id, &row.keys, &row.since); err != nil {
			return err
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, row := range list {
		for key := range strings.SplitSeq(row.keys, "\n") {
			if _, err := tx.ExecContext(ctx, insert, row.id, spelling.Key(key), row.since, row.since); err != nil {
				return err
			}
		}
	}
	return nil
}

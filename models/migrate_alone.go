package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// How often, and how long, a process asks whether another one still migrates.
const (
	migrationAsks  = time.Second
	migrationWaits = 5 * time.Minute
)

// errMigrating says that another process did not end its migrations.
var errMigrating = errors.New("another process migrates this database, and has not ended within 5 minutes")

// alone runs work while no other process migrates. On PostgreSQL that is an advisory lock of a
// transaction that is held beside the work: a lock of the session would stay with a connection
// that PgBouncer in transaction mode gives to somebody else. So two connections are needed, and
// who waits keeps none. Its number is the one of versions that locked the session: they and this
// one exclude each other. A SQLite file has one writer, and no such lock.
func (d *Database) alone(ctx context.Context, work func(*goose.Provider) error) error {
	provider, err := d.provider()
	if err != nil {
		return err
	}
	if d.dialect == "sqlite" {
		return work(provider)
	}
	held, err := d.holdMigrations(whileMigrating(ctx))
	if err != nil {
		return err
	}
	return errors.Join(work(provider), held.Commit())
}

// holdMigrations waits until no other process migrates, and returns what keeps them out
// until it ends.
func (d *Database) holdMigrations(ctx context.Context) (*sql.Tx, error) {
	pool, err := d.write.DB()
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(migrationAsks)
	defer tick.Stop()
	late := time.NewTimer(migrationWaits)
	defer late.Stop()
	for {
		held, err := tryMigrations(ctx, pool)
		if err != nil || held != nil {
			return held, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late.C:
			return nil, errMigrating
		case <-tick.C:
		}
	}
}

// tryMigrations returns nil when another process migrates.
func tryMigrations(ctx context.Context, pool *sql.DB) (*sql.Tx, error) {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	free := false
	err = tx.QueryRowContext(ctx, fmt.Sprintf("SELECT pg_try_advisory_xact_lock(%d)", lock.DefaultLockID)).Scan(&free)
	if err == nil && free { // it says nothing while the migrations run
		_, err = tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0")
	}
	if err != nil || !free {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

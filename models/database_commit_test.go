package models

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// written is a transaction that has a row, and its connection.
func (d *Database) written(ctx context.Context, t *testing.T) (*sql.Tx, *pgconn.PgConn) {
	t.Helper()
	pool, err := d.write.DB()
	if err != nil {
		t.Fatal(err)
	}
	connection, err := pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	var below *pgconn.PgConn
	err = connection.Raw(func(is any) error {
		below = is.(*line).Conn.Conn().PgConn()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := connection.BeginTx(ctx, nil)
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO written VALUES (2)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx, below
}

// until asks until the answer is the wanted number.
func (d *Database) until(t *testing.T, question string, want int) {
	t.Helper()
	for begun := time.Now(); d.number(t, question) != want; {
		if time.Since(begun) > backWithin {
			t.Fatalf("%s is never %d", question, want)
		}
	}
}

func (d *Database) number(t *testing.T, question string) (number int) {
	t.Helper()
	if err := d.read.WithContext(t.Context()).Raw(question).Scan(&number).Error; err != nil {
		t.Fatal(err)
	}
	return number
}

// docs/decisions/0074-fail-over.md: whoever waits for a COMMIT, and gives up, does not make it done. Nobody sees it before the standby
// has it, so that nobody is answered by what a fail-over loses.
func TestCommitThatWaitsIsNotCancelled(t *testing.T) {
	const rows = "SELECT count(*) FROM written"
	primary, standby := pair(t)
	d := connected(t, primary.Address("postgres"))
	standby.Freeze()
	ctx, cancel := context.WithCancel(t.Context())
	tx, below := d.written(ctx, t)
	ended := make(chan error)
	go func() { ended <- tx.Commit() }()
	d.until(t, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	<-below.CleanupDone()
	if seen := d.number(t, rows); seen != 0 {
		t.Errorf("%d rows are seen that the standby does not have", seen)
	}
	standby.Thaw()
	d.until(t, rows, 1)
	if err := d.writes(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"
)

// sqliteWriter is the one connection that writes to SQLite. It begins and ends its transactions itself: one of database/sql has a
// context of its own, and a goroutine for each query that watches it, which costs more than to find a row.
type sqliteWriter struct {
	*sql.DB
	database *Database
}

// GetDBConn is gorm.GetDBConnector's.
func (w sqliteWriter) GetDBConn() (*sql.DB, error) { return w.DB, nil }

// BeginTx is gorm.ConnPoolBeginner's. What it begins has the write lock; it ends with its caller: a COMMIT after that is a
// ROLLBACK. No options are needed here. Error: *UnavailableError, also when this program is too old.
func (w sqliteWriter) BeginTx(ctx context.Context, _ *sql.TxOptions) (gorm.ConnPool, error) {
	connection, err := w.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := connection.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		_ = connection.Close() // back to the pool
		return nil, err
	}
	tx := &sqliteTx{Conn: connection, ctx: ctx}
	if err := connection.Raw(w.database.admits); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// sqliteTx is a transaction of a sqliteWriter.
type sqliteTx struct {
	*sql.Conn
	ctx  context.Context // of who began it
	over bool            // SQLite has rolled it back by itself
}

// ExecContext is gorm.ConnPool's. Once SQLite has rolled the transaction back by itself, as where the disk is full or a statement
// was interrupted, it changes nothing any more: outside a transaction each statement would be committed by itself.
func (t *sqliteTx) ExecContext(ctx context.Context, statement string, values ...any) (sql.Result, error) {
	if t.over {
		return nil, sql.ErrTxDone
	}
	result, err := t.Conn.ExecContext(ctx, statement, values...)
	t.over = err != nil && t.ended()
	return result, err
}

// QueryContext is gorm.ConnPool's, as ExecContext.
func (t *sqliteTx) QueryContext(ctx context.Context, statement string, values ...any) (*sql.Rows, error) {
	if t.over {
		return nil, sql.ErrTxDone
	}
	rows, err := t.Conn.QueryContext(ctx, statement, values...)
	t.over = err != nil && t.ended()
	return rows, err
}

// ended reports whether the connection is in no transaction.
func (t *sqliteTx) ended() (over bool) {
	_ = t.Raw(func(raw any) error {
		connection, is := raw.(*sqlite3.SQLiteConn)
		over = is && connection.AutoCommit()
		return nil
	})
	return over
}

// Commit is gorm.TxCommitter's. After an error nothing of the transaction is left.
func (t *sqliteTx) Commit() error {
	if err := t.ctx.Err(); err != nil {
		_ = t.Rollback()
		return err
	}
	if t.over {
		_ = t.Close()
		return sql.ErrTxDone
	}
	if _, err := t.Conn.ExecContext(context.Background(), "COMMIT"); err != nil {
		_ = t.Rollback()
		return err
	}
	return t.Close()
}

// Rollback is gorm.TxCommitter's. Where SQLite has done so itself it says that there is nothing to do. A connection that stays in
// the transaction is not used again.
func (t *sqliteTx) Rollback() error {
	_, err := t.Conn.ExecContext(context.Background(), "ROLLBACK")
	if err != nil && !t.ended() {
		_ = t.Raw(func(any) error { return driver.ErrBadConn })
	}
	if closing := t.Close(); err == nil {
		err = closing
	}
	return err
}

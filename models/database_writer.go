package models

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// sqliteWriter is the one connection that writes to SQLite. It begins and ends its transactions itself: one of database/sql has a
// context of its own, and a goroutine for each query that watches it, which costs more than to find a row.
type sqliteWriter struct{ *sql.DB }

// GetDBConn is gorm.GetDBConnector's.
func (w sqliteWriter) GetDBConn() (*sql.DB, error) { return w.DB, nil }

// BeginTx is gorm.ConnPoolBeginner's. What it begins has the write lock; it ends with its caller: a COMMIT after that is a
// ROLLBACK. No options are needed here.
func (w sqliteWriter) BeginTx(ctx context.Context, _ *sql.TxOptions) (gorm.ConnPool, error) {
	connection, err := w.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := connection.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		_ = connection.Close() // back to the pool
		return nil, err
	}
	return &sqliteTx{Conn: connection, ctx: ctx}, nil
}

// sqliteTx is a transaction of a sqliteWriter.
type sqliteTx struct {
	*sql.Conn
	ctx context.Context // of who began it
}

// Commit is gorm.TxCommitter's. After an error nothing of the transaction is left.
func (t *sqliteTx) Commit() error {
	if err := t.ctx.Err(); err != nil {
		_ = t.Rollback()
		return err
	}
	if _, err := t.ExecContext(context.Background(), "COMMIT"); err != nil {
		_ = t.Rollback()
		return err
	}
	return t.Close()
}

// Rollback is gorm.TxCommitter's. Where the disk is full SQLite has done so itself, and says that there is nothing to do.
func (t *sqliteTx) Rollback() error {
	_, err := t.ExecContext(context.Background(), "ROLLBACK")
	if closing := t.Close(); err == nil {
		err = closing
	}
	return err
}

package models

import (
	"context"
	"database/sql"

	"gorm.io/gorm"
)

// watch is what is told of each statement: before, which can refuse it, and after. Either may be nil.
type watch struct {
	before func(statement string) error
	after  func(statement string, values []any, err error)
}

// Watch calls watcher after each statement that the database was asked, with its text and its values, which are personal
// data. It is for tests and measurements, and called before the first statement. watcher runs where the statement ran, often
// inside a transaction: it asks the database nothing.
func (d *Database) Watch(watcher func(statement string, values []any)) {
	by := watch{after: func(statement string, values []any, _ error) { watcher(statement, values) }}
	watchPool(d.write, by)
	if d.read != d.write {
		watchPool(d.read, by)
	}
}

// watchPool puts a watch between everything that asks a pool and the pool.
func watchPool(db *gorm.DB, by watch) {
	db.ConnPool = watchedPool{watched{db.ConnPool, by}}
	db.Statement.ConnPool = db.ConnPool
}

// watched asks another, and tells of it.
type watched struct {
	gorm.ConnPool
	by watch
}

func (w watched) refused(statement string) error {
	if w.by.before == nil {
		return nil
	}
	return w.by.before(statement)
}

func (w watched) asked(statement string, values []any, err error) {
	if w.by.after != nil {
		w.by.after(statement, values, err)
	}
}

// asked tells whoever watches a pool of a statement that did not go by it.
func asked(pool gorm.ConnPool, statement string, values []any, err error) {
	for w, is := pool.(watchedPool); is; w, is = w.ConnPool.(watchedPool) {
		w.asked(statement, values, err)
	}
}

// unwatched is the transaction that nobody is told of.
func unwatched(pool gorm.ConnPool) gorm.ConnPool {
	for w, is := pool.(*watchedTx); is; w, is = pool.(*watchedTx) {
		pool = w.ConnPool
	}
	return pool
}

// ExecContext is gorm.ConnPool's.
func (w watched) ExecContext(ctx context.Context, statement string, values ...any) (sql.Result, error) {
	if err := w.refused(statement); err != nil {
		return nil, err
	}
	result, err := w.ConnPool.ExecContext(ctx, statement, values...)
	w.asked(statement, values, err)
	return result, err
}

// QueryContext is gorm.ConnPool's. Plain statements ask by it too, since a *sql.Row cannot bring a refusal.
func (w watched) QueryContext(ctx context.Context, statement string, values ...any) (*sql.Rows, error) {
	if err := w.refused(statement); err != nil {
		return nil, err
	}
	rows, err := w.ConnPool.QueryContext(ctx, statement, values...)
	w.asked(statement, values, err)
	return rows, err
}

// QueryRowContext is gorm.ConnPool's.
func (w watched) QueryRowContext(ctx context.Context, statement string, values ...any) *sql.Row {
	row := w.ConnPool.QueryRowContext(ctx, statement, values...)
	w.asked(statement, values, row.Err())
	return row
}

// watchedPool is a watched pool of connections.
type watchedPool struct{ watched }

// BeginTx is gorm.ConnPoolBeginner's.
func (w watchedPool) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	var begun gorm.ConnPool
	var err error
	switch pool := w.ConnPool.(type) {
	case gorm.ConnPoolBeginner:
		begun, err = pool.BeginTx(ctx, options)
	case gorm.TxBeginner:
		begun, err = pool.BeginTx(ctx, options)
	}
	if err != nil {
		return nil, err
	}
	return &watchedTx{watched{begun, w.by}}, nil
}

// of lets whoever watches the pool watch one of its connections.
func (w watchedPool) of(connection gorm.ConnPool) gorm.ConnPool {
	if inner, is := w.ConnPool.(watchedPool); is {
		connection = inner.of(connection)
	}
	return watched{connection, w.by}
}

// GetDBConn is gorm.GetDBConnector's.
func (w watchedPool) GetDBConn() (*sql.DB, error) {
	if pool, is := w.ConnPool.(gorm.GetDBConnector); is {
		return pool.GetDBConn()
	}
	return w.ConnPool.(*sql.DB), nil
}

// watchedTx is a watched transaction.
type watchedTx struct{ watched }

// Commit is gorm.TxCommitter's.
func (w *watchedTx) Commit() error { return w.ConnPool.(gorm.TxCommitter).Commit() }

// Rollback is gorm.TxCommitter's.
func (w *watchedTx) Rollback() error { return w.ConnPool.(gorm.TxCommitter).Rollback() }

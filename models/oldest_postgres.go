package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// opening is what begins a transaction that writes to PostgreSQL. That this program is not too old is asked in the same message:
// there is no further way to the server.
type opening struct {
	guard   *guard
	plain   string
	guarded string
}

// guarded makes what begins a transaction fail with SQLSTATE 22P02 where this program is too old.
func guarded(begin string) string {
	const fails = "CAST('too old: a program is needed that knows migration ' || knows AS integer)"
	return fmt.Sprintf("%s; SELECT CASE WHEN knows > %d THEN %s END FROM oldest_program WHERE id = 1", begin, newestMigration(), fails)
}

// text is what to send.
func (b *opening) text(ctx context.Context) string {
	if b.guard.on.Load() && ctx.Value(migrating{}) == nil {
		return b.guarded
	}
	return b.plain
}

// refused ends what a message that failed in its middle has begun, and finds out what the database asks for where this program
// is too old.
func (b *opening) refused(ctx context.Context, connection *pgx.Conn, err error) error {
	pg, is := errors.AsType[*pgconn.PgError](err)
	if !is {
		return err
	}
	const invalidText = "22P02"
	if _, ended := connection.Exec(ctx, "ROLLBACK"); ended != nil || pg.Code != invalidText {
		return errors.Join(err, ended)
	}
	var asked int64
	if err := connection.QueryRow(ctx, askOldest).Scan(&asked); err != nil {
		return err
	}
	return cmp.Or(b.guard.judge(asked, ""), err)
}

// migrating marks the context of migrations, which change what the guard asks.
type migrating struct{}

func whileMigrating(ctx context.Context) context.Context {
	return context.WithValue(ctx, migrating{}, true)
}

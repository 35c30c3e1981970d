package models

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// commit keeps the COMMITs of one connection from being cancelled. PostgreSQL takes one that waits for its standby, and is told to
// stop, for done: everybody sees what the standby does not have, and what they are answered by it is lost with the primary. pgx
// tells so, by a connection of its own, whenever it stops waiting for an answer (docs/decisions/0074-fail-over.md).
type commit struct {
	dial  pgconn.DialFunc
	waits atomic.Bool // for an answer; for ever where none came
	way   net.Conn    // the last one to the server
}

var errCommitWaits = errors.New("a COMMIT that waits is not cancelled")

// reach is a pgconn.DialFunc: for the connection, and for each time that pgx wants to cancel what it asked. A COMMIT that waits
// loses its connection, which the server finds out once it is done.
func (c *commit) reach(ctx context.Context, network, address string) (net.Conn, error) {
	if c.waits.Load() {
		return nil, errors.Join(errCommitWaits, c.way.Close())
	}
	way, err := c.dial(ctx, network, address)
	if err == nil {
		c.way = way
	}
	return way, err
}

// do commits. After an error that leaves the connection closed nobody knows whether it is done.
func (c *commit) do(ctx context.Context, tx pgx.Tx) error {
	c.waits.Store(true)
	err := tx.Commit(ctx)
	c.waits.Store(tx.Conn().IsClosed())
	return err
}

package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// How long PostgreSQL may take where its server may be gone (docs/decisions/0074-fail-over.md).
const (
	connectLimit = 3 * time.Second  // to reach one server, where the address does not say connect_timeout
	pingLimit    = 2 * time.Second  // for a connection that nobody used for a second to answer
	lineLife     = 30 * time.Minute // of a connection, also of one that works: names and addresses move
)

// A server that vanished without a word: what an idle connection, and one that waits for an answer, asks it.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: time.Second, Count: 3}

// unacknowledged is how long a server may leave unacknowledged what was sent to it.
const unacknowledged = 5 * time.Second

// What a connection is marked with.
const (
	markRound    = "round"    // the round in which it was made
	markOnlyRead = "onlyRead" // its server can only be read
)

// failover lets go of the connections that a fail-over left behind. Both pools share it. The zero value is ready.
type failover struct {
	round  atomic.Int64 // connections of an earlier one are not used again
	wanted pgconn.ValidateConnectFunc
	strict bool // nobody connects to a server that is not wanted
}

// watch makes connections by these settings tell what they meet.
func (f *failover) watch(settings *pgx.ConnConfig) {
	f.wanted, f.strict = settings.ValidateConnect, settings.ValidateConnect != nil
	if f.wanted == nil {
		f.wanted, f.strict = pgconn.ValidateConnectTargetSessionAttrsReadWrite, namesServers(settings)
	}
	settings.ValidateConnect = f.validate
	inner := settings.OnPgError
	settings.OnPgError = func(line *pgconn.PgConn, err *pgconn.PgError) bool {
		if err.Code == readOnlyTransaction {
			f.leave(line)
			return false // closes it
		}
		return inner(line, err)
	}
}

// namesServers reports whether the address names several servers. Which of them is the primary is then asked of each.
func namesServers(settings *pgx.ConnConfig) bool {
	for _, other := range settings.Fallbacks { // also those of one server with and without TLS
		if other.Host != settings.Host || other.Port != settings.Port {
			return true
		}
	}
	return false
}

// validate marks a new connection, and refuses one to a server that is not wanted. Where there is only one server it can be read
// meanwhile, by a connection that is used once.
func (f *failover) validate(ctx context.Context, line *pgconn.PgConn) error {
	line.CustomData()[markRound] = f.round.Load()
	err := f.wanted(ctx, line)
	if errors.Is(err, pgconn.ErrReadOnlyConnection) && !f.strict {
		line.CustomData()[markOnlyRead] = true
		return nil
	}
	return err
}

// leave ends the round of a connection: its server is no longer the one that is wanted, or is gone.
func (f *failover) leave(line *pgconn.PgConn) {
	if round, is := line.CustomData()[markRound].(int64); is {
		f.round.CompareAndSwap(round, round+1)
	}
}

// good reports whether a connection may be used again.
func (f *failover) good(line *pgconn.PgConn) bool {
	return !line.IsClosed() && line.CustomData()[markRound] == f.round.Load() && line.CustomData()[markOnlyRead] == nil
}

// line is a connection as database/sql has it.
type line struct {
	*stdlib.Conn
	begin    *opening // nil: what database/sql asks for
	failover *failover
	commits  *commit
}

// ResetSession is part of driver.SessionResetter. A server that does not answer in time is gone, for all connections of the round.
func (c *line) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	limited, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err := c.Conn.ResetSession(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		c.failover.leave(c.Conn.Conn().PgConn())
	}
	return err
}

// IsValid is part of driver.Validator.
func (c *line) IsValid() bool { return c.failover.good(c.Conn.Conn().PgConn()) }

// BeginTx is part of driver.ConnBeginTx.
func (c *line) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if c.begin == nil {
		return c.Conn.BeginTx(ctx, options)
	}
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	tx, err := c.Conn.Conn().BeginTx(ctx, pgx.TxOptions{BeginQuery: c.begin.text(ctx)})
	if err != nil {
		return nil, c.begin.refused(ctx, c.Conn.Conn(), err)
	}
	return begun{ctx, tx, c.commits}, nil
}

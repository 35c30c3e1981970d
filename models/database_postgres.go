package models

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

// Sizes of the pools, in connections. Pages read on connections of their own, so that they
// outlive a writer that many others wait for.
const (
	postgresReaders = 10
	postgresWriters = 10
)

// idleInTransaction is how long PostgreSQL keeps a transaction, with its locks, of a
// process that says nothing any more.
const idleInTransaction = time.Minute

func connectPostgres(ctx context.Context, address string, lockWait time.Duration, log *slog.Logger) (*Database, error) {
	settings, clear, err := postgresSettings(address)
	if err != nil {
		return nil, err
	}
	d := &Database{dialect: "postgres", clear: clear, log: log}
	begin := fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = %d; SET LOCAL idle_in_transaction_session_timeout = %d",
		lockWait.Milliseconds(), idleInTransaction.Milliseconds())
	shared := &failover{}
	shared.watch(settings)
	begins := &opening{&d.guard, begin, guarded(begin)}
	if d.write, err = openPool(ctx, dialectOn(*settings, begins, shared), "", log, postgresWriters); err != nil {
		return nil, err
	}
	if d.read, err = openPool(ctx, dialectOn(*settings, nil, shared), "", log, postgresReaders); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// dialectOn is a pool whose transactions begin with begin, or, for nil, as database/sql asks for.
func dialectOn(settings pgx.ConnConfig, begin *opening, shared *failover) postgresDialect {
	pool := sql.OpenDB(&lines{stdlib.GetConnector(settings), settings, begin, shared})
	pool.SetConnMaxLifetime(lineLife)
	return postgresDialect{&postgres.Dialector{Config: &postgres.Config{Conn: pool}}}
}

// ErrDatabaseAddress says that an address of PostgreSQL cannot be read. It repeats nothing of it.
var ErrDatabaseAddress = errors.New("database: the postgres:// address cannot be read")

// postgresSettings reads the address. To another machine it goes encrypted, whatever the
// environment says, unless the address itself says sslmode=disable: then clear is true.
func postgresSettings(address string) (settings *pgx.ConnConfig, clear bool, err error) {
	if settings, err = pgx.ParseConfig(address); err != nil {
		return nil, false, ErrDatabaseAddress // the parser's error may hold the password
	}
	if !isHere(settings) {
		if settings, clear, err = encrypted(address, settings); err != nil {
			return nil, false, ErrDatabaseAddress
		}
	}
	settings.ConnectTimeout = cmp.Or(settings.ConnectTimeout, connectLimit)
	settings.DialFunc = (&net.Dialer{Timeout: settings.ConnectTimeout, KeepAliveConfig: keepAlive, Control: endSilence}).DialContext
	return settings, clear, nil
}

// encrypted are the settings of an address on another machine.
func encrypted(address string, settings *pgx.ConnConfig) (_ *pgx.ConnConfig, clear bool, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, false, err
	}
	query := parsed.Query()
	switch query.Get("sslmode") {
	case "disable":
		return settings, true, nil
	case "require", "verify-ca", "verify-full":
		return settings, false, nil
	}
	query.Set("sslmode", "require")
	parsed.RawQuery = query.Encode()
	settings, err = pgx.ParseConfig(parsed.String())
	return settings, false, err
}

// isHere reports whether every server that the address names is on this machine.
func isHere(settings *pgx.ConnConfig) bool {
	hosts := []string{settings.Host}
	for _, fallback := range settings.Fallbacks {
		hosts = append(hosts, fallback.Host)
	}
	return !slices.ContainsFunc(hosts, func(host string) bool {
		ip, err := netip.ParseAddr(host)
		loopback := err == nil && ip.IsLoopback()
		return !loopback && host != "localhost" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@")
	})
}

// lines makes connections whose transactions begin with settings of their own. They
// are SET LOCAL in the message that begins: nothing of them stays on a connection that
// PgBouncer gives to somebody else, and there is no further way to the server.
type lines struct {
	driver.Connector
	settings pgx.ConnConfig
	begin    *opening
	failover *failover
}

// Connect is part of driver.Connector.
func (l *lines) Connect(ctx context.Context) (driver.Conn, error) {
	commits, settings := &commit{dial: l.settings.DialFunc}, l.settings
	settings.DialFunc = commits.reach
	conn, err := stdlib.GetConnector(settings).Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, is := conn.(*stdlib.Conn)
	if !is {
		return nil, errors.Join(fmt.Errorf("database: a connection is a %T", conn), conn.Close())
	}
	return &line{inner, l.begin, l.failover, commits}, nil
}

// begun is a transaction as database/sql sees it.
type begun struct {
	ctx     context.Context
	tx      pgx.Tx
	commits *commit
}

// Commit is part of driver.Tx.
func (b begun) Commit() error { return b.commits.do(b.ctx, b.tx) }

// Rollback is part of driver.Tx.
func (b begun) Rollback() error { return b.tx.Rollback(b.ctx) }

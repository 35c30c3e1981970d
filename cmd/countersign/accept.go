package main

import (
	"errors"
	"log/slog"
	"net"
	"time"
)

// acceptReminder is how often it is told that no connection is accepted.
const acceptReminder = time.Minute

// tellingListener logs what keeps it from accepting connections, such as too many open files: nobody outside is told anything
// then. It is told when it begins, once a minute while it goes on, and when it is over. Only one goroutine accepts.
type tellingListener struct {
	net.Listener
	now func() time.Time
	log *slog.Logger

	failed int       // in a row
	told   time.Time // when that was told last
}

// Accept is net.Listener's.
func (l *tellingListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	switch {
	case errors.Is(err, net.ErrClosed):
	case err != nil:
		l.failed++
		if now := l.now(); l.failed == 1 || now.Sub(l.told).Abs() >= acceptReminder {
			l.told = now
			l.log.Error("no connection is accepted", "error", err,
				"next", "allow this process more open files (LimitNOFILE), or end what holds them")
		}
	case l.failed > 0:
		l.log.Info("connections are accepted again", "failed", l.failed)
		l.failed = 0
	}
	return connection, err
}

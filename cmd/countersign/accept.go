package main

import (
	"errors"
	"log/slog"
	"net"
	"time"
)

// acceptReminder is how often it is told that no connection is accepted, and how long none may have failed until it is over.
const acceptReminder = time.Minute

// tellingListener logs what keeps it from accepting connections, such as too many open files: nobody outside is told anything
// then. It is told when it begins, once a minute while it goes on, and when none failed for a minute: with every file in use,
// each connection that ends lets one in, and strangers could have a line written for each. Only one goroutine accepts.
type tellingListener struct {
	net.Listener
	now  func() time.Time
	log  *slog.Logger
	full func(error) // is told when there is no file left for a connection; nil: nobody is

	failed int       // since it began
	last   time.Time // the last of them
	told   time.Time // when that was told last
}

// Accept is net.Listener's.
func (l *tellingListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	switch {
	case errors.Is(err, net.ErrClosed):
	case err != nil:
		l.failed++
		if l.full != nil && isFull(err) {
			l.full(err)
		}
		if l.last = l.now(); l.last.Sub(l.told).Abs() >= acceptReminder {
			l.told = l.last
			l.log.Error("no connection is accepted", "error", err,
				"next", "allow this process more open files (LimitNOFILE), or end what holds them")
		}
	case l.failed > 0 && l.now().Sub(l.last).Abs() >= acceptReminder:
		l.log.Info("connections are accepted again", "failed", l.failed)
		l.failed = 0
	}
	return connection, err
}

package main

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// acceptor is a listener that answers Accept with these errors, one after the other; nil is a connection.
type acceptor struct {
	net.Listener
	answers []error
}

func (a *acceptor) Accept() (net.Conn, error) {
	next := a.answers[0]
	a.answers = a.answers[1:]
	return nil, next
}

// A server that can accept no connection says so at the level ERROR, and not at each try: net/http tries again within a second.
// With every file in use, each connection that ends lets one in: that ends nothing, and strangers fill no log by it.
func TestAcceptErrorsAreTold(t *testing.T) {
	full := &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	var lines textBuffer
	clock := testNow
	inner := &acceptor{}
	listener := &tellingListener{Listener: inner, now: func() time.Time { return clock }, log: slog.New(slog.NewTextHandler(&lines, nil))}
	accept := func(answers ...error) {
		inner.answers = answers
		for _, want := range answers {
			if _, err := listener.Accept(); !errors.Is(err, want) {
				t.Errorf("%v became %v", want, err)
			}
		}
	}
	accept(nil, full, full)
	for range 59 { // short episodes within a minute
		clock = clock.Add(time.Second)
		accept(full, nil)
	}
	clock = clock.Add(time.Second)
	accept(full, nil) // a minute after it was told
	clock = clock.Add(acceptReminder - time.Second)
	accept(nil)
	clock = clock.Add(time.Second)
	accept(nil, nil, full, nil, net.ErrClosed)
	requireLines(t, lines.String(), []string{
		`level=ERROR msg="no connection is accepted" error="accept tcp: too many open files"`,
		`level=ERROR msg="no connection is accepted"`,
		`level=INFO msg="connections are accepted again" failed=62`,
		`level=ERROR msg="no connection is accepted"`,
	})
	if strings.Contains(lines.String(), "closed") {
		t.Errorf("the end is told: %s", lines.String())
	}
}

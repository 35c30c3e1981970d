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
func TestAcceptErrorsAreTold(t *testing.T) {
	full := &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	var lines textBuffer
	clock := testNow
	inner := &acceptor{answers: []error{nil, full, full, full, nil, nil, net.ErrClosed}}
	listener := &tellingListener{Listener: inner, now: func() time.Time { return clock }, log: slog.New(slog.NewTextHandler(&lines, nil))}
	for len(inner.answers) > 0 {
		want := inner.answers[0]
		if _, err := listener.Accept(); !errors.Is(err, want) {
			t.Errorf("%v became %v", want, err)
		}
		if len(inner.answers) == 4 { // the third failure is a minute later
			clock = clock.Add(acceptReminder)
		}
	}
	requireLines(t, lines.String(), []string{
		`level=ERROR msg="no connection is accepted" error="accept tcp: too many open files"`,
		`level=ERROR msg="no connection is accepted"`,
		`level=INFO msg="connections are accepted again" failed=3`,
	})
	if strings.Contains(lines.String(), "closed") {
		t.Errorf("the end is told: %s", lines.String())
	}
}

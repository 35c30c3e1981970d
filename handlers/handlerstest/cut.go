package handlerstest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

	"countersign/handlers"
)

// Cut is the same server behind a listener whose connections can be made to break in the
// middle of an answer, when everything it says is done already.
type Cut struct {
	Host string // to send requests to, each on a connection of its own

	mu    sync.Mutex // guards the rest
	after int        // bytes of the next connection that are let through; negative: all
	sent  int        // bytes of the latest connection
}

// Cut starts the server once more, behind such a listener.
func (s *Server) Cut() *Cut {
	s.t.Helper()
	handler, err := handlers.New(s.settings)
	if err != nil {
		s.t.Fatal(err)
	}
	listening := httptest.NewUnstartedServer(handler)
	cut := &Cut{Host: listening.Listener.Addr().String(), after: -1}
	listening.Listener = &cutListener{listening.Listener, cut}
	listening.Start()
	s.t.Cleanup(listening.Close)
	return cut
}

// HTTP returns a client that takes every request to the listener, on a new connection.
func (c *Cut) HTTP() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, c.Host)
		},
	}}
}

// After lets this many bytes of the next connection's answer through, then breaks it.
func (c *Cut) After(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = bytes
}

// Sent returns how many bytes the latest connection's answer had.
func (c *Cut) Sent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

type cutListener struct {
	net.Listener
	cut *Cut
}

func (l *cutListener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.cut.mu.Lock()
	defer l.cut.mu.Unlock()
	conn := &cutConn{Conn: inner, cut: l.cut, left: l.cut.after}
	l.cut.after, l.cut.sent = -1, 0
	return conn, nil
}

type cutConn struct {
	net.Conn
	cut  *Cut
	left int // negative: all
}

var errCut = errors.New("the connection was cut")

func (c *cutConn) Write(b []byte) (int, error) {
	c.cut.mu.Lock()
	c.cut.sent += len(b)
	c.cut.mu.Unlock()
	if c.left < 0 {
		return c.Conn.Write(b)
	}
	through := min(len(b), c.left)
	n, err := c.Conn.Write(b[:through])
	c.left -= n
	if err == nil && through < len(b) {
		err = errors.Join(errCut, c.Conn.Close())
	}
	return n, err
}

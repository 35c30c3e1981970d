package pgtest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Way is an address in front of servers, as a virtual address or a balancer is: new connections go where it leads now.
type Way struct {
	Server // of which only the address can be used

	mu   sync.Mutex // guards what follows
	to   *Server
	open map[net.Conn]bool
}

// NewWay makes a way that leads to the server, until the test ends.
func NewWay(t testing.TB, to *Server) *Way {
	t.Helper()
	folder, err := os.MkdirTemp("", "pgw")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socketOf(folder))
	if err == nil { // a PgBouncer in front of it is another user's
		err = errors.Join(os.Chmod(folder, 0o755), os.Chmod(socketOf(folder), 0o777)) //nolint:gosec // a test's
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &Way{Server: Server{Folder: folder, t: t}, to: to, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		w.Cut()
		_ = os.RemoveAll(folder)
	})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go w.pass(connection)
		}
	}()
	return w
}

// To lets new connections go to another server. Those that are open stay where they are.
func (w *Way) To(other *Server) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = other
}

// Cut closes all connections, as a balancer does for a server that is marked down.
func (w *Way) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for connection := range w.open {
		_ = connection.Close()
	}
}

func (w *Way) pass(from net.Conn) {
	defer from.Close()
	w.mu.Lock()
	folder := w.to.Folder
	w.mu.Unlock()
	to, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socketOf(folder))
	if err != nil {
		return
	}
	defer to.Close()
	w.keep(from, true)
	defer w.keep(from, false)
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
}

func (w *Way) keep(connection net.Conn, open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if open {
		w.open[connection] = true
	} else {
		delete(w.open, connection)
	}
}

func socketOf(folder string) string { return filepath.Join(folder, ".s.PGSQL.5432") }

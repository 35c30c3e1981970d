package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// docs/protocol.md §6 slow-and-huge: whoever sends a request's head slowly, or a head without end, is cut
// off in bounded time; others are answered meanwhile.
func TestSlowAndEndlessHeadsAreCutOff(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	s := &server{env: &Environment{Context: ctx}, handler: http.NotFoundHandler(), log: slog.New(slog.DiscardHandler)}
	go func() { _ = s.serve(listener) }()

	for name, head := range map[string]string{
		"slow": "GET / HTTP/1.1\r\nHost: x\r\n", "endless": "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 4*maxHeaderBytes),
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		began := time.Now()
		_, _ = io.WriteString(conn, head) // may be cut off in the middle
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		_ = conn.SetReadDeadline(began.Add(2 * readHeaderTimeout))
		if _, err := io.Copy(io.Discard, conn); err != nil && time.Since(began) >= 2*readHeaderTimeout {
			t.Errorf("%s: the connection stands after %s", name, time.Since(began))
		}
	}
}

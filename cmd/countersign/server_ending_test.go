package main

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"countersign/handlers/web"
)

// An answer that goes on for minutes learns that the server ends, and does not hold it up.
func TestServerTellsThatItEnds(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-web.Ending(r.Context())
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	env := &Environment{Context: ctx, Wait: wait, Stderr: t.Output()}
	ended := make(chan error, 1)
	go func() { ended <- (&server{env: env, handler: handler, log: quietLog(env)}).serve(listener) }()
	answer, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(drainTimeout / 2):
		t.Error("the server waits for an answer that does not end by itself")
	}
}

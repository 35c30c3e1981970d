package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
)

// The process is alive without its database, and not ready; no internals are told.
func TestHealth(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	if got := s.Get("/healthz"); got.Status != http.StatusOK || got.Text != "ok" {
		t.Errorf("healthz: %d %s", got.Status, got.Text)
	}
	if got := s.Get("/readyz"); got.Status != http.StatusOK || got.String("status") != "ready" {
		t.Errorf("readyz: %d %s", got.Status, got.Text)
	}
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(5 * time.Second)
	answer := s.Get("/readyz")
	if answer.Status != http.StatusServiceUnavailable || answer.String("problem") != "the database does not answer" ||
		strings.Contains(answer.Text, "sql") {
		t.Errorf("readyz without its database: %d %s", answer.Status, answer.Text)
	}
	if got := s.Get("/healthz").Status; got != http.StatusOK {
		t.Errorf("healthz without its database: %d", got)
	}
}

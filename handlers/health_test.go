package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
)

// The process is alive without its database, and not ready as soon as a probe found out; no
// internals are told.
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
	if got := s.Get("/readyz").Status; got != http.StatusOK {
		t.Errorf("the page asked the database itself: %d", got)
	}
	if err := s.Store.Probe(t.Context()); err == nil {
		t.Error("a closed database was probed")
	}
	answer := s.Get("/readyz")
	if answer.Status != http.StatusServiceUnavailable || answer.String("problem") != "the database does not answer" ||
		strings.Contains(answer.Text, "sql") {
		t.Errorf("readyz without its database: %d %s", answer.Status, answer.Text)
	}
	if got := s.Get("/healthz").Status; got != http.StatusOK {
		t.Errorf("healthz without its database: %d", got)
	}
}

// A process whose probes have stopped does not know, and says so.
func TestReadyzWithoutProbes(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Clock.Advance(2*models.ProbeInterval + models.ProbeInterval/2)
	if got := s.Get("/readyz").Status; got != http.StatusOK {
		t.Errorf("after two intervals: %d", got)
	}
	s.Clock.Advance(models.ProbeInterval)
	if got := s.Get("/readyz"); got.Status != http.StatusServiceUnavailable ||
		got.String("problem") != "the database was not looked at lately" {
		t.Errorf("after three: %d %s", got.Status, got.Text)
	}
}

package handlers_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// turnKeys lets the keys of a resealed server take one turn, as a process with the new master key does.
func turnKeys(t *testing.T, s *handlerstest.Server) {
	t.Helper()
	const rotation = 90 * 24 * time.Hour
	s.Clock.Advance(rotation)
	fresh, err := models.Open(t.Context(), modelstest.Connect(t, s.Address), models.Config{
		Issuer: s.Issuer, Now: s.Clock.Now, Rand: rand.Reader, MasterKey: bytes.Repeat([]byte{1}, keys.MasterKeySize),
	})
	if err != nil {
		t.Fatal(err)
	}
	if turned, err := fresh.RotateDueKeys(t.Context(), rotation); err != nil || len(turned) != len(keys.TurningPurposes()) {
		t.Fatalf("%v took turns, %v", turned, err)
	}
}

// docs/operations.md, Keys: after one turn a process with the old master key still signs rightly, and cannot tell the next key from a
// forged one. It publishes none then, which is no outage: nothing is said to have stopped, or to work again.
func TestKeysAreNotPublishedBeforeAnOldMasterKeyStops(t *testing.T) {
	s, told := measured(t, handlerstest.Config{})
	s.Reseal()
	turnKeys(t, s)
	before := len(s.Log())
	for range 2 {
		answer := s.Get("/jwks")
		answer.Refused(t, http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable)
		if answer.Header.Get("Retry-After") != "30" {
			t.Errorf("Retry-After %q", answer.Header.Get("Retry-After"))
		}
		if err := s.Store.Probe(t.Context()); err != nil || s.Store.Readiness() != nil {
			t.Errorf("the probe: %v", err)
		}
	}
	s.Phone().Ask(nil)
	if scraped := scrape(t, told); strings.Contains(scraped, "countersign_http_outage_answers_total{") || !s.Store.HasOldMasterKey() {
		t.Errorf("the metrics:\n%s", scraped)
	}
	if lines := loud(s.Log()[before:]); strings.Contains(strings.Join(lines, ""), "stopped working") ||
		strings.Contains(strings.Join(lines, ""), "works again") {
		t.Errorf("the log: %s", strings.Join(lines, ""))
	}
}

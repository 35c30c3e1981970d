package main

import (
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/views"
)

// A session that has ended says so on the page within seconds, without a step of anybody, and takes what was shown of the
// customer out of it; without scripts the next request leads to the sign-in.
func TestEndedSessionHidesTheRecord(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100248", "A phone")
	record := evaluate[string](b, "document.querySelector('main').textContent")
	const customer = "Grace Adeyemi"
	if !strings.Contains(record, customer) {
		t.Fatalf("the page does not show %s: %s", customer, record)
	}
	b.settle()
	if heading := evaluate[string](b, "document.querySelector('h1').textContent"); heading == "Your session has ended" {
		t.Fatal("it says so while the session lives")
	}
	w.endSessionsOf(demoOperator)
	ended := time.Now()
	if !until(func() bool {
		return evaluate[string](b, "document.querySelector('h1').textContent") == "Your session has ended"
	}) {
		t.Fatal("the page says nothing")
	}
	if took := time.Since(ended); took > 10*time.Second {
		t.Errorf("it says so after %s", took)
	}
	whole := evaluate[string](b, "document.documentElement.outerHTML")
	for _, datum := range []string{customer, "Approve this device", demoOperator} {
		if strings.Contains(whole, datum) {
			t.Errorf("%q is still in the page", datum)
		}
	}
	if on := b.focus(); on.role != "heading" || evaluate[string](b, "document.title") != "Your session has ended" {
		t.Errorf("the focus is on %s %q", on.role, on.name)
	}
	b.open(views.DecidePath(visit))
	if b.path() != views.PathSignIn {
		t.Errorf("the next request leads to %s", b.path())
	}
}

// Nor does a page beside a visit lead back into it, once the session has ended.
func TestEndedSessionLeadsIntoNoVisit(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, _ := w.decide("C-100248", "A phone")
	b.open(views.PathCounter)
	const held = `document.querySelector(".held") !== null`
	if !evaluate[bool](b, held) {
		t.Fatal("the page does not lead back into the visit")
	}
	w.endSessionsOf(demoOperator)
	b.until(`document.querySelector("h1").textContent === "Your session has ended"`, "the page says nothing")
	if evaluate[bool](b, held) {
		t.Error("the page leads back into the visit still")
	}
}

// endSessionsOf is what an administrator does, or a provider by a logout token.
func (w *tour) endSessionsOf(name string) {
	w.t.Helper()
	staff, err := w.store.StaffSeen(w.t.Context(), models.StaffCursor{}, 50)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, member := range staff {
		if member.Name != name {
			continue
		}
		count, err := w.store.EndSessionsAtProvider(w.t.Context(), models.Logout{
			Issuer: member.Issuer, Subject: member.Subject, JTI: "one", Expires: w.store.Now().Add(time.Hour),
		})
		if err != nil || count == 0 {
			w.t.Fatalf("%d sessions ended, %v", count, err)
		}
	}
}

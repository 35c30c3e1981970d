package main

import (
	"testing"
	"time"

	"countersign/models"
	"countersign/oauth/deviceclient"
)

const (
	colleague   = "Jonas Eriksen"
	supervisor  = "Beatriz Carvalho"
	notSignedIn = "" // a browser in which nobody has signed in
	quayside    = "Quayside clinic, reception"
)

// tour goes to every page there is, in one running demonstration. Each stop leaves a tab
// on its page; later stops build on what earlier ones did.
type tour struct {
	*browserDemo
	tabs map[string]*tab // by who is signed in
}

// stop is a page of the tour.
type stop struct {
	name   string
	status int64
	reach  func(*tour) (*tab, int64)
}

func newTour(t *testing.T, change ...func(*models.Policy)) *tour {
	return &tour{browserDemo: startBrowserDemo(t, change...), tabs: map[string]*tab{}}
}

// visit takes the tour, and looks at each page.
func (w *tour) visit(look func(stop, *tab)) {
	for _, group := range [][]stop{
		publicStops(), counterStops(), accountStops(), documentStops(), decisionStops(), secondPersonStops(), secondAnswerStops(), stepUpStops(),
		refusalStops(), publisherStops(), hostileStops(), reviewStops(), askStops(), bindingStops(), lostStops(), receiptStops(), notMeStops(),
		counterAdminStops(), accountAdminStops(), staffAdminStops(), lateStops(), brokenStops(),
	} {
		for _, s := range group {
			b, status := s.reach(w)
			if status != s.status {
				w.t.Errorf("%s: status %d, want %d", s.name, status, s.status)
			}
			look(s, b)
		}
	}
}

// as is the tab of a member of staff, who is signed in, and at a counter if it is an
// operator.
func (w *tour) as(name string) *tab {
	if b, ok := w.tabs[name]; ok {
		return b
	}
	b := newTab(w.t, w.issuer)
	switch name {
	case notSignedIn:
	case supervisor, administrator:
		b.signIn(name)
	case leaving:
		b.signIn(demoOperator)
	default:
		b.atCounter(name, demoCounter)
	}
	w.tabs[name] = b
	return b
}

// later moves the clock by more than a session lives.
func (w *tour) later(by time.Duration) {
	w.advance(by)
	clear(w.tabs)
}

// at opens an address.
func at(name, path string) func(*tour) (*tab, int64) {
	return func(w *tour) (*tab, int64) {
		b := w.as(name)
		return b, b.open(path)
	}
}

// ask lets a new phone ask for a code for an account.
func (w *tour) ask(hint, name, description string) *deviceclient.Client {
	return w.phone(harbourPocket, deviceclient.Request{
		LoginHint: hint, InstanceName: name, InstanceDescription: description, Scope: "profile messages payments",
	})
}

// decide brings a new request of an account to the page to decide on, and returns the
// phone and the visit.
func (w *tour) decide(hint, name string) (*tab, *deviceclient.Client, string) {
	phone := w.ask(hint, name, "")
	b := w.as(demoOperator)
	b.search(hint)
	visit := b.match(codeOf(phone))
	b.proof(goodDocument())
	return b, phone, visit
}

// lock enters wrong codes until no more are taken.
func (w *tour) lock(hint string) {
	operator := w.operatorAt(demoOperator, quayside)
	for range 20 {
		if err := operator.Search(w.t.Context(), hint); err != nil {
			w.t.Fatal(err)
		}
		if operator.formWithField("user_code") == nil {
			return
		}
		_ = operator.Match(w.t.Context(), "BBBB-BBBB") // is refused
	}
	w.t.Fatal("wrong codes do not lock the account")
}

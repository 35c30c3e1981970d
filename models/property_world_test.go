package models_test

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"

	"pgregory.net/rapid"
)

// world is the store of one run, with what the model's numbers are called there.
type world struct {
	outer    *testing.T
	address  string
	clock    *modelstest.Clock
	database *models.Database
	store    *models.Store
	m        model
	crashAt  int   // the statement that fails, counted from 1; 0 for none
	seen     int64 // number of the last event that was compared

	accounts []string // identifiers in the database, by the model's number
	names    []string // what people call the accounts
	phones   []models.Client
	keys     []crypto.Signer // of the phones
	counters []string
	sessions []worldSession
	requests []models.IssuedCodes
	answers  []models.Tokens
	proofs   []models.UsedProof

	presences []oauth.PresenceProof
}

type worldSession struct{ id, token string }

// errCrash is what a statement gives at which the process dies.
var errCrash = errors.New("the process died here")

func (w *world) open() (err error) {
	ctx := w.outer.Context()
	if w.database, err = models.Connect(ctx, w.address, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	w.armCrashes()
	if err := w.hurry(); err != nil {
		return err
	}
	w.store, err = models.Open(ctx, w.database, models.Config{
		Issuer: modelstest.Issuer, Now: w.clock.Now, Rand: rand.Reader, MasterKey: modelstest.MasterKey(),
		// The model knows what becomes of requests, and not for how long their rows are kept: TestSweepRemovesWhatIsOver does.
		Policy: models.Policy{WrongCodesPerOperator: -1, PresenceScopes: oauth.Scope{sensitiveScope},
			Keep: models.Keeping{Clients: longKept, Requests: longKept, Records: longKept}},
	})
	return err
}

func (w *world) close() error { return w.database.Close() }

// hurry keeps SQLite from waiting for the disk: processes die in these runs, computers do
// not.
func (w *world) hurry() error {
	if strings.HasPrefix(w.address, "postgres:") {
		return nil
	}
	return models.WriterForTest(w.database).Exec("PRAGMA synchronous = OFF").Error
}

// armCrashes lets any statement of the writer fail. The transaction that it belongs to is
// then abandoned, as it is when the process dies.
func (w *world) armCrashes() {
	models.BeforeStatements(w.database, func(string) error {
		if w.crashAt == 0 {
			return nil
		}
		if w.crashAt--; w.crashAt == 0 {
			return errCrash
		}
		return nil
	})
}

// The people and things of every run. The first operator and the supervisor have an
// account of their own; they share no session.
const (
	operatorOne = iota
	operatorTwo
	supervisor
)

func (w *world) populate(t *rapid.T) {
	env := &modelstest.Env{Store: w.store, Clock: w.clock, Address: w.address, Context: w.outer.Context()}
	w.m.now = w.clock.Now()
	for i := range 3 {
		w.names = append(w.names, fmt.Sprintf("holder%d@example.com", i))
		w.accounts = append(w.accounts, env.Account(w.outer, w.names[i]))
		w.m.accounts = append(w.m.accounts, modelAccount{status: models.AccountActive})
	}
	for i := range w.m.appNeedsProof {
		phone, key := env.ClientOf(w.outer, fmt.Sprintf("app-%d", i))
		w.phones, w.keys = append(w.phones, phone), append(w.keys, key)
	}
	for i := range 2 {
		w.counters = append(w.counters, env.CounterID(w.outer, fmt.Sprintf("Counter %d", i)))
	}
	w.m.staff = []modelStaff{{own: 2}, {own: none}, {own: 1, supervisor: true}}
	w.seen = env.LastEvent(w.outer)
	for who := range w.m.staff {
		w.toWork(t, who)
	}
}

// rows are the requests as they lie in the database, in the model's order; where that is not what the model says, as they
// stand by the rules.
func (w *world) rows(t *rapid.T) []models.DeviceAuthorization {
	var rows []models.DeviceAuthorization
	w.query(t, &rows, "SELECT * FROM device_authorizations")
	byID := map[string]models.DeviceAuthorization{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	if len(rows) != len(w.requests) {
		t.Fatalf("%d requests in the database, %d in the model", len(rows), len(w.requests))
	}
	ordered := make([]models.DeviceAuthorization, len(rows))
	for i, codes := range w.requests {
		ordered[i] = byID[codes.DeviceAuthorizationID]
		if w.m.waits(w.m.requests[i]) || ordered[i].State == w.m.requests[i].state {
			continue
		}
		view, err := w.store.Request(w.outer.Context(), codes.DeviceAuthorizationID) // a rule may have ended it
		if err != nil {
			t.Fatal(err)
		}
		ordered[i] = view.DeviceAuthorization
	}
	return ordered
}

func (w *world) query(t *rapid.T, into any, statement string, args ...any) {
	if err := w.database.Reader().Raw(statement, args...).Scan(into).Error; err != nil {
		t.Fatal(err)
	}
}

// newEvents are the events since the last time, in the model's words.
func (w *world) newEvents(t *rapid.T) []happened {
	var entries []audit.Entry
	if err := w.database.Reader().Where("seq > ?", w.seen).Order("seq").Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	var all []happened
	for _, entry := range entries {
		event, err := entry.Decode()
		if err != nil {
			t.Fatal(err)
		}
		w.seen = entry.Seq
		if event.Type != audit.EventsCounted { // the model does not know when a sweep crashed; that all is told, endsSound knows
			all = append(all, w.inModelWords(t, event))
		}
	}
	return all
}

func (w *world) inModelWords(t *rapid.T, event audit.Event) happened {
	facts := event.Facts
	h := about(event.Type)
	h.account, h.session = position(t, w.accounts, event.Subject), position(t, w.sessionIDs(), facts.Session)
	h.request = position(t, w.requestIDs(), facts.DeviceAuthorization)
	h.reason, h.presence = facts.Reason, facts.Presence
	if facts.Binding != "" {
		binding, err := w.store.Binding(w.outer.Context(), facts.Binding)
		of := position(t, w.requestIDs(), binding.DeviceAuthorizationID)
		if err != nil || h.request != none && h.request != of || binding.AccountID != event.Subject {
			t.Fatalf("%s is about a binding of request %d and account %s: %v", event.Type, of, binding.AccountID, err)
		}
		h.request = of
	}
	for _, limit := range []*int64{facts.PendingUntil, facts.RedeemUntil} {
		if limit != nil {
			h.limit = *limit
		}
	}
	if facts.TriesLeft != nil {
		h.left = *facts.TriesLeft
	}
	return h
}

func (w *world) sessionIDs() (ids []string) {
	for _, session := range w.sessions {
		ids = append(ids, session.id)
	}
	return ids
}

func (w *world) requestIDs() (ids []string) {
	for _, codes := range w.requests {
		ids = append(ids, codes.DeviceAuthorizationID)
	}
	return ids
}

// position is the model's number of an identifier, none for no identifier.
func position(t *rapid.T, ids []string, id string) int {
	for i := range ids {
		if ids[i] == id {
			return i
		}
	}
	if id != "" {
		t.Fatalf("an event names %q, which nobody knows", id)
	}
	return none
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// longKept outlasts every run of the model.
const longKept = 100 * 365 * 24 * time.Hour

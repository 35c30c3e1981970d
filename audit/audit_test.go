package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"countersign/audit/term"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

const testIssuer = "https://countersign.example"

var testTime = time.Date(2026, 5, 3, 14, 2, 11, 123_456_789, time.UTC)

const testTable = `CREATE TABLE audit_events (
	seq BIGINT NOT NULL PRIMARY KEY,
	jti TEXT NOT NULL UNIQUE,
	type TEXT NOT NULL,
	occurred_at BIGINT NOT NULL,
	txn TEXT NOT NULL DEFAULT '',
	account_id TEXT NOT NULL DEFAULT '',
	client_id TEXT NOT NULL DEFAULT '',
	staff_id TEXT NOT NULL DEFAULT '',
	counter_id TEXT NOT NULL DEFAULT '',
	device_authorization_id TEXT NOT NULL DEFAULT '',
	kid TEXT NOT NULL,
	set_text TEXT NOT NULL,
	packed BLOB NOT NULL
)`

const testDetails = `CREATE TABLE IF NOT EXISTS event_details (
	seq BIGINT NOT NULL, field TEXT NOT NULL, account_id TEXT NOT NULL, occurred_at BIGINT NOT NULL, personal INTEGER NOT NULL,
	salt TEXT NOT NULL, text_before TEXT NOT NULL, text_after TEXT NOT NULL, PRIMARY KEY (seq, field))`

// looseTable is what somebody with the database file can turn the table into.
const looseTable = `CREATE TABLE audit_events (seq, jti, type, occurred_at, txn, account_id,
	client_id, staff_id, counter_id, device_authorization_id, kid, set_text, packed)`

// fixture is a log in a database of its own.
type fixture struct {
	*testing.T
	db  *gorm.DB
	log Log
}

// newFixture is a log on SQLite.
func newFixture(t *testing.T, table string) *fixture {
	t.Helper()
	dsn := "file:" + filepath.Join(t.TempDir(), "audit.db") + "?_journal_mode=WAL&_txlock=immediate&_busy_timeout=5000"
	return newFixtureOn(t, sqlite.Open(dsn), table)
}

func newFixtureOn(t *testing.T, database gorm.Dialector, table string) *fixture {
	t.Helper()
	db, err := gorm.Open(database, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	f := &fixture{T: t, db: db, log: Log{Issuer: testIssuer, Rand: rand.Reader, Signer: newKey(t, "key-1")}}
	f.exec(table)
	f.exec(testDetails)
	f.exec("CREATE TABLE IF NOT EXISTS audit_search (seq BIGINT, occurred_at BIGINT, type TEXT, account_id TEXT, client_id TEXT, " +
		"staff_id TEXT, counter_id TEXT, reason TEXT, presence TEXT, result TEXT)")
	return f
}

func newKey(t *testing.T, kid string) jose.JSONWebKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: key, KeyID: kid, Algorithm: string(jose.ES256), Use: "sig"}
}

func (f *fixture) exec(sql string, values ...any) {
	f.Helper()
	if err := f.db.Exec(sql, values...).Error; err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) append(e Event) Entry {
	f.Helper()
	var entry Entry
	err := f.db.Transaction(func(tx *gorm.DB) (err error) {
		entry, err = f.log.Append(tx, testTime, e)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	return entry
}

func (f *fixture) keys() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{f.log.Signer.Public()}}
}

func (f *fixture) verify() Report {
	f.Helper()
	report, err := Verify(f.Context(), f.db, testIssuer, f.keys())
	if err != nil {
		f.Fatal(err)
	}
	return report
}

// approval is an event with most facts.
func approval() Event {
	return Event{
		Type:        DeviceBindingApproved,
		Subject:     "acc_41",
		Transaction: "visit_9",
		Facts: Facts{
			Actor:               &Actor{Staff: "staff_7"},
			Session:             "ses_3",
			Counter:             "town-hall",
			Client:              "client_5",
			KeyThumbprint:       testThumbprint,
			DeviceAuthorization: "da_8",
			Binding:             "bind_2",
			Proofing:            "proof_6",
			Presence:            "code only",
			RedeemUntil:         new(int64(1778421731)),
			Scope:               "profile wallet",
		},
	}
}

const testThumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"

// factsNamed fills in the named facts of d, with values that are all in order.
func factsNamed(d Definition, names []string) Facts {
	actor := map[string]*Actor{
		ActorStaff:  {Staff: "staff_7"},
		ActorClient: {Client: "client_5"},
		ActorSystem: {System: string(firstOf(d.Systems, term.SystemCommand))},
	}
	word := func(fact, otherwise string) string {
		return firstOf(d.Words[fact], term.Word{Value: otherwise}).Value
	}
	all := map[string]func(*Facts){
		factActor:               func(f *Facts) { f.Actor = actor[d.Actors[0]] },
		factSession:             func(f *Facts) { f.Session = "ses_3" },
		factCounter:             func(f *Facts) { f.Counter = "town-hall" },
		factDevice:              func(f *Facts) { f.Client, f.KeyThumbprint = "client_5", testThumbprint },
		factDeviceAuthorization: func(f *Facts) { f.DeviceAuthorization = "da_8" },
		factBinding:             func(f *Facts) { f.Binding = "bind_2" },
		factProofing:            func(f *Facts) { f.Proofing = "proof_6" },
		factStaff:               func(f *Facts) { f.Staff = "staff_8" },
		factCounters:            func(f *Facts) { f.Counters = []string{"counter_1", "counter_2"} },
		factSecondStaff:         func(f *Facts) { f.SecondStaff = "staff_9" },
		factEvent:               func(f *Facts) { f.Event = "event_1" },
		factPublisher:           func(f *Facts) { f.Publisher = "publisher_1" },
		factSoftware:            func(f *Facts) { f.Software = "example.pocketbank" },
		factRegistrationToken:   func(f *Facts) { f.RegistrationToken = "token_8" },
		factResourceServer:      func(f *Facts) { f.ResourceServer = "rs_4" },
		factResource:            func(f *Facts) { f.Resource = "https://letters.example urn:example:payments" },
		factReason:              func(f *Facts) { f.Reason = word(factReason, "own account") },
		factPresence:            func(f *Facts) { f.Presence = word(factPresence, "code only") },
		factEntered:             func(f *Facts) { f.Entered = "scan" },
		factDocumentRead:        func(f *Facts) { f.DocumentRead = "mrz" },
		factPendingUntil:        func(f *Facts) { f.PendingUntil = new(int64(1778421731)) },
		factRedeemUntil:         func(f *Facts) { f.RedeemUntil = new(int64(1778421731)) },
		factRequestedAt:         func(f *Facts) { f.RequestedAt = new(int64(1777816931)) },
		factRequestedFrom:       func(f *Facts) { f.RequestedFrom = "203.0.113.9" },
		factRegisteredAt:        func(f *Facts) { f.RegisteredAt = new(int64(1777816930)) },
		factScope:               func(f *Facts) { f.Scope = "profile wallet" },
		factRoles:               func(f *Facts) { f.Roles = []string{"operator", "supervisor"} },
		factCount:               func(f *Facts) { f.Count = new(0) },
		factUsual:               func(f *Facts) { f.Usual = new(0) },
		factTriesLeft:           func(f *Facts) { f.TriesLeft = new(0) },
		factBefore:              func(f *Facts) { f.Before = new(int64(1778421731)) },
		factQueryKind:           func(f *Facts) { f.QueryKind = "prefix" },
		factAddress:             func(f *Facts) { f.Address = "2001:db8::7" },
		factKey:                 func(f *Facts) { f.Key = "key-1" },
		factFilter:              func(f *Facts) { f.Filter = []string{"type=code-matched", "from=2026-05-04T07:00:00Z"} },
		factNoteHash:            func(f *Facts) { f.NoteHash = testThumbprint },
		factDetails: func(f *Facts) {
			f.Details = map[string]string{}
			for _, field := range append(d.Details, "nothing")[:max(1, len(d.Details))] {
				f.Details[field] = testThumbprint
			}
		},
	}
	var facts Facts
	for _, name := range names {
		all[name](&facts)
	}
	return facts
}

// allFacts is every fact's name.
func allFacts() []string {
	return []string{factActor, factSession, factCounter, factDevice, factDeviceAuthorization,
		factBinding, factProofing, factSecondStaff, factEvent, factPublisher, factSoftware,
		factRegistrationToken, factResourceServer, factResource, factReason, factPresence,
		factEntered, factDocumentRead, factPendingUntil, factRedeemUntil, factScope, factRoles,
		factCount, factUsual, factTriesLeft, factBefore, factQueryKind, factAddress, factKey, factStaff, factCounters,
		factRequestedAt, factRequestedFrom, factRegisteredAt, factFilter, factNoteHash, factDetails}
}

func firstOf[T any](list []T, otherwise T) T {
	if len(list) == 0 {
		return otherwise
	}
	return list[0]
}

// example is an event of d with the named facts, about an account when d needs one.
func example(d Definition, names []string) Event {
	e := Event{Type: d.Type, Facts: factsNamed(d, names)}
	if d.NeedsSubject {
		e.Subject = "acc_41"
	}
	return e
}

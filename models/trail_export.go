package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"github.com/go-jose/go-jose/v4"
)

// ErrExportRunning says that this process exports the trail already.
var ErrExportRunning = errors.New("another export of the trail is under way")

// UnknownFilterError says that nothing has the identifier, or no event the word, that an export is to be narrowed by.
type UnknownFilterError struct{ Name string } // of the term: audit.Filter.Terms

func (e *UnknownFilterError) Error() string { return "nothing is known by this " + e.Name }

// endOfExport is how long writing the end of an export may take, after whoever asked for it has gone.
const endOfExport = 10 * time.Second

// TrailExport is an export of the trail that has begun: an event says so already. Its entries are those with lower numbers than
// that event, so that what is appended meanwhile changes nothing. They are read a stretch at a time, each by a transaction of
// its own: none lasts, so that SQLite's write-ahead log and PostgreSQL's dead rows do not grow. End must be called. It is not
// safe for concurrent use.
type TrailExport struct {
	Filter audit.Filter
	Format term.ExportFormat
	Began  audit.Entry // the event that says it

	// Head is the newest checkpoint of before the event, zero before there is any: whoever has all entries makes its tree's root of
	// them, and Proof proves each entry of a part by it.
	Head LogHead

	LogKeys []string           // verifier keys of the log (signed-note)
	Keys    jose.JSONWebKeySet // public keys that sign entries, old ones included

	store   *Store
	facts   audit.Facts // who exports
	tiles   tileCache
	reached int64
	given   int
}

// BeginExport begins one for a supervisor, or for the command when sessionID is "". A process exports once at a time, so that an
// export leaves a visit its time. Before, Limit and Examine of the filter play no part. Errors: ErrExportRunning, *UnknownFilterError,
// ErrSessionEnded, ErrNotAllowed.
func (s *Store) BeginExport(ctx context.Context, sessionID string, filter audit.Filter, format term.ExportFormat) (*TrailExport, error) {
	if !s.exporting.TryLock() {
		return nil, ErrExportRunning
	}
	e := &TrailExport{Filter: filter, Format: format, store: s}
	if err := e.begin(ctx, sessionID); err != nil {
		s.exporting.Unlock()
		return nil, err
	}
	return e, nil
}

func (e *TrailExport) begin(ctx context.Context, sessionID string) error {
	head, err := e.store.LogHead(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	e.Head = head
	if e.LogKeys, err = e.store.LogKeys(ctx); err != nil {
		return err
	}
	if e.Keys, err = e.store.AuditKeys(ctx); err != nil {
		return err
	}
	return e.store.write(ctx, func(tx *tx) error { return tx.beginExport(e, sessionID) })
}

func (t *tx) beginExport(e *TrailExport, sessionID string) error {
	e.facts = audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}
	if sessionID != "" {
		who, err := t.acting(sessionID, Supervisor)
		if err != nil {
			return err
		}
		e.facts = who.facts()
	}
	if err := t.knowsFilter(e.Filter); err != nil {
		return err
	}
	facts := e.facts
	facts.Reason, facts.Filter = string(e.Format), e.Filter.Terms()
	began, err := t.record(audit.Event{Type: audit.TrailExported, Subject: e.Filter.AccountID, Facts: facts})
	e.Began = began
	return err
}

// knowsFilter refuses identifiers that nothing has: the event would hold what somebody typed. Error: *UnknownFilterError.
func (t *tx) knowsFilter(f audit.Filter) error {
	for _, named := range []struct{ name, value, table string }{
		{"account", f.AccountID, "accounts"}, {"client", f.ClientID, "clients"}, {"software", f.SoftwareID, "software"},
		{"staff", f.StaffID, "staff"}, {"counter", f.CounterID, "counters"},
		{"device_authorization", f.DeviceAuthorizationID, "device_authorizations"}, {"transaction", f.Transaction, "device_authorizations"},
	} {
		if named.value == "" {
			continue
		}
		var known int64
		if err := t.Table(named.table).Where("id = ?", named.value).Count(&known).Error; err != nil {
			return err
		}
		if known == 0 {
			return &UnknownFilterError{Name: named.name}
		}
	}
	if name := f.Unknown(); name != "" {
		return &UnknownFilterError{Name: name}
	}
	return nil
}

// Issuer is whose trail it is.
func (e *TrailExport) Issuer() string { return e.store.issuer }

// Last is the highest number that an entry of the export can have.
func (e *TrailExport) Last() int64 { return e.Began.Seq - 1 }

// Reached is the number up to which entries were looked at.
func (e *TrailExport) Reached() int64 { return e.reached }

// Done reports whether all entries were given.
func (e *TrailExport) Done() bool { return e.reached >= e.Last() }

// mayGoOn refuses a session that has ended meanwhile. One that nobody uses goes on: they wait for the file. Error:
// ErrSessionEnded.
func (e *TrailExport) mayGoOn(ctx context.Context) error {
	if e.facts.Session == "" {
		return nil
	}
	var live int64
	err := e.store.reading(ctx).Model(&StaffSession{}).
		Where("id = ? AND ended_at IS NULL AND expires_at > ?", e.facts.Session, At(e.store.now())).Count(&live).Error
	if err == nil && live == 0 {
		err = ErrSessionEnded
	}
	return err
}

// Step gives the next entries, oldest first, with the names of staff, counters and apps as they are now, and never those of
// accounts. There may be none in a step. An entry that cannot be read comes without its Event: it is evidence too.
// Error: ErrSessionEnded.
func (e *TrailExport) Step(ctx context.Context) ([]TrailRow, error) {
	if err := e.mayGoOn(ctx); err != nil {
		return nil, err
	}
	entries, reached, err := audit.Walk(e.store.reading(ctx), e.Filter, e.reached, e.Last())
	if err != nil {
		return nil, err
	}
	rows := make([]TrailRow, len(entries))
	staff, clients, counters := map[string]string{}, map[string]string{}, map[string]string{}
	for i, entry := range entries {
		event, _ := entry.Decode()
		rows[i] = TrailRow{Entry: entry, Event: event}
		staff[entry.StaffID], clients[entry.ClientID], counters[entry.CounterID] = "", "", ""
	}
	err = errors.Join(e.store.fillNames(ctx, staffNames, staff), e.store.fillNames(ctx, clientNames, clients),
		e.store.fillNames(ctx, counterNames, counters), e.store.addAbout(ctx, rows), e.store.addDetails(ctx, rows))
	for i := range rows {
		r := &rows[i]
		r.StaffName, r.ClientName, r.CounterName = staff[r.StaffID], clients[r.ClientID], counters[r.CounterID]
	}
	if err != nil {
		return nil, err
	}
	e.reached, e.given = reached, e.given+len(rows)
	return rows, nil
}

// Run has write write the export and return how many entries it wrote. Whatever happens to it, the export is ended then, so that
// another one can begin.
func (e *TrailExport) Run(ctx context.Context, write func() (int, error)) (written int, err error) {
	defer func() { err = errors.Join(err, e.end(ctx, written)) }()
	return write()
}

// end writes how the export ended, whole when all entries were given and so many written, and lets another one begin. It does
// so too when ctx is over.
func (e *TrailExport) end(ctx context.Context, written int) error {
	defer e.store.exporting.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endOfExport)
	defer cancel()
	facts := e.facts
	facts.Event, facts.Count, facts.Reason = e.Began.ID, &written, string(term.ExportBroken)
	if e.Done() && written == e.given {
		facts.Reason = string(term.ExportWhole)
	}
	return e.store.write(ctx, func(tx *tx) error {
		_, err := tx.record(audit.Event{Type: audit.TrailExportEnded, Subject: e.Filter.AccountID, Facts: facts})
		return err
	})
}

package models

import (
	"context"
	"slices"

	"countersign/audit"
	"countersign/audit/term"
)

// TrailRow is one event with the names that a supervisor reads instead of
// identifiers. Names come from the tables as they are now; the event holds none.
type TrailRow struct {
	audit.Entry
	Event       audit.Event
	StaffName   string
	AccountName string
	ClientName  string
	CounterName string
	About       TrailAbout
	Unreadable  bool              // somebody has changed the token: the event has its type alone, from the column
	LookedAt    *LookedAt         // of an alert that a supervisor has closed
	Notes       []Note            // on an alert, oldest first
	Details     []audit.DetailRow // what lies beside the log and is still there; addresses are among the event's facts too
	Gone        []string          // the fields of details that are not there any more
	Altered     []string          // those whose text is not what the event states: it is told nowhere
}

// Trail reads the audit trail, newest first.
func (s *Store) Trail(ctx context.Context, filter audit.Filter) ([]TrailRow, error) {
	entries, err := s.about(ctx, filter)
	if err != nil {
		return nil, err
	}
	return s.named(ctx, entries)
}

// about is audit.List. Where an account is asked for, the newest events are made searchable first, so that few are looked at one by
// one; they are found anyway.
func (s *Store) about(ctx context.Context, filter audit.Filter) ([]audit.Entry, error) {
	if filter.AccountID != "" {
		if _, err := s.catchUp(ctx, searched()); err != nil {
			return nil, err
		}
	}
	return audit.List(s.reading(ctx), filter)
}

// The names that go with identifiers.
const (
	staffNames    = "SELECT id, name FROM staff WHERE id IN ?"
	accountNames  = "SELECT id, full_name AS name FROM accounts WHERE id IN ?"
	clientNames   = "SELECT id, client_name AS name FROM clients WHERE id IN ?"
	softwareNames = "SELECT id, name FROM software WHERE id IN ?"
	counterNames  = "SELECT id, name FROM counters WHERE id IN ?"
)

// named gives entries their names.
func (s *Store) named(ctx context.Context, entries []audit.Entry) ([]TrailRow, error) {
	rows := make([]TrailRow, len(entries))
	names := map[string]map[string]string{"staff": {}, "account": {}, "client": {}, "counter": {}}
	for i, entry := range entries {
		event, err := entry.Decode()
		if err != nil { // the page of the entry says what is wrong; the others are to be read all the same
			event = audit.Event{Type: audit.Type(entry.Type)}
		}
		rows[i] = TrailRow{Entry: entry, Event: event, Unreadable: err != nil}
		names["staff"][entry.StaffID], names["account"][entry.AccountID] = "", ""
		names["client"][entry.ClientID], names["counter"][entry.CounterID] = "", ""
	}
	for kind, query := range nameQueries() {
		if err := s.fillNames(ctx, query, names[kind]); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		r := &rows[i]
		r.StaffName, r.AccountName = names["staff"][r.StaffID], names["account"][r.AccountID]
		r.ClientName, r.CounterName = names["client"][r.ClientID], names["counter"][r.CounterID]
	}
	if err := s.addAbout(ctx, rows); err != nil {
		return nil, err
	}
	if err := s.addDetails(ctx, rows); err != nil {
		return nil, err
	}
	return rows, s.addLookedAt(ctx, rows)
}

// nameQueries find the names of what a row of the trail names.
func nameQueries() map[string]string {
	return map[string]string{
		"staff":   staffNames,
		"account": accountNames,
		"client":  clientNames,
		"counter": counterNames,
	}
}

func (s *Store) fillNames(ctx context.Context, query string, names map[string]string) error {
	var ids []string
	for id := range names {
		if id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct{ ID, Name string }
	if err := s.reading(ctx).Raw(query, ids).Scan(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return nil
}

// DecisionEntry finds the event of an operator's decision on a request, for the receipt.
// Error: ErrNotFound.
func (s *Store) DecisionEntry(ctx context.Context, deviceAuthorizationID string) (audit.Entry, error) {
	entry, err := rowOf[audit.Entry](s.reader(ctx), `WHERE device_authorization_id = $1 AND device_authorization_id <> ''
		AND type IN ($2, $3) ORDER BY seq LIMIT 1`, deviceAuthorizationID, audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined)
	return entry, notFound(err)
}

// LookedAt is who closed an alert, when, and as what.
type LookedAt struct {
	EventID string
	Name    string
	At      Instant
	Note    string // of an alert that was looked at before there were notes
	Closing term.Closing
}

// Note is what a supervisor wrote on an alert.
type Note struct {
	EventID string
	Name    string
	At      Instant
	Note    string
}

// addLookedAt says of the alerts among the rows who has closed them, and what was noted.
func (s *Store) addLookedAt(ctx context.Context, rows []TrailRow) error {
	var ids []string
	for _, row := range rows {
		if slices.Contains(audit.AlertTypes(), row.Event.Type) {
			ids = append(ids, row.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var all []LookedAt
	err := s.reading(ctx).Raw(`SELECT a.event_id, staff.name, a.created_at AS at, a.note, a.closing
		FROM alert_acknowledgements AS a JOIN staff ON staff.id = a.staff_id WHERE a.event_id IN ?`, ids).Scan(&all).Error
	for i := range rows {
		at := slices.IndexFunc(all, func(l LookedAt) bool { return l.EventID == rows[i].ID })
		if at >= 0 {
			rows[i].LookedAt = &all[at]
		}
	}
	if err != nil {
		return err
	}
	return s.addNotes(ctx, rows, ids)
}

// addNotes gives the alerts with these identifiers their notes: notesKept each at most.
func (s *Store) addNotes(ctx context.Context, rows []TrailRow, ids []string) error {
	var notes []Note
	err := s.reading(ctx).Raw(`SELECT n.event_id, staff.name, n.created_at AS at, n.note
		FROM alert_notes AS n JOIN staff ON staff.id = n.staff_id WHERE n.event_id IN ? ORDER BY n.event_id, n.created_at`, ids).
		Scan(&notes).Error
	for _, note := range notes {
		at := slices.IndexFunc(rows, func(r TrailRow) bool { return r.ID == note.EventID })
		rows[at].Notes = append(rows[at].Notes, note)
	}
	return err
}

// decisions are the events that have a receipt.
func decisions() []audit.Type {
	return []audit.Type{audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined}
}

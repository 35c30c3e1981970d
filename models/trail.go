package models

import (
	"context"

	"countersign/audit"
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
	LookedAt    *LookedAt // of an alert that a supervisor has acknowledged
}

// Trail reads the audit trail, newest first.
func (s *Store) Trail(ctx context.Context, filter audit.Filter) ([]TrailRow, error) {
	entries, err := audit.List(s.reading(ctx), filter)
	if err != nil {
		return nil, err
	}
	return s.named(ctx, entries)
}

// named gives entries their names.
func (s *Store) named(ctx context.Context, entries []audit.Entry) ([]TrailRow, error) {
	rows := make([]TrailRow, len(entries))
	names := map[string]map[string]string{"staff": {}, "account": {}, "client": {}, "counter": {}}
	for i, entry := range entries {
		event, err := entry.Decode()
		if err != nil {
			return nil, err
		}
		rows[i] = TrailRow{Entry: entry, Event: event}
		names["staff"][entry.StaffID], names["account"][entry.AccountID] = "", ""
		names["client"][entry.ClientID], names["counter"][entry.CounterID] = "", ""
	}
	for kind, query := range map[string]string{
		"staff":   "SELECT id, name FROM staff WHERE id IN ?",
		"account": "SELECT id, full_name AS name FROM accounts WHERE id IN ?",
		"client":  "SELECT id, client_name AS name FROM clients WHERE id IN ?",
		"counter": "SELECT id, name FROM counters WHERE id IN ?",
	} {
		if err := s.fillNames(ctx, query, names[kind]); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		r := &rows[i]
		r.StaffName, r.AccountName = names["staff"][r.StaffID], names["account"][r.AccountID]
		r.ClientName, r.CounterName = names["client"][r.ClientID], names["counter"][r.CounterID]
	}
	return rows, s.addLookedAt(ctx, rows)
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
	var entry audit.Entry
	err := s.reading(ctx).Where("device_authorization_id = ? AND type IN ?", deviceAuthorizationID, decisions()).First(&entry).Error
	return entry, lost(err)
}

// decisions are the events that have a receipt.
func decisions() []audit.Type {
	return []audit.Type{audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined}
}

// LockedAccounts lists the accounts whose matching is locked, for the supervisors.
func (s *Store) LockedAccounts(ctx context.Context) ([]FoundAccount, error) {
	var rows []AccountIdentifier
	err := s.reading(ctx).Raw(`SELECT i.* FROM accounts a JOIN account_identifiers i ON i.account_id = a.id AND i.position = 0
		WHERE a.match_locked_at > 0 ORDER BY a.match_locked_at DESC LIMIT 50`).Scan(&rows).Error
	var list []FoundAccount
	for _, row := range rows {
		found, err := s.reader(ctx).foundAccount(row)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, err
}

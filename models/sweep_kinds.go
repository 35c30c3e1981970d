package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// sweeper is one kind of row that is removed when it has been over for a while.
type sweeper struct {
	kind  term.Swept
	keeps time.Duration

	// table and over say which rows are over: a condition with one argument, the moment. since is the column of table that it
	// is compared with, which has an index.
	table, since, over string
	key                string // its column that remove goes by

	// remove removes, or empties, the rows of these ids and what hangs on them.
	remove func(t *tx, ids []string) error
}

// sweepers lists the kinds. A row is removed only when nothing refers to it any more, so requests go before clients.
func (s *Store) sweepers() []sweeper {
	keep := s.policy.Keep
	return []sweeper{
		{term.SweptScans, keep.Records, "document_scans", "created_at", "created_at < ?", "id", byID("document_scans")},
		{term.SweptDifferences, keep.Records, "document_differences", "created_at", "created_at < ?", "id", byID("document_differences")},
		{term.SweptFailures, keep.Records, "match_failures", "failed_at", failuresOver, "id", byID("match_failures")},
		{term.SweptRequests, keep.Requests, "device_authorizations", "pending_until", requestsOver, "id", (*tx).removeRequests},
		{term.SweptClients, keep.Clients, "clients", "created_at", clientsUnused, "id", (*tx).removeClients},
		{term.SweptSessions, keep.Records, "staff_sessions", "expires_at", "expires_at < ? AND address <> ''", "id", (*tx).emptySessions},
		{term.SweptDetails, keep.Records, "event_details", "occurred_at", detailsOver, "seq", (*tx).removeDetails},
	}
}

// failuresOver are wrong codes that count for nothing. Of an account that is locked they all stay: they say who may not
// unlock it.
const failuresOver = `failed_at < ? AND NOT EXISTS
	(SELECT 1 FROM accounts AS a WHERE a.id = match_failures.account_id AND a.match_locked_at > 0)`

// requestsOver are requests that ended without an approval. Their windows are over, so that their codes may come again.
const requestsOver = `pending_until < ? AND redeem_until = 0 AND state NOT IN ('approved', 'redeemed')
	AND NOT EXISTS (SELECT 1 FROM bindings AS b WHERE b.device_authorization_id = device_authorizations.id)`

// clientsUnused are clients that have nothing: they never asked, or what they asked was swept. A client that used an
// initial access token or is disabled stays: its phone could not register again by itself, or must not. One that deleted
// itself goes.
const clientsUnused = `created_at < ? AND (status = 'active' OR deleted_at > 0)
	AND NOT EXISTS (SELECT 1 FROM device_authorizations AS d WHERE d.client_id = clients.id)
	AND NOT EXISTS (SELECT 1 FROM bindings AS b WHERE b.client_id = clients.id)
	AND NOT EXISTS (SELECT 1 FROM refresh_tokens AS r WHERE r.client_id = clients.id)
	AND NOT EXISTS (SELECT 1 FROM registration_tokens AS g WHERE g.client_id = clients.id)`

// sweepKind removes all rows of a kind that are over, a few in a transaction.
func (s *Store) sweepKind(ctx context.Context, kind sweeper) error {
	before := At(s.now()).Add(-kind.keeps - sweepMargin)
	ids, since, err := s.sweepable(ctx, kind, before, 0)
	if err != nil || len(ids) == 0 {
		return err
	}
	if err := s.recordSweep(ctx, kind, before); err != nil {
		return err
	}
	for len(ids) > 0 {
		err := s.write(ctx, func(tx *tx) error {
			still, err := tx.stillOver(kind, before, ids)
			if err != nil || len(still) == 0 {
				return err
			}
			return kind.remove(tx, still)
		})
		if err != nil {
			return err
		}
		if ids, since, err = s.sweepable(ctx, kind, before, since); err != nil {
			return err
		}
	}
	return nil
}

// sweepable reads the next rows to remove, and from where to look for those after them: what stays is walked over once in a
// sweep, and not once for each few rows. It holds nothing.
func (s *Store) sweepable(ctx context.Context, kind sweeper, before, since Instant) (ids []string, next Instant, err error) {
	var rows []struct {
		ID    string
		Since Instant
	}
	err = s.reading(ctx).Table(kind.table).Select(kind.key+" AS id", kind.since+" AS since").
		Where(kind.over, before).Where(kind.since+" >= ?", since).Order(kind.since).Limit(sweptTogether).Scan(&rows).Error
	for _, row := range rows {
		ids, next = append(ids, row.ID), row.Since
	}
	return ids, next, err
}

// stillOver locks the rows, so that nothing more refers to them, and then reads again which are over: a client may
// have asked meanwhile.
func (t *tx) stillOver(kind sweeper, before Instant, ids []string) (still []string, err error) {
	var locked []string
	if err := t.locking("UPDATE").Table(kind.table).Where(kind.key+" IN ?", ids).Order(kind.key).Pluck(kind.key, &locked).Error; err != nil {
		return nil, err
	}
	err = t.Table(kind.table).Where(kind.key+" IN ?", locked).Where(kind.over, before).Pluck(kind.key, &still).Error
	return still, err
}

// recordSweep writes how many rows go, and which, before the first of them does.
func (s *Store) recordSweep(ctx context.Context, kind sweeper, before Instant) error {
	var count int64
	if err := s.reading(ctx).Table(kind.table).Where(kind.over, before).Count(&count).Error; err != nil {
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		rows := int(count)
		_, err := tx.record(audit.Event{Type: audit.RowsSwept, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemSweep)}, Reason: string(kind.kind), Count: &rows, Before: before.secondsPointer(),
		}})
		return err
	})
}

// byID removes rows of a table that nothing hangs on.
func byID(table string) func(t *tx, ids []string) error {
	return func(t *tx, ids []string) error { return t.Exec("DELETE FROM "+table+" WHERE id IN ?", ids).Error }
}

// detailsOver are texts of events that may be personal. What was changed of a counter stays.
const detailsOver = "occurred_at < ? AND personal = 1"

// removeDetails removes such texts of the events with these numbers. Its condition is worded so that it is not the old ones'
// index that is walked for a few rows.
func (t *tx) removeDetails(seqs []string) error {
	return t.Exec("DELETE FROM event_details WHERE seq IN ? AND personal <> 0", seqs).Error
}

// removeRequests removes requests with what was recorded of their visits.
func (t *tx) removeRequests(ids []string) error {
	looks := "DELETE FROM second_looks WHERE second_approval_id IN (SELECT id FROM second_approvals WHERE device_authorization_id IN ?)"
	if err := t.Exec(looks, ids).Error; err != nil {
		return err
	}
	for _, table := range []string{"second_approvals", "document_scans", "document_differences", "notices", "repudiations", "proofings"} {
		if err := t.Exec("DELETE FROM "+table+" WHERE device_authorization_id IN ?", ids).Error; err != nil {
			return err
		}
	}
	return byID("device_authorizations")(t, ids)
}

// removeClients removes clients with the rules that ended what they asked for.
func (t *tx) removeClients(ids []string) error {
	if err := t.Exec("DELETE FROM ending_rules WHERE account_id = '' AND client_id IN ?", ids).Error; err != nil {
		return err
	}
	return byID("clients")(t, ids)
}

// emptySessions takes from ended sessions what says where somebody was and how they signed in. The rows stay: proofings
// and decisions refer to them.
func (t *tx) emptySessions(ids []string) error {
	return t.Model(&StaffSession{}).Where("id IN ?", ids).Updates(map[string]any{"address": "", "provider_sid": "", "acr": ""}).Error
}

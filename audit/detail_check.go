package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/audit/term"

	"gorm.io/gorm"
)

// DetailReport is what VerifyDetails found.
type DetailReport struct {
	Wrong int64    // rows that do not fit their event, have none, or are missing and no event says why
	First *Problem // the first of them
	Gone  int64    // details that are not there any more, as events say
}

// Problem says for people what is wrong, "" for nothing.
func (r DetailReport) Problem() string {
	if r.Wrong == 0 {
		return ""
	}
	return fmt.Sprintf("details beside the log differ from it in %d rows, first of entry %d: %s", r.Wrong, r.First.Seq, r.First.Reason)
}

// VerifyDetails holds every row beside the log against its event, both ways, in batches: what a row says has the hash that the
// event states, and a row that is not there any more was old enough for a sweep that an event tells, or is of an account that
// an event says was erased. The events themselves are Verify's work. The error is one of the database.
func VerifyDetails(ctx context.Context, db *gorm.DB) (DetailReport, error) {
	v := detailVerifier{db: db.WithContext(ctx)}
	after := BeforeAll
	for {
		entries, err := entriesAfter(v.db, after)
		if err != nil {
			return v.report, fmt.Errorf("details of audit events: %w", err)
		}
		if len(entries) == 0 {
			return v.report, v.beyond(after)
		}
		last := entries[len(entries)-1].Seq
		var rows []DetailRow
		if err := v.db.Where("seq > ? AND seq <= ?", after, last).Order("seq, field").Find(&rows).Error; err != nil {
			return v.report, fmt.Errorf("details of audit events: %w", err)
		}
		if err := v.batch(entries, rows); err != nil {
			return v.report, err
		}
		after = last
	}
}

// detailVerifier holds the rows of one stretch after the other against their events.
type detailVerifier struct {
	db     *gorm.DB
	report DetailReport
	swept  int64 // milliseconds since 1970: what is personal and older may be gone

	sweptTo int64 // the newest event that swept knows
}

func (v *detailVerifier) wrong(seq int64, format string, args ...any) {
	if v.report.Wrong++; v.report.First == nil || seq < v.report.First.Seq {
		v.report.First = &Problem{Seq: seq, Reason: fmt.Sprintf(format, args...)}
	}
}

// stated is a detail that an event states and that has no row.
type stated struct {
	entry Entry
	field string
}

func (v *detailVerifier) batch(entries []Entry, rows []DetailRow) error {
	of := map[int64][]DetailRow{}
	for _, row := range rows {
		of[row.Seq] = append(of[row.Seq], row)
	}
	var gone []stated
	for _, entry := range entries {
		event, err := entry.Decode()
		if err != nil {
			continue // the entry is no sound one, which is said elsewhere
		}
		gone = append(gone, v.entry(entry, event, of[entry.Seq])...)
		delete(of, entry.Seq)
	}
	for seq := range of {
		v.wrong(seq, "no event with this number has any details")
	}
	return v.accountFor(gone)
}

// entry holds the rows of one event against it, and returns what has none.
func (v *detailVerifier) entry(entry Entry, event Event, rows []DetailRow) (gone []stated) {
	there := map[string]bool{}
	for _, row := range rows {
		hash, named := event.Facts.Details[row.Field]
		there[row.Field] = true
		switch {
		case !named:
			v.wrong(entry.Seq, "the event has no detail %q", row.Field)
		case hash != row.Hash():
			v.wrong(entry.Seq, "the detail %q is not what the event says", row.Field)
		case row.AccountID != event.Subject || row.OccurredAt != entry.OccurredAt || row.Personal != isPersonal(row.Field, event.Subject):
			v.wrong(entry.Seq, "the row of the detail %q names another account or time", row.Field)
		}
	}
	for field := range event.Facts.Details {
		if !there[field] {
			gone = append(gone, stated{entry, field})
		}
	}
	return gone
}

// beyond complains of rows after the last event that was read, unless their event came meanwhile.
func (v *detailVerifier) beyond(last int64) error {
	var found struct{ Rows, First int64 }
	err := v.db.Raw(`SELECT count(*) AS rows, coalesce(min(seq), 0) AS first FROM event_details AS row WHERE seq > ?
		AND NOT EXISTS (SELECT 1 FROM audit_events AS event WHERE event.seq = row.seq)`, last).Scan(&found).Error
	if found.Rows > 0 {
		v.wrong(found.First, "no event has this number")
		v.report.Wrong += found.Rows - 1
	}
	return err
}

// accountFor looks for the events that say why rows are gone. They are written before the rows go, so that what a sweep
// removes meanwhile is accounted for too.
func (v *detailVerifier) accountFor(gone []stated) error {
	gone = slices.DeleteFunc(gone, v.wasSwept)
	if len(gone) == 0 {
		return nil
	}
	if err := v.readSwept(); err != nil {
		return err
	}
	gone = slices.DeleteFunc(gone, v.wasSwept)
	erased, err := v.erased(gone)
	if err != nil {
		return err
	}
	for _, missing := range gone {
		if erased[missing.entry.Seq] {
			v.report.Gone++
			continue
		}
		v.wrong(missing.entry.Seq, "the detail %q is missing, and no event says that it was removed", missing.field)
	}
	return nil
}

// erased says of which entries an erased account explains that their details are gone: an earlier entry about it, or about a
// client of it that names no account.
func (v *detailVerifier) erased(gone []stated) (map[int64]bool, error) {
	seqs := make([]int64, 0, len(gone))
	for _, missing := range gone {
		seqs = append(seqs, missing.entry.Seq)
	}
	all := map[int64]bool{}
	if len(seqs) == 0 {
		return all, nil
	}
	var found []int64
	err := v.db.Raw(erasedSince, map[string]any{"seqs": seqs, "erased": string(AccountErased)}).Scan(&found).Error
	for _, seq := range found {
		all[seq] = true
	}
	return all, err
}

// erasedSince finds them among the entries @seqs.
const erasedSince = `SELECT e.seq FROM audit_events AS e WHERE e.seq IN @seqs AND (
	EXISTS (SELECT 1 FROM audit_search AS s JOIN audit_events AS x ON x.seq = s.seq AND x.account_id = s.account_id AND x.type = @erased
		WHERE s.account_id = e.account_id AND s.account_id <> '' AND s.seq > e.seq AND s.type = @erased)
	OR EXISTS (` + notFilled + ` AND newest.account_id = e.account_id AND newest.account_id <> '' AND newest.seq > e.seq
		AND newest.type = @erased)
	OR e.account_id = '' AND e.client_id <> '' AND EXISTS (SELECT 1 FROM audit_search AS a
		JOIN audit_search AS s ON s.account_id = a.account_id AND s.account_id <> '' AND s.seq > e.seq AND s.type = @erased
		JOIN audit_events AS x ON x.seq = s.seq AND x.account_id = s.account_id AND x.type = @erased
		WHERE a.client_id = e.client_id AND a.client_id <> '' AND a.account_id <> ''))`

// wasSwept reports whether a sweep may have removed it, and counts it.
func (v *detailVerifier) wasSwept(missing stated) bool {
	if isPersonal(missing.field, missing.entry.AccountID) == 0 || missing.entry.OccurredAt >= v.swept {
		return false
	}
	v.report.Gone++
	return true
}

// readSwept reads up to when sweeps have removed details, of events that it does not know yet.
func (v *detailVerifier) readSwept() error {
	filter, known := Filter{Types: []Type{RowsSwept}, Limit: maxLimit}, v.sweptTo
	for {
		entries, err := List(v.db, filter)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if entry.Seq <= known {
				return nil
			}
			filter.Before, v.sweptTo = entry.Seq, max(v.sweptTo, entry.Seq)
			event, err := entry.Decode()
			if err == nil && event.Facts.Reason == string(term.SweptDetails) && event.Facts.Before != nil {
				v.swept = max(v.swept, time.Unix(*event.Facts.Before+1, 0).UnixMilli()) // before is cut off to whole seconds
			}
		}
		if len(entries) < filter.Limit {
			return nil
		}
	}
}

package audit

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// mostExamined is how many entries one search looks at, when the filter does not say. A search for what is rare among what is
// common, as one word of an operator's thousand events a day, ends there and says so, instead of reading for seconds.
const mostExamined = 20_000

// mostLookedUp is the same for a search by app, which looks up a client for each of them.
const mostLookedUp = 5_000

// clockMargin is how far the clocks of two processes may be apart: so much later or earlier in the log may an event stand
// than its time says.
const clockMargin = 5 * time.Minute

// Found is what a search found.
type Found struct {
	Entries []Entry // newest first

	// Further is the number below which nothing was looked at, when the search ended before it had found Filter.Limit
	// entries and before its time or the log was over: the same search with Before set to Further goes on. 0: there is no more.
	Further int64
}

// Search finds entries by the search table, newest first, by every member of the filter but DeviceAuthorizationID and
// Transaction, for which List is. It looks at Filter.Examine entries at most. Entries that FillSearch has not come to are not
// found. A page of Filter.Limit entries may be followed by another.
func Search(db *gorm.DB, f Filter) (Found, error) {
	examined, err := f.examined(db)
	if err != nil {
		return Found{}, fmt.Errorf("search audit events: %w", err)
	}
	var numbers []int64
	err = f.conditions(db.Table("(?) AS examined", examined)).Order("seq DESC").Limit(f.limit()).Pluck("seq", &numbers).Error
	if err != nil {
		return Found{}, fmt.Errorf("search audit events: %w", err)
	}
	var found Found
	if len(numbers) < f.limit() {
		if found.Further, err = f.beyond(db, examined); err != nil {
			return Found{}, fmt.Errorf("search audit events: %w", err)
		}
	}
	if len(numbers) == 0 {
		return found, nil
	}
	if err := db.Where("seq IN ?", numbers).Order("seq DESC").Find(&found.Entries).Error; err != nil {
		return Found{}, fmt.Errorf("read audit events: %w", err)
	}
	return found, nil
}

// lastFilled is the number up to which FillSearch has come.
const lastFilled = `SELECT coalesce(max(audit_search.seq), 0) FROM audit_search`

// notFilled are the numbers of the newest entries, to which FillSearch has not come.
const notFilled = `SELECT newest.seq FROM audit_events AS newest WHERE newest.seq > (` + lastFilled + `)`

// OfAccounts are the entries about some accounts and of some types, none of them missing. The log has no index of accounts, for
// which each entry would write a page of its own (docs/decisions/0070-no-page-for-each.md): the search table has one, and entries
// that FillSearch has not come to are looked at one by one, those of the types alone: who verifies asks this for each five hundred
// accounts, and fills nothing in.
func OfAccounts(db *gorm.DB, accounts []string, types ...Type) *gorm.DB {
	return db.Model(&Entry{}).Where(`account_id IN @accounts AND account_id <> '' AND type IN @types
		AND seq IN (SELECT found.seq FROM audit_search AS found
			WHERE found.account_id IN @accounts AND found.account_id <> '' AND found.type IN @types
			UNION ALL `+notFilled+` AND newest.account_id IN @accounts AND newest.type IN @types)`,
		map[string]any{"accounts": accounts, "types": types})
}

// beyond is the number that a search goes on below, 0 when it has looked at all that there is.
func (f Filter) beyond(db, examined *gorm.DB) (int64, error) {
	var row struct{ Lowest, Count int64 }
	err := db.Table("(?) AS examined", examined).Select("coalesce(min(seq), 0) AS lowest, count(*) AS count").Scan(&row).Error
	if err != nil || row.Count < int64(f.mostExamined()) {
		return 0, err
	}
	return row.Lowest, nil
}

func (f Filter) mostExamined() int {
	switch {
	case f.Examine > 0:
		return f.Examine
	case f.SoftwareID != "":
		return mostLookedUp
	}
	return mostExamined
}

// equal is a column and the value that it must have.
type equal struct{ column, value string }

// equals are the conditions of the filter with one value each, those first that fewest entries have.
func (f Filter) equals() (all []equal) {
	for _, e := range []equal{
		{"account_id", f.AccountID}, {"client_id", f.ClientID}, {"reason", f.Reason}, {"staff_id", f.StaffID},
		{"counter_id", f.CounterID}, {"presence", f.Presence}, {"type", string(f.Type)}, {"result", string(f.Result)},
	} {
		if e.value != "" {
			all = append(all, e)
		}
	}
	return all
}

// examined are the newest rows that one index finds: by the first value of the filter, or without any by number, from the
// newest that its time lets in to the oldest.
func (f Filter) examined(db *gorm.DB) (*gorm.DB, error) {
	rows := db.Model(&SearchRow{}).Order("seq DESC").Limit(f.mostExamined())
	if all := f.equals(); len(all) > 0 { // the second half is the condition of the index: docs/decisions/0044
		rows = rows.Where(all[0].column+" = ? AND "+all[0].column+" <> ''", all[0].value)
	}
	if f.Before != 0 {
		rows = rows.Where("seq < ?", f.Before)
	}
	for _, bound := range []struct {
		at         time.Time
		find, keep string
	}{
		{f.From.Add(-clockMargin), "occurred_at >= ?", "seq >= ?"},
		{f.Until.Add(clockMargin), "occurred_at >= ?", "seq < ?"},
	} {
		if bound.at.Before(time.Unix(0, 0)) { // not asked for
			continue
		}
		var seq []int64
		err := db.Model(&SearchRow{}).Where(bound.find, bound.at.UnixMilli()).Order("occurred_at, seq").Limit(1).Pluck("seq", &seq).Error
		if err != nil {
			return nil, err
		}
		switch {
		case len(seq) > 0:
			rows = rows.Where(bound.keep, seq[0])
		case bound.keep == "seq >= ?": // nothing is so new
			rows = rows.Where("seq < 0")
		}
	}
	return rows, nil
}

// conditions narrow what was examined.
func (f Filter) conditions(db *gorm.DB) *gorm.DB {
	for _, e := range f.equals() {
		db = db.Where(e.column+" = ?", e.value)
	}
	if len(f.Types) > 0 {
		db = db.Where("type IN ?", f.Types)
	}
	if !f.From.IsZero() {
		db = db.Where("occurred_at >= ?", f.From.UnixMilli())
	}
	if !f.Until.IsZero() {
		db = db.Where("occurred_at < ?", f.Until.UnixMilli())
	}
	return f.ofSoftware(db, "examined")
}

// ofSoftware narrows the rows of a table with the column client_id to those of the app. Each row's client is looked up by its
// key: the query is one value, which no planner turns into a list of an app's million clients first.
func (f Filter) ofSoftware(db *gorm.DB, table string) *gorm.DB {
	if f.SoftwareID == "" {
		return db
	}
	return db.Where(table+".client_id <> '' AND (SELECT clients.software_id FROM clients WHERE clients.id = "+table+".client_id) = ?",
		f.SoftwareID)
}

package audit

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Bounds of Filter.Limit.
const (
	defaultLimit = 50
	maxLimit     = 500
)

// Filter says which entries List gives. Every set member narrows; the zero
// Filter is the newest page of everything.
type Filter struct {
	Before int64 // entries older than this number; 0 starts at the newest
	Limit  int   // 50 when 0 or less, at most 500

	Type                  Type
	Types                 []Type // any of them; none: all
	AccountID             string
	ClientID              string
	StaffID               string
	CounterID             string
	DeviceAuthorizationID string
	Transaction           string

	From  time.Time // not older than this
	Until time.Time // older than this

	// What List leaves aside, and only Search and Walk know.
	SoftwareID string // of the app that the entry's client is registered with now (RFC 7591 §2); a client without a row is of none
	Reason     string // a word of the type's in the catalogue
	Presence   string // a term.Presence
	Result     Result
	Examine    int // how many entries are looked at, at most; when 0, 20,000, or 5,000 with a SoftwareID
}

// List gives entries, newest first. The next page is the same filter with
// Before set to the last entry's Seq; a page shorter than the limit is the last.
func List(db *gorm.DB, f Filter) ([]Entry, error) {
	query := f.apply(db)
	if f.AccountID != "" && f.DeviceAuthorizationID == "" && f.Transaction == "" {
		query = query.Where("seq IN (?)", f.ofAccount(db))
	}
	var entries []Entry
	if err := query.Order("seq DESC").Limit(f.limit()).Find(&entries).Error; err != nil {
		return nil, fmt.Errorf("list audit events: %w", err)
	}
	return entries, nil
}

// ofAccount are the numbers of the entries that the filter, which has an account, lets in: as many of the newest as it wants, and
// all that FillSearch has not come to.
func (f Filter) ofAccount(db *gorm.DB) *gorm.DB {
	found := f.narrow(db.Model(&SearchRow{}).Select("seq")).Order("seq DESC").Limit(f.limit())
	newest := f.apply(db).Select("seq").Where("seq > (" + lastFilled + ")")
	return db.Raw("SELECT seq FROM (?) AS found UNION ALL SELECT seq FROM (?) AS newest", found, newest)
}

func (f Filter) limit() int {
	if f.Limit <= 0 {
		return defaultLimit
	}
	return min(f.Limit, maxLimit)
}

func (f Filter) apply(db *gorm.DB) *gorm.DB { return f.narrow(db.Model(&Entry{})) }

// narrow adds the conditions of the filter, of which either table has the columns.
func (f Filter) narrow(db *gorm.DB) *gorm.DB {
	for _, equal := range []struct{ column, value string }{
		{"type", string(f.Type)},
		{"account_id", f.AccountID},
		{"client_id", f.ClientID},
		{"staff_id", f.StaffID},
		{"counter_id", f.CounterID},
		{"device_authorization_id", f.DeviceAuthorizationID},
		{"txn", f.Transaction},
	} {
		if equal.value != "" { // the second half is the condition of the column's index, without which SQLite leaves it aside
			db = db.Where(equal.column+" = ? AND "+equal.column+" <> ''", equal.value)
		}
	}
	if len(f.Types) > 0 {
		db = db.Where("type IN ?", f.Types)
	}
	if f.Before != 0 {
		db = db.Where("seq < ?", f.Before)
	}
	if !f.From.IsZero() {
		db = db.Where("occurred_at >= ?", f.From.UnixMilli())
	}
	if !f.Until.IsZero() {
		db = db.Where("occurred_at < ?", f.Until.UnixMilli())
	}
	return db
}

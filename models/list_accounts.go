package models

import (
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// A search by the first characters lists identifiers and initials, up to searchLimit of them, and opens nothing. What such
// searches list to one person within an hour is counted in the database, so that they copy no list of customers
// (docs/decisions/0031-bound-to-what-was-shown.md).

// ListedAccounts is what a TooManyError counts when searches have listed too many accounts to somebody.
const ListedAccounts = "listed accounts"

// listedForOne is how many accounts searches may list for each record that may be opened, listedUnasked how many are usual for
// each that is opened as usual without a visit.
const (
	listedForOne  = 5
	listedUnasked = 10
)

// AccountListing is that a search has listed accounts to somebody.
type AccountListing struct {
	StaffID  string  `gorm:"primaryKey"`
	ListedAt Instant `gorm:"primaryKey;autoCreateTime:false"`
	Accounts int
}

// listAccounts cuts what a search found to what may still be listed to somebody, and counts it: listedForOne times
// Policy.OpenedRecordsLimit within an hour. Error: *TooManyError, when nothing may.
func (t *tx) listAccounts(who actor, found []AccountIdentifier) ([]AccountIdentifier, error) {
	if len(found) == 0 {
		return nil, nil
	}
	if limit := listedForOne * t.store.policy.OpenedRecordsLimit; limit >= 0 {
		listed, oldest, err := t.listedLately(who)
		if err != nil {
			return nil, err
		}
		if listed >= limit {
			return nil, &TooManyError{What: ListedAccounts, RetryAfter: oldest.Add(openedMemory).Time().Sub(t.now.Time())}
		}
		found = found[:min(len(found), limit-listed)]
	}
	err := t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "staff_id"}, {Name: "listed_at"}},
		DoUpdates: clause.Assignments(map[string]any{"accounts": gorm.Expr("account_listings.accounts + excluded.accounts")}),
	}).Create(&AccountListing{StaffID: who.staff, ListedAt: t.now, Accounts: len(found)}).Error
	if err != nil {
		return nil, err
	}
	return found, t.noticeListed(who)
}

// listedLately is how many accounts were listed to somebody within the hour, and since when.
func (t *tx) listedLately(who actor) (listed int, oldest Instant, err error) {
	var row struct {
		Listed int
		Oldest Instant
	}
	err = t.Model(&AccountListing{}).Select("coalesce(sum(accounts), 0) AS listed, coalesce(min(listed_at), 0) AS oldest").
		Where("staff_id = ? AND listed_at > ?", who.staff, t.now.Add(-openedMemory)).Scan(&row).Error
	return row.Listed, row.Oldest, err
}

// noticeListed raises an alert, as noticeOpened does, beyond listedUnasked times Policy.OpenedRecordsAlert.
func (t *tx) noticeListed(who actor) error {
	usual := listedUnasked * t.store.policy.OpenedRecordsAlert
	if usual < 0 {
		return nil
	}
	listed, _, err := t.listedLately(who)
	if err != nil || listed <= usual {
		return err
	}
	facts := who.facts()
	facts.QueryKind = string(term.QueryPrefix)
	return t.alertOnce(who, listed, facts)
}

// alertOnce raises the alert of unusually many records: once in an hour of somebody's.
func (t *tx) alertOnce(who actor, count int, facts audit.Facts) error {
	var alerts int64
	err := t.Table("audit_events AS e").Where("e.staff_id = ? AND "+actOfStaff+" AND e.type = ? AND e.occurred_at > ?",
		who.staff, audit.OpenedRecordsUnusual, t.now.Add(-openedMemory)).Count(&alerts).Error
	if err != nil || alerts > 0 {
		return err
	}
	facts.Count = &count
	_, err = t.record(audit.Event{Type: audit.OpenedRecordsUnusual, Facts: facts})
	return err
}

// openedMemory is the hour in which opened records and listed accounts are counted.
const openedMemory = time.Hour

package audit

import (
	"gorm.io/gorm"
)

// SearchRow is what is looked for in the trail, of one entry. It is made of the entry alone, so that it can be made anew at
// any time; the trail itself may not be changed. Rows lie as close together as numbers do: there is none missing below the
// highest.
type SearchRow struct {
	Seq        int64  `gorm:"column:seq;primaryKey;autoIncrement:false"`
	OccurredAt int64  `gorm:"column:occurred_at"` // milliseconds since 1970
	Type       string `gorm:"column:type"`
	AccountID  string `gorm:"column:account_id"`
	ClientID   string `gorm:"column:client_id"`
	StaffID    string `gorm:"column:staff_id"` // the actor, when it is a member of staff
	CounterID  string `gorm:"column:counter_id"`
	Reason     string `gorm:"column:reason"`   // a word of the type's in the catalogue
	Presence   string `gorm:"column:presence"` // a term.Presence
	Result     Result `gorm:"column:result"`
}

// TableName tells gorm where these rows are.
func (SearchRow) TableName() string { return "audit_search" }

// Result is what came of what somebody wanted, for finding all that ended alike.
type Result string

// The results.
const (
	ResultApproved Result = "approved" // by an operator
	ResultDeclined Result = "declined" // by an operator
	ResultRecalled Result = "recalled" // an approval, before it was redeemed
	ResultRedeemed Result = "redeemed" // the phone has its tokens
	ResultEnded    Result = "ended"    // by something else than an operator's decision, or after it
	ResultRefused  Result = "refused"  // somebody was not let do it
)

// Results lists them in the order of a visit.
func Results() []Result {
	return []Result{ResultApproved, ResultDeclined, ResultRecalled, ResultRedeemed, ResultEnded, ResultRefused}
}

// resultOf is the result that an event of a type states, "" for most.
func resultOf(t Type) Result {
	switch t {
	case DeviceBindingApproved:
		return ResultApproved
	case DeviceAuthorizationDeclined:
		return ResultDeclined
	case DeviceBindingRecalled:
		return ResultRecalled
	case DeviceBindingRedeemed:
		return ResultRedeemed
	case DeviceAuthorizationCancelled, DeviceAuthorizationSuperseded, WaitingRequestsEnded, DeviceBindingRevoked, DeviceRepudiated:
		return ResultEnded
	case CodeMatchFailed, MatchLocked, SpentCodeEntered, DecisionRefused, SecondApprovalReturned, SecondApprovalRefused,
		RedemptionReplayed, WrongKeyUsed, ForeignTokenPresented, StaffSignInRefused:
		return ResultRefused
	}
	return ""
}

// searchRow is the row of e. Of an entry that cannot be read, which Verify tells, it has what the columns say.
func (e Entry) searchRow() SearchRow {
	row := SearchRow{
		Seq: e.Seq, OccurredAt: e.OccurredAt, Type: e.Type, AccountID: e.AccountID, ClientID: e.ClientID, StaffID: e.StaffID,
		CounterID: e.CounterID, Result: resultOf(Type(e.Type)),
	}
	if event, err := e.Decode(); err == nil {
		row.Reason, row.Presence = event.Facts.Reason, event.Facts.Presence
	}
	return row
}

// highest is the number of the newest row of a table, 0 for none.
func highest(db *gorm.DB, table string) (seq int64, err error) {
	return seq, db.Raw("SELECT coalesce(max(seq), 0) FROM " + table).Scan(&seq).Error
}

// entriesAfter are the next entries after the number, oldest first, at most batchSize.
func entriesAfter(db *gorm.DB, seq int64) (entries []Entry, err error) {
	return entries, db.Where("seq > ?", seq).Order("seq").Limit(batchSize).Find(&entries).Error
}

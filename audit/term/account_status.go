package term

// AccountStatus is the status of an account.
type AccountStatus string

// Statuses of an account. Only an active one is served.
const (
	AccountActive    AccountStatus = "active"
	AccountSuspended AccountStatus = "suspended"
	AccountLocked    AccountStatus = "locked"
	AccountClosed    AccountStatus = "closed"
)

// AccountStatuses lists the set.
func AccountStatuses() []AccountStatus {
	return []AccountStatus{
		AccountActive, AccountSuspended, AccountLocked, AccountClosed,
	}
}

// Label returns it in plain English.
func (a AccountStatus) Label() string {
	return string(a)
}

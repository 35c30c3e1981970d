package term

import "strings"

// AccountChange is what of an account was changed, never the new value. A change of the
// status has the new status in its word, and the reason where somebody had to give one.
type AccountChange string

// What was changed.
const (
	ChangedContact          AccountChange = "contact"
	ChangedRecord           AccountChange = "record" // its name, date of birth or identifiers
	ChangedToPresence       AccountChange = "presence required"
	ChangedToNoPresence     AccountChange = "presence not required"
	ChangedToSecondPerson   AccountChange = "second person required"
	ChangedToNoSecondPerson AccountChange = "second person not required"
	ChangedToBeThere        AccountChange = "added by hand"
	statusChange                          = "status "
	statusReason                          = " - "
)

// AccountChanges lists the set.
func AccountChanges() []AccountChange {
	list := []AccountChange{ChangedContact, ChangedRecord, ChangedToPresence, ChangedToNoPresence,
		ChangedToSecondPerson, ChangedToNoSecondPerson, ChangedToBeThere}
	for _, status := range AccountStatuses() {
		list = append(list, StatusChange(status, ""))
	}
	for _, why := range Suspensions() {
		list = append(list, StatusChange(AccountSuspended, why))
	}
	for _, why := range Reinstatements() {
		list = append(list, StatusChange(AccountActive, why))
	}
	return list
}

// StatusChange is the change to a status, for a reason or for "".
func StatusChange(status AccountStatus, why StatusReason) AccountChange {
	change := statusChange + string(status)
	if why != "" {
		change += statusReason + string(why)
	}
	return AccountChange(change)
}

// Label returns it in plain English.
func (c AccountChange) Label() string { return strings.Replace(string(c), statusReason, ": ", 1) }

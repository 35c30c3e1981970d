package term

// Unlocking is why a supervisor lets codes be entered for an account again.
type Unlocking string

// Why it is unlocked.
const (
	UnlockingMistyped     Unlocking = "mistyped"
	UnlockingOtherAccount Unlocking = "other account"
	UnlockingPersonKnown  Unlocking = "person known"
	UnlockingAttackOver   Unlocking = "attack over"
)

// Unlockings lists the set.
func Unlockings() []Unlocking {
	return []Unlocking{UnlockingMistyped, UnlockingOtherAccount, UnlockingPersonKnown, UnlockingAttackOver}
}

// Label returns it in plain English.
func (u Unlocking) Label() string {
	switch u {
	case UnlockingMistyped:
		return "The operators mistyped; I have asked them"
	case UnlockingOtherAccount:
		return "The codes were for another account"
	case UnlockingPersonKnown:
		return "The account’s holder was there, and is known"
	case UnlockingAttackOver:
		return "It was an attack, and it has been dealt with"
	}
	return string(u)
}

package term

// SessionEnd is why a session of staff ended that its owner did not end.
type SessionEnd string

// Why a session ended.
const (
	SessionEndedAtProvider SessionEnd = "signed out at the provider"
	SessionReplaced        SessionEnd = "signed in again" // in the same browser
	SessionEndedByAdmin    SessionEnd = "ended by an administrator"
	SessionWithoutRole     SessionEnd = "no role" // any more, at a fresh sign-in
)

// SessionEnds lists the set.
func SessionEnds() []SessionEnd {
	return []SessionEnd{SessionEndedAtProvider, SessionReplaced, SessionEndedByAdmin, SessionWithoutRole}
}

// Label returns it in plain English.
func (e SessionEnd) Label() string { return string(e) }

package term

// MatchFailure is why a code or a presence proof was not taken, where it was no wrong one.
type MatchFailure string

// Why it was not taken.
const (
	MatchLocked              MatchFailure = "locked" // too many wrong codes before: this one was not looked at
	MatchPresenceRequired    MatchFailure = "presence required"
	MatchPresenceReplayed    MatchFailure = "presence replayed"
	MatchPresenceUnchecked   MatchFailure = "presence key not checked" // the client's jwks_uri gave no answer
	MatchPresenceExpired     MatchFailure = "presence expired"
	MatchPresenceNotYet      MatchFailure = "presence from the future"
	MatchPresenceOtherServer MatchFailure = "presence for another server"
	MatchPresenceIncomplete  MatchFailure = "presence incomplete"
)

// MatchFailures lists the set.
func MatchFailures() []MatchFailure {
	return []MatchFailure{
		MatchLocked, MatchPresenceRequired, MatchPresenceReplayed, MatchPresenceUnchecked, MatchPresenceExpired,
		MatchPresenceNotYet, MatchPresenceOtherServer, MatchPresenceIncomplete,
	}
}

// Label returns it in plain English.
func (m MatchFailure) Label() string {
	return string(m)
}

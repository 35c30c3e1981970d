package term

// Presence is what a match rests on.
type Presence string

// What a match rests on.
const (
	PresenceCodeOnly Presence = "code only" // the user code, typed or scanned
	PresenceProved   Presence = "proved"    // a presence proof: the client's key signed, within the minute
)

// Presences lists the set.
func Presences() []Presence {
	return []Presence{
		PresenceCodeOnly, PresenceProved,
	}
}

// Label returns it in plain English.
func (p Presence) Label() string {
	return string(p)
}

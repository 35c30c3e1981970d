package term

// ClientUpdate is how a registration came to be another one.
type ClientUpdate string

// How it was changed.
const (
	UpdateByClient  ClientUpdate = "replaced by the client" // RFC 7592 §2.2
	UpdateKeyAtURI  ClientUpdate = "key replaced at jwks uri"
	UpdateNameOfKey ClientUpdate = "key renamed at jwks uri" // the same key under another kid
)

// ClientUpdates lists the set.
func ClientUpdates() []ClientUpdate {
	return []ClientUpdate{UpdateByClient, UpdateKeyAtURI, UpdateNameOfKey}
}

// Label returns it in plain English.
func (u ClientUpdate) Label() string { return string(u) }

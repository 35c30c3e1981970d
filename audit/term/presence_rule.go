package term

// PresenceRule is whether the requests of an app need the proof of its device.
type PresenceRule string

// Whether the proof is needed.
const (
	PresenceRequired    PresenceRule = "required"
	PresenceNotRequired PresenceRule = "not required"
)

// PresenceRules lists the set.
func PresenceRules() []PresenceRule {
	return []PresenceRule{
		PresenceRequired, PresenceNotRequired,
	}
}

// Label returns it in plain English.
func (p PresenceRule) Label() string {
	return string(p)
}

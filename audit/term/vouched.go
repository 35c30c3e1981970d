package term

// Vouched is whether the app that a client says it is has its publisher's word for it.
type Vouched string

// Whether the publisher vouches.
const (
	Verified    Vouched = "verified"     // by a software statement (RFC 7591 §2.3)
	NotVerified Vouched = "not verified" // the client alone says so
)

// Vouches lists the set.
func Vouches() []Vouched { return []Vouched{Verified, NotVerified} }

// Label returns it in plain English.
func (v Vouched) Label() string { return string(v) }

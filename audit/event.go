package audit

import "fmt"

// Event is one thing that happened, as a caller hands it to Log.Append and as
// Entry.Decode gives it back.
type Event struct {
	Type Type

	// Subject is the identifier of the account it is about, "" when it is
	// about none. Never a member of staff.
	Subject string

	// Transaction ties events of one visit or one call together: the claim
	// txn of RFC 8417 §2.2. "" when there is nothing to tie.
	Transaction string

	Facts Facts
}

// Facts is what an event states, besides when and about whom. Which of them a
// type needs and takes is in the catalogue; a zero member is left out of the SET.
type Facts struct {
	Actor               *Actor   `json:"actor,omitempty"`
	Session             string   `json:"session,omitempty"` // of staff
	Counter             string   `json:"counter,omitempty"`
	Client              string   `json:"client,omitempty"`         // client_id
	KeyThumbprint       string   `json:"key_thumbprint,omitempty"` // RFC 7638, SHA-256, base64url
	DeviceAuthorization string   `json:"device_authorization,omitempty"`
	Binding             string   `json:"binding,omitempty"`
	Proofing            string   `json:"proofing,omitempty"`
	Publisher           string   `json:"publisher,omitempty"`
	Reason              string   `json:"reason,omitempty"`        // a code in small letters, no free text
	Presence            string   `json:"presence,omitempty"`      // "code only"
	PendingUntil        *int64   `json:"pending_until,omitempty"` // seconds since 1970
	RedeemUntil         *int64   `json:"redeem_until,omitempty"`  // seconds since 1970
	Scope               string   `json:"scope,omitempty"`         // RFC 6749 §3.3
	Roles               []string `json:"roles,omitempty"`
	Count               *int     `json:"count,omitempty"`
	TriesLeft           *int     `json:"tries_left,omitempty"`
	QueryKind           string   `json:"query_kind,omitempty"` // how an account was looked up
	Address             string   `json:"address,omitempty"`    // IP address, no port
	Key                 string   `json:"key,omitempty"`        // kid
}

// Actor is who caused an event: exactly one member is set.
type Actor struct {
	Staff  string `json:"staff,omitempty"`  // identifier of a member of staff
	Client string `json:"client,omitempty"` // client_id
	System string `json:"system,omitempty"` // part of the server: "command line"
}

// Kinds of actor: the names of Actor's members in the SET.
const (
	ActorStaff  = "staff"
	ActorClient = "client"
	ActorSystem = "system"
)

// InvalidEventError says why an event is not one of the catalogue's. It is a
// mistake of the program, or of whoever edited the table.
type InvalidEventError struct {
	Type   Type
	Reason string // never holds the refused value
}

func (e *InvalidEventError) Error() string {
	return fmt.Sprintf("audit event %q: %s", string(e.Type), e.Reason)
}

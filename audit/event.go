package audit

import (
	"encoding/json"
	"fmt"

	strict "github.com/go-jose/go-jose/v4/json"
)

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

	// Details are texts that may be personal, besides the addresses among the facts: Append keeps them, and the addresses, beside
	// the log. Decode gives none.
	Details []Detail
}

// Facts is what an event states, besides when and about whom. Which of them a
// type needs and takes is in the catalogue; a zero member is left out of the SET.
// Client and KeyThumbprint are one object there: the fact device.
type Facts struct {
	Actor               *Actor   `json:"actor,omitempty"`
	Session             string   `json:"session,omitempty"` // of staff
	Counter             string   `json:"counter,omitempty"`
	Client              string   `json:"-"` // client_id
	KeyThumbprint       string   `json:"-"` // RFC 7638, SHA-256, base64url; only with Client
	DeviceAuthorization string   `json:"device_authorization,omitempty"`
	Binding             string   `json:"binding,omitempty"`
	Proofing            string   `json:"proofing,omitempty"`
	SecondStaff         string   `json:"second_staff,omitempty"` // who looked as the second person
	Staff               string   `json:"staff,omitempty"`        // whom it is about, where that is somebody of the staff
	Counters            []string `json:"counters,omitempty"`     // several, where an event is about a choice of them
	Event               string   `json:"event,omitempty"`        // jti of another event
	Publisher           string   `json:"publisher,omitempty"`
	Software            string   `json:"software,omitempty"`           // software_id (RFC 7591 §2)
	RegistrationToken   string   `json:"registration_token,omitempty"` // identifier of an initial access token
	ResourceServer      string   `json:"resource_server,omitempty"`    // its client_id
	Resource            string   `json:"resource,omitempty"`           // URIs with single spaces between them, RFC 8707 §2
	Reason              string   `json:"reason,omitempty"`             // a word of the type's in the catalogue, no free text
	Presence            string   `json:"presence,omitempty"`           // a term.Presence; of an app, a term.PresenceRule
	Entered             string   `json:"entered,omitempty"`            // a term.Entered: what the page said, never evidence
	DocumentRead        string   `json:"document_read,omitempty"`      // a term.DocumentRead
	PendingUntil        *int64   `json:"pending_until,omitempty"`      // seconds since 1970
	RedeemUntil         *int64   `json:"redeem_until,omitempty"`       // seconds since 1970
	RequestedAt         *int64   `json:"requested_at,omitempty"`       // seconds since 1970: of a request that was counted
	RequestedFrom       string   `json:"requested_from,omitempty"`     // IP address: of a request that was counted; as Address
	RegisteredAt        *int64   `json:"registered_at,omitempty"`      // seconds since 1970: of a client that was counted
	Scope               string   `json:"scope,omitempty"`              // RFC 6749 §3.3
	Roles               []string `json:"roles,omitempty"`
	Count               *int     `json:"count,omitempty"`
	Usual               *int     `json:"usual,omitempty"`
	TriesLeft           *int     `json:"tries_left,omitempty"`
	Before              *int64   `json:"before,omitempty"`     // seconds since 1970
	QueryKind           string   `json:"query_kind,omitempty"` // a term.QueryKind: how an account was looked up
	Address             string   `json:"address,omitempty"`    // IP address, no port: in events of before Details, and for Append
	Key                 string   `json:"key,omitempty"`        // kid
	Filter              []string `json:"filter,omitempty"`     // Filter.Terms
	NoteHash            string   `json:"note_hash,omitempty"`  // of a text that is kept elsewhere: SHA-256, base64url

	// Details has DetailRow.Hash of each detail, by its field. Append sets it.
	Details map[string]string `json:"details,omitempty"`
}

// device is the client instance and its key, as in a SET.
type device struct {
	Client        string `json:"client,omitempty"`
	KeyThumbprint string `json:"key_thumbprint,omitempty"`
}

// plainFacts are the facts but for device, which setFacts adds.
type plainFacts Facts

// setFacts are the facts as they stand in a SET.
type setFacts struct {
	plainFacts
	Device *device `json:"device,omitempty"`
}

// MarshalJSON writes the facts as they stand in a SET.
func (f Facts) MarshalJSON() ([]byte, error) { return json.Marshal(f.inSET()) }

func (f Facts) inSET() setFacts {
	p := setFacts{plainFacts: plainFacts(f)}
	if d := (device{Client: f.Client, KeyThumbprint: f.KeyThumbprint}); d != (device{}) {
		p.Device = &d
	}
	return p
}

// UnmarshalJSON reads the facts of a SET.
func (f *Facts) UnmarshalJSON(b []byte) error {
	var p setFacts
	if err := strict.Unmarshal(b, &p); err != nil {
		return err
	}
	*f = Facts(p.plainFacts)
	if p.Device != nil {
		f.Client, f.KeyThumbprint = p.Device.Client, p.Device.KeyThumbprint
	}
	return nil
}

// Actor is who caused an event: exactly one member is set.
type Actor struct {
	Staff  string `json:"staff,omitempty"`  // identifier of a member of staff
	Client string `json:"client,omitempty"` // client_id
	System string `json:"system,omitempty"` // a term.System: part of the server
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

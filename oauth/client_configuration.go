package oauth

import (
	"io"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// PathClientConfiguration is below PathRegistration: the client's own registration (RFC 7592 §2), by client_id.
const PathClientConfiguration = PathRegistration + "/"

// NewRegistrationToken makes a registration access token (RFC 7592 §3) or an initial access token (RFC 7591 §1.2) of
// 43 base64url characters from 256 bits of rand.
func NewRegistrationToken(rand io.Reader) (string, error) { return newSecret(rand) }

// HashRegistrationToken is what is stored and looked up in place of such a token: its SHA-256, base64url.
func HashRegistrationToken(token string) string { return hashSecret(token) }

// CheckClientUpdate judges what a client's update says besides its metadata (RFC 7592 §2.2): its own client_id, and
// nothing that only the server may say. The refusal is invalid_request.
func CheckClientUpdate(body []byte, clientID string) *Error {
	var members map[string]json.RawMessage
	if len(body) > MaxClientMetadata || !utf8.Valid(body) || json.Unmarshal(body, &members) != nil {
		return refuseMetadata("the request is not a JSON object of client metadata")
	}
	for _, name := range []string{
		"registration_access_token", "registration_client_uri", "client_secret", "client_secret_expires_at", "client_id_issued_at",
	} {
		if _, there := members[name]; there {
			return Errorf(ErrInvalidRequest, "leave %s out of the update", name)
		}
	}
	var id string
	if json.Unmarshal(members["client_id"], &id) != nil || id != clientID {
		return Errorf(ErrInvalidRequest, "client_id must be there, and be this client's")
	}
	return nil
}

// SignedBy says whether one of the keys made a client assertion's signature: nothing about its claims. It tells a
// key that was replaced at jwks_uri from an assertion that is wrong.
func SignedBy(assertion string, keys jose.JSONWebKeySet) bool {
	jws, err := parseJWT(assertion, clientAlgorithms())
	return err == nil && signedBy(jws, keys) == nil
}

// CheckName judges what an administrator registers to be shown to operators: a publisher, an app, a note.
func CheckName(name string) *Error { return readText(ErrInvalidRequest, "name", name, maxClientName) }

// CheckSoftwareID judges the software_id that an administrator registers an app under. Apps
// may send any text (RFC 7591 §2), but this one is an identifier: events carry it.
func CheckSoftwareID(id string) *Error {
	for _, r := range id {
		if r <= ' ' || r > '~' {
			return Errorf(ErrInvalidRequest, "a software_id has ASCII letters, digits and signs only, and no blank")
		}
	}
	return readText(ErrInvalidRequest, "software_id", id, maxSoftwareID)
}

// MaxNote is how long a note may be, in characters.
const MaxNote = 200

// CheckNote judges what a supervisor writes about an alert, for other supervisors to read.
func CheckNote(note string) *Error { return readText(ErrInvalidRequest, "note", note, MaxNote) }

// CheckLabel judges a label that staff give to a binding: like the instance name that it stands beside
// (draft-richer-oauth-instance-00 §2).
func CheckLabel(label string) *Error {
	return readText(ErrInvalidRequest, "label", label, MaxInstanceName)
}

package oauth

import (
	"fmt"
	"net/http"
	"strings"
)

// Error codes by the document that defines them. Each is answered somewhere; a test provokes every one over HTTP.
const (
	// RFC 6749 §5.2
	ErrInvalidRequest       = "invalid_request"
	ErrInvalidClient        = "invalid_client"
	ErrInvalidGrant         = "invalid_grant"
	ErrUnauthorizedClient   = "unauthorized_client"
	ErrUnsupportedGrantType = "unsupported_grant_type"
	ErrInvalidScope         = "invalid_scope"

	// RFC 6749 §4.1.2.1, used here for a request that our own fault or a limit stops
	ErrServerError            = "server_error"
	ErrTemporarilyUnavailable = "temporarily_unavailable"

	// RFC 8628 §3.5
	ErrAuthorizationPending = "authorization_pending"
	ErrSlowDown             = "slow_down"
	ErrAccessDenied         = "access_denied"
	ErrExpiredToken         = "expired_token"

	// RFC 7591 §3.2.2
	ErrInvalidClientMetadata       = "invalid_client_metadata"
	ErrInvalidSoftwareStatement    = "invalid_software_statement"
	ErrUnapprovedSoftwareStatement = "unapproved_software_statement"

	// RFC 8707 §2
	ErrInvalidTarget = "invalid_target"

	// RFC 9449 §5, §8
	ErrInvalidDPoPProof = "invalid_dpop_proof"
	ErrUseDPoPNonce     = "use_dpop_nonce"

	// RFC 6750 §3.1
	ErrInvalidToken      = "invalid_token"
	ErrInsufficientScope = "insufficient_scope"
)

// maxDescription bounds an error_description, in bytes.
const maxDescription = 200

// Error is a refusal that a client is told about: a registered code and a sentence for its developer.
type Error struct {
	Code          string
	Description   string
	DeclineReason string // of a decline, and only where devices are told it (see Declined)
}

// Errorf makes an Error. The description is reduced to the characters that RFC 6749 §5.2 allows in error_description
// and to maxDescription bytes, so that a hostile argument can break neither JSON nor a header.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Description: describe(fmt.Sprintf(format, args...))}
}

// Error says the code and the description.
func (e *Error) Error() string {
	if e.Description == "" {
		return e.Code
	}
	return e.Code + ": " + e.Description
}

// Status is the HTTP status of the answer: 401 for a failed client or token authentication (RFC 6749 §5.2, RFC 6750
// §3.1), 403 for a token without the scope (RFC 6750 §3.1), 500 and 503 for our own trouble, and
// otherwise 400, which includes every answer to a poll (RFC 8628 §3.5).
func (e *Error) Status() int {
	switch e.Code {
	case ErrInvalidClient, ErrInvalidToken:
		return http.StatusUnauthorized
	case ErrInsufficientScope:
		return http.StatusForbidden
	case ErrServerError:
		return http.StatusInternalServerError
	case ErrTemporarilyUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// describe keeps %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2) and replaces the rest.
func describe(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '"' || r == '\\':
			return '\''
		case r < 0x20 || r > 0x7e:
			return '?'
		}
		return r
	}, s)
	return s[:min(len(s), maxDescription)]
}

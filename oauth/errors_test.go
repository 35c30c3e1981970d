package oauth_test

import (
	"strings"
	"testing"

	"countersign/oauth"
)

// RFC 6749 §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8628 §3.5, RFC 9449 §5: the status of each code.
// docs/protocol.md §6 pending-status: pending answers are HTTP 400.
func TestErrorStatus(t *testing.T) {
	for code, want := range map[string]int{
		oauth.ErrInvalidClient:         401, // RFC 6749 §5.2
		oauth.ErrInvalidToken:          401, // RFC 6750 §3.1, RFC 7591 §3.2.2
		oauth.ErrInvalidRequest:        400,
		oauth.ErrInvalidGrant:          400,
		oauth.ErrInvalidScope:          400,
		oauth.ErrUnauthorizedClient:    400,
		oauth.ErrUnsupportedGrantType:  400,
		oauth.ErrAuthorizationPending:  400, // RFC 8628 §3.5
		oauth.ErrSlowDown:              400,
		oauth.ErrAccessDenied:          400,
		oauth.ErrExpiredToken:          400,
		oauth.ErrInvalidClientMetadata: 400, // RFC 7591 §3.2.2
		oauth.ErrInvalidDPoPProof:      400, // RFC 9449 §5
		oauth.ErrInvalidTarget:         400, // RFC 8707 §2
		oauth.ErrServerError:           500,
	} {
		if got := oauth.Errorf(code, "").Status(); got != want {
			t.Errorf("%s: status %d, want %d", code, got, want)
		}
	}
}

// RFC 6749 §5.2: error_description is of %x20-21 / %x23-5B / %x5D-7E.
func TestErrorDescriptionIsPlain(t *testing.T) {
	hostile := "say \"hi\" \\ \r\nSet-Cookie: x \u202e\x00\xff"
	err := oauth.Errorf(oauth.ErrInvalidRequest, "parameter %s", hostile)
	if got, want := err.Description, "parameter say 'hi' ' ??Set-Cookie: x ???"; got != want {
		t.Errorf("description %q, want %q", got, want)
	}
	if got := oauth.Errorf(oauth.ErrInvalidRequest, "%s", strings.Repeat("x", 5000)).Description; len(got) > 200 {
		t.Errorf("a description of %d bytes", len(got))
	}
}

func TestErrorText(t *testing.T) {
	if got := oauth.Errorf(oauth.ErrSlowDown, "").Error(); got != "slow_down" {
		t.Errorf("got %q", got)
	}
	if got := oauth.Errorf(oauth.ErrSlowDown, "wait").Error(); got != "slow_down: wait" {
		t.Errorf("got %q", got)
	}
}

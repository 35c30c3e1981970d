package oauth

import (
	"net/http"
	"strings"
)

// ReadCredentials returns what the Authorization header has after the scheme, "" when there is no header or another
// scheme. Two such headers, or the scheme alone, are invalid_request (RFC 6750 §3.1).
func ReadCredentials(headers []string, scheme string) (string, *Error) {
	if len(headers) > 1 {
		return "", Errorf(ErrInvalidRequest, "more than one Authorization header is sent")
	}
	named, credentials, _ := strings.Cut(strings.Join(headers, ""), " ")
	if !strings.EqualFold(named, scheme) {
		return "", nil
	}
	if credentials = strings.TrimSpace(credentials); credentials == "" {
		return "", Errorf(ErrInvalidRequest, "the Authorization header has no token")
	}
	return credentials, nil
}

// DPoPChallenge is how a protected resource refuses a request (RFC 9449 §7.1, RFC 6750 §3): the value of
// WWW-Authenticate, and the status. It says what is wrong and which algorithms a proof may use. refusal is nil when the
// request brought no token: it is not told what would be wrong with it. scope is what the token lacks, with
// ErrInsufficientScope, otherwise "".
func DPoPChallenge(refusal *Error, scope string) (challenge string, status int) {
	challenge = `DPoP algs="` + strings.Join(SigningAlgorithms(), " ") + `"`
	if scope != "" {
		challenge += `, scope="` + scope + `"`
	}
	return WithRefusal(challenge, refusal)
}

// WithRefusal adds to a challenge what is wrong, and returns the status that goes with it: 401; 400 for a request that
// cannot be understood; 403 for a token without the scope. Errorf has kept quotes and backslashes out of the description.
func WithRefusal(challenge string, refusal *Error) (string, int) {
	if refusal == nil {
		return challenge, http.StatusUnauthorized
	}
	status := http.StatusUnauthorized
	if refusal.Code == ErrInvalidRequest || refusal.Code == ErrInsufficientScope {
		status = refusal.Status()
	}
	return challenge + `, error="` + refusal.Code + `", error_description="` + refusal.Description + `"`, status
}

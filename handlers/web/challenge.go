package web

import (
	"errors"
	"strings"

	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// Challenge is how a protected resource refuses (RFC 9449 §7.1): with a
// WWW-Authenticate header that says what is wrong and which algorithms a proof may use.
type Challenge struct {
	Refusal *oauth.Error // nil when the request did not try to authenticate
	Scope   string       // what the token lacks, with oauth.ErrInsufficientScope
}

func (e *Challenge) Error() string {
	if e.Refusal == nil {
		return "an access token is required"
	}
	return e.Refusal.Error()
}

// Challenged makes a refusal a Challenge; a fault stays a fault. nil is the refusal of
// a request that brought no token.
func Challenged(err error) error {
	var refusal *oauth.Error
	switch {
	case err == nil:
		return &Challenge{}
	case errors.As(err, &refusal):
		return &Challenge{Refusal: refusal}
	case errors.Is(err, models.ErrReplayedProof):
		return &Challenge{Refusal: oauth.Errorf(oauth.ErrInvalidDPoPProof, "this DPoP proof was used before; make a new one for every request")}
	}
	return err
}

// LacksScope refuses a token that is good and has not this scope: 403 insufficient_scope,
// which names the scope (RFC 6750 §3.1).
func LacksScope(scope string) error {
	return &Challenge{Refusal: oauth.Errorf(oauth.ErrInsufficientScope, "the access token has not the scope %s", scope), Scope: scope}
}

func (e *Challenge) answer(c echo.Context) error {
	challenge, status := oauth.DPoPChallenge(e.Refusal, e.Scope)
	return answerChallenge(c, challenge, status, e.Refusal)
}

// longestScheme bounds what is repeated of a request, in bytes.
const longestScheme = 40

// challengeClient puts the challenge on a failed client authentication, which every 401
// has to have (RFC 9110 §11.6.1): the scheme that the client tried, as RFC 6749
// §5.2 demands of one that came by the Authorization header. No scheme there would
// let anybody in, so that without one the challenge names the way that does. It says what the
// body says, for clients that read no body of a 401; oauth.Errorf has kept quotes and
// backslashes out of the description.
func challengeClient(c echo.Context, code, description string) {
	scheme, _, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !isToken(scheme) || len(scheme) > longestScheme {
		scheme = oauth.AuthMethodPrivateKeyJWT
	}
	challenge := scheme + ` realm="countersign", error="` + code + `"`
	if description != "" {
		challenge += `, error_description="` + description + `"`
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
}

// isToken checks a token of RFC 9110 §5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

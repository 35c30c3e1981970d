package web

import (
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// BearerToken returns the token of an Authorization header (RFC 6750 §2.1), "" when
// there is none. The error is a *BearerRefused.
func BearerToken(c echo.Context) (string, error) {
	token, refusal := oauth.ReadCredentials(c.Request().Header.Values(echo.HeaderAuthorization), "Bearer")
	if refusal != nil {
		return "", &BearerRefused{Refusal: refusal}
	}
	return token, nil
}

// BearerRefused is how an endpoint that takes bearer tokens refuses one (RFC 6750
// §3): with a WWW-Authenticate header.
type BearerRefused struct {
	Refusal *oauth.Error // nil when the request brought no token
}

// RefusedToken refuses the token of a request as invalid_token; one that is "" was not
// sent, and is not told what would be wrong with it (RFC 6750 §3.1).
func RefusedToken(token, description string) error {
	if token == "" {
		return &BearerRefused{}
	}
	return &BearerRefused{oauth.Errorf(oauth.ErrInvalidToken, "%s", description)}
}

func (e *BearerRefused) Error() string {
	if e.Refusal == nil {
		return "a bearer token is required"
	}
	return e.Refusal.Error()
}

func (e *BearerRefused) answer(c echo.Context) error {
	challenge, status := oauth.WithRefusal(`Bearer realm="countersign"`, e.Refusal)
	return answerChallenge(c, challenge, status, e.Refusal)
}

// answerChallenge answers with the challenge; its body says what is wrong once more, or
// nothing.
func answerChallenge(c echo.Context, challenge string, status int, refusal *oauth.Error) error {
	body := map[string]string{}
	if refusal != nil {
		body["error"], body["error_description"] = refusal.Code, refusal.Description
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	return c.JSON(status, body)
}

package web

import (
	"net/http"
	"strings"

	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// BearerToken is the token of an Authorization header (RFC 6750 section 2.1), "" when
// there is none.
func BearerToken(c echo.Context) string {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// BearerRefused is how an endpoint that takes bearer tokens refuses one (RFC 6750
// section 3): 401 with a WWW-Authenticate header.
type BearerRefused struct{ Description string }

func (e *BearerRefused) Error() string { return e.Description }

// answer sends the challenge; it names an error only when there was a token to be wrong
// (RFC 6750 section 3.1).
func (e *BearerRefused) answer(c echo.Context) error {
	refusal := oauth.Errorf(oauth.ErrInvalidToken, "%s", e.Description) // its description is plain
	challenge := `Bearer realm="countersign"`
	if BearerToken(c) != "" {
		challenge += `, error="` + refusal.Code + `", error_description="` + refusal.Description + `"`
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	return c.JSON(http.StatusUnauthorized, map[string]string{"error": refusal.Code, "error_description": refusal.Description})
}

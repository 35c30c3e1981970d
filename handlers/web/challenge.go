package web

import (
	"errors"
	"net/http"
	"strings"

	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// Challenge is how a protected resource refuses (RFC 9449 section 7.1): 401 with a
// WWW-Authenticate header that says what is wrong and which algorithms a proof may use.
type Challenge struct {
	Refusal *oauth.Error // nil when the request did not try to authenticate
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
		return &Challenge{refusal}
	case errors.Is(err, models.ErrReplayedProof):
		return &Challenge{oauth.Errorf(oauth.ErrInvalidDPoPProof, "this DPoP proof was used before; make a new one for every request")}
	}
	return err
}

// answer sends the challenge. Errorf has kept quotes and backslashes out of the
// description.
func (e *Challenge) answer(c echo.Context) error {
	challenge := `DPoP algs="` + strings.Join(oauth.SigningAlgorithms(), " ") + `"`
	body := map[string]string{}
	if e.Refusal != nil {
		challenge += `, error="` + e.Refusal.Code + `", error_description="` + e.Refusal.Description + `"`
		body["error"], body["error_description"] = e.Refusal.Code, e.Refusal.Description
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge)
	return c.JSON(http.StatusUnauthorized, body)
}

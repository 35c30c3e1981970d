package device

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// Revoke answers POST /revoke (RFC 7009). A refresh token takes its binding with it,
// and so every access token; an access token dies alone. A token that is not known is
// dead already: 200. Another client's token is refused (section 2.1), where it can be
// told from an unknown one: a refresh token says nothing by itself.
func (d *Device) Revoke(c echo.Context) error {
	client := web.ClientOf(c)
	raw := client.Parameters.Get(oauth.ParamToken)
	if raw == "" {
		return oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamToken)
	}
	token, err := d.accessToken(c.Request().Context(), raw, d.Store.Policy().Resources.URIs()...)
	if err != nil {
		return err
	}
	proofs := []models.UsedProof{client.Assertion}
	switch {
	case token.ID == "":
		err = d.Store.RevokeRefreshToken(c.Request().Context(), client.ID, raw, proofs)
	case token.ClientID != client.ID:
		err = oauth.Errorf(oauth.ErrInvalidGrant, "the token is another client's")
	default:
		err = d.Store.RevokeAccessToken(c.Request().Context(), token, proofs)
	}
	if err != nil && !errors.Is(err, models.ErrUnknownToken) {
		return err
	}
	return c.NoContent(http.StatusOK)
}

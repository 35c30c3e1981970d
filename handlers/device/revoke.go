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
// dead already: 200. Another client's token is refused (§2.1) and is an alert. For
// which resource an access token is does not matter here, nor whether that resource is
// still configured.
func (d *Device) Revoke(c echo.Context) error {
	client := web.ClientOf(c)
	raw := client.Parameters.Get(oauth.ParamToken)
	if raw == "" {
		return oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamToken)
	}
	token, err := d.ownAccessToken(c.Request().Context(), raw)
	if err != nil {
		return err
	}
	proofs := []models.UsedProof{client.Assertion}
	switch {
	case token.ID == "":
		err = d.Store.RevokeRefreshToken(c.Request().Context(), client.ID, raw, proofs)
	default:
		err = d.Store.RevokeAccessToken(c.Request().Context(), client.ID, token, proofs)
	}
	if errors.Is(err, models.ErrForeignToken) {
		return oauth.Errorf(oauth.ErrInvalidGrant, "the token is another client's")
	}
	if err != nil && !errors.Is(err, models.ErrUnknownToken) {
		return err
	}
	return c.NoContent(http.StatusOK)
}

package device

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// whoAmIAnswer is what the sample API tells: the account that the token speaks for.
type whoAmIAnswer struct {
	Account  string `json:"account"`
	ClientID string `json:"client_id"`
	Binding  string `json:"binding"`
	Scope    string `json:"scope"`
}

// WhoAmI answers GET /api/whoami, a sample of an API that is protected as APIs should
// be: a DPoP-bound token of this server, a proof by its key for this very request
// (RFC 9449 §7), and a binding that still stands.
func (d *Device) WhoAmI(c echo.Context) error {
	token, binding, err := d.authorize(c)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, whoAmIAnswer{binding.AccountID, token.ClientID, binding.ID, token.Scope})
}

// authorize checks the token and its proof. Every refusal is a *web.Challenge.
func (d *Device) authorize(c echo.Context) (oauth.AccessToken, models.Binding, error) {
	raw, err := presentedToken(c)
	if err != nil {
		return oauth.AccessToken{}, models.Binding{}, err
	}
	token, err := d.accessToken(c.Request().Context(), raw, d.Audience())
	if err != nil {
		return token, models.Binding{}, err
	}
	if token.ID == "" {
		return token, models.Binding{}, deadToken()
	}
	proof, err := d.proof(c, raw)
	if err != nil {
		return token, models.Binding{}, web.Challenged(err)
	}
	if proof.thumbprint != token.Thumbprint {
		return token, models.Binding{}, web.Challenged(oauth.Errorf(oauth.ErrInvalidDPoPProof, "the token is bound to another key"))
	}
	binding, err := d.Store.CheckAccessToken(c.Request().Context(), token)
	if isDead(err) {
		err = deadToken()
	}
	return token, binding, err
}

// presentedToken reads the Authorization header. With none, or with one of another
// scheme, there is nothing to say but how to do it (RFC 6750 §3.1).
func presentedToken(c echo.Context) (string, error) {
	token, refusal := web.Credentials(c, oauth.TokenTypeDPoP)
	if refusal != nil {
		return "", web.Challenged(refusal)
	}
	if token == "" {
		return "", web.Challenged(nil)
	}
	return token, nil
}

func deadToken() error {
	return web.Challenged(oauth.Errorf(oauth.ErrInvalidToken, "the access token is not valid, or its binding has ended"))
}

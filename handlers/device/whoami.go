package device

import (
	"context"
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/protectedresource"

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
	sent := c.Request().WithContext(c.Request().Context()) // a copy
	sent.Method = web.SentMethod(c)
	grant, err := d.sample.Check(sent)
	if grant.Nonce != "" {
		c.Response().Header().Set(oauth.HeaderDPoPNonce, grant.Nonce)
	}
	if err != nil {
		return grant.Token, models.Binding{}, refusedCall(err)
	}
	binding, err := d.Store.CheckAccessToken(c.Request().Context(), grant.Token)
	if isDead(err) {
		err = deadToken()
	}
	return grant.Token, binding, err
}

// sampleAPI is our own API as any other would be protected.
func sampleAPI(app *web.App) *protectedresource.Resource {
	resource := &protectedresource.Resource{
		Issuer: app.Issuer, Audience: app.Audience(), Keys: app.Store.AccessTokenKeys, Now: app.Store.Now,
		Used: func(_ context.Context, proof oauth.DPoPProof) (bool, error) {
			return app.FirstUse(models.UsedProof{Kind: "dpop", Owner: proof.Thumbprint, ID: proof.ID, Until: proof.ExpiresAt})
		},
	}
	if nonces := app.Store.Nonces(); app.Store.Policy().DPoPNonceRequired {
		resource.Nonces = &nonces
	}
	return resource
}

// refusedCall makes a refusal the answer of an API; a token that is refused is told no more
// than one whose binding has ended.
func refusedCall(err error) error {
	refusal, refused := errors.AsType[*oauth.Error](err)
	switch {
	case errors.Is(err, protectedresource.ErrNoToken):
		return web.Challenged(nil)
	case refused && refusal.Code == oauth.ErrInvalidToken:
		return deadToken()
	}
	return web.Challenged(err)
}

func deadToken() error {
	return web.Challenged(oauth.Errorf(oauth.ErrInvalidToken, "the access token is not valid, or its binding has ended"))
}

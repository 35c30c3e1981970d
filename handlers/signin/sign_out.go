package signin

import (
	"errors"
	"net/http"
	"net/url"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// SignOut ends the session: POST /sign-out. The next page leads on to the provider, where it
// can be signed out of as well: a form's redirect may not leave this site.
func (h *SignIn) SignOut(c echo.Context) error {
	if err := h.app.Store.EndSession(c.Request().Context(), web.SessionOf(c).ID); err != nil {
		return err
	}
	h.app.SetSessionCookie(c, "")
	h.app.Forget(c, console.KeptSearch)
	h.app.ForgetProof(c)
	h.app.Tell(c, console.SignedOut) // where the provider is signed out of too, its way back leads there
	return c.Redirect(http.StatusSeeOther, views.PathSignedOut)
}

// SignedOutPage goes on to the provider, so that the next person at this computer is not
// signed in with one press: GET /sign-in/out (OpenID Connect RP-Initiated Logout 1.0
// §2). It asks the provider itself where that is: the session may have begun in
// another process. Nothing of a session is in the address.
func (h *SignIn) SignedOutPage(c echo.Context) error {
	found, err := h.provider.discover(c.Request().Context())
	if err != nil || found.metadata.EndSession == "" {
		return c.Redirect(http.StatusSeeOther, views.PathSignIn) // signed out here, which is what was asked for
	}
	address, err := url.Parse(found.metadata.EndSession)
	if err != nil {
		return err
	}
	query := address.Query()
	query.Set("client_id", h.app.Staff.ClientID)
	if hint := h.app.TakeIDToken(c); hint != "" {
		query.Set("id_token_hint", hint)
	}
	query.Set("post_logout_redirect_uri", h.app.Issuer+views.PathSignIn)
	address.RawQuery = query.Encode()
	c.Response().Header().Set("Refresh", "0; url="+address.String())
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "You are signed out here"), views.SectionNone)
	return web.Render(c, http.StatusOK, views.SignedOutPage(frame, address.String()))
}

// BackChannelLogout takes a logout token from the provider and ends what it means: POST
// /sign-in/backchannel-logout (OpenID Connect Back-Channel Logout 1.0 §2.5).
func (h *SignIn) BackChannelLogout(c echo.Context) error {
	ctx := c.Request().Context()
	if err := web.ReadURLEncoded(c.Request()); err != nil {
		return err
	}
	token, err := h.provider.logout(ctx, web.Field(c, "logout_token"))
	if err != nil {
		h.app.Log.WarnContext(ctx, "a logout token was refused", "error", err)
		return oauth.Errorf(oauth.ErrInvalidRequest, "the logout token cannot be verified") // §2.8: 400, whatever it was
	}
	_, err = h.app.Store.EndSessionsAtProvider(ctx, models.Logout{
		Issuer: token.Issuer, Subject: token.Subject, SID: token.SessionID, JTI: token.TokenID, Expires: token.Expiry,
	})
	if errors.Is(err, models.ErrReplayed) {
		return oauth.Errorf(oauth.ErrInvalidRequest, "the logout token was used before")
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

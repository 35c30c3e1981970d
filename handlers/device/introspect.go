package device

import (
	"context"
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// Introspect answers POST /introspect (RFC 7662): to a phone for its own tokens, access
// and refresh; to a resource server for the access tokens that are for its resource.
// Any other token, and one that is not live, is only {"active":false}. The answer is a JWT
// when the request asks for one (RFC 9701).
func (d *Device) Introspect(c echo.Context) error {
	client := web.ClientOf(c)
	token := client.Parameters.Get(oauth.ParamToken)
	if token == "" {
		return oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamToken)
	}
	answer, err := d.introspectAccessToken(c.Request().Context(), client, token)
	if err == nil && !answer.Active && client.ResourceServer == nil {
		answer, err = d.introspectRefreshToken(c.Request().Context(), client.ID, token)
	}
	if err != nil {
		return err
	}
	if !oauth.WantsIntrospectionJWT(c.Request().Header) {
		return c.JSON(http.StatusOK, answer)
	}
	signed, err := d.Store.SignIntrospection(c.Request().Context(), answer, client.ID)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, oauth.MediaTypeTokenIntrospection, []byte(signed))
}

func (d *Device) introspectAccessToken(ctx context.Context, client web.AuthenticatedClient, raw string) (oauth.Introspection, error) {
	audiences := d.Store.Policy().Resources.URIs()
	if client.ResourceServer != nil {
		audiences = []string{client.ResourceServer.Resource}
	}
	token, err := d.accessToken(ctx, raw, audiences...)
	if err != nil || token.ID == "" || client.ResourceServer == nil && token.ClientID != client.ID {
		return oauth.Introspection{}, err
	}
	if _, err := d.Store.CheckAccessToken(ctx, token); isDead(err) {
		return oauth.Introspection{}, nil
	} else if err != nil {
		return oauth.Introspection{}, err
	}
	scope, err := d.Store.ScopeNow(ctx, token.ClientID, token.Scope)
	if err != nil {
		return oauth.Introspection{}, err
	}
	return oauth.Introspection{
		Active: true, Scope: scope, ClientID: token.ClientID, TokenType: oauth.TokenTypeDPoP,
		ExpiresAt: token.ExpiresAt.Unix(), IssuedAt: token.IssuedAt.Unix(), Subject: token.Subject,
		Audience: token.Audience, Issuer: token.Issuer, ID: token.ID,
		Confirm: &oauth.Confirmation{Thumbprint: token.Thumbprint},
	}, nil
}

func (d *Device) introspectRefreshToken(ctx context.Context, clientID, raw string) (oauth.Introspection, error) {
	token, err := d.Store.LookUpRefreshToken(ctx, clientID, raw)
	if isDead(err) {
		return oauth.Introspection{}, nil
	}
	if err != nil {
		return oauth.Introspection{}, err
	}
	return oauth.Introspection{
		Active: true, Scope: token.Scope, ClientID: token.ClientID, Subject: token.AccountID, Issuer: d.Issuer,
		ExpiresAt: min(token.IdleUntil, token.ExpiresAt).Seconds(), IssuedAt: token.CreatedAt.Seconds(),
		Confirm: &oauth.Confirmation{Thumbprint: token.JWKThumbprint},
	}, nil
}

// accessToken verifies a token of ours for one of these audiences. For anything else it
// returns the zero AccessToken and no error: no caller is told why.
func (d *Device) accessToken(ctx context.Context, raw string, audiences ...string) (oauth.AccessToken, error) {
	keys, err := d.Store.AccessTokenKeys(ctx)
	if err != nil {
		return oauth.AccessToken{}, err
	}
	token, _ := oauth.VerifyAccessToken(raw, keys, d.Issuer, audiences, d.Store.Now())
	return token, nil
}

// ownAccessToken verifies a token of ours for any audience, as accessToken does.
func (d *Device) ownAccessToken(ctx context.Context, raw string) (oauth.AccessToken, error) {
	keys, err := d.Store.AccessTokenKeys(ctx)
	if err != nil {
		return oauth.AccessToken{}, err
	}
	token, _ := oauth.VerifyIssuedToken(raw, keys, d.Issuer, d.Store.Now())
	return token, nil
}

// isDead tells a token that no longer stands from a fault.
func isDead(err error) bool {
	return errors.Is(err, models.ErrUnknownToken) || errors.Is(err, models.ErrNotFound) ||
		errors.Is(err, models.ErrBindingRevoked) || errors.Is(err, models.ErrAccountNotActive) ||
		errors.Is(err, models.ErrClientNotActive)
}

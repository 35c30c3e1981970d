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

// Introspect answers POST /introspect (RFC 7662) for the caller's own tokens, access
// and refresh. Whatever is not live and the caller's own is only {"active":false}.
func (d *Device) Introspect(c echo.Context) error {
	client := web.ClientOf(c)
	token := client.Parameters.Get(oauth.ParamToken)
	if token == "" {
		return oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamToken)
	}
	answer, err := d.introspectAccessToken(c.Request().Context(), client.ID, token)
	if err == nil && !answer.Active {
		answer, err = d.introspectRefreshToken(c.Request().Context(), client.ID, token)
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer)
}

func (d *Device) introspectAccessToken(ctx context.Context, clientID, raw string) (oauth.Introspection, error) {
	token, err := d.accessToken(ctx, raw)
	if err != nil || token.ClientID != clientID {
		return oauth.Introspection{}, err
	}
	if _, err := d.Store.CheckAccessToken(ctx, token); isDead(err) {
		return oauth.Introspection{}, nil
	} else if err != nil {
		return oauth.Introspection{}, err
	}
	return oauth.Introspection{
		Active: true, Scope: token.Scope, ClientID: token.ClientID, TokenType: oauth.TokenTypeDPoP,
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

// accessToken verifies a token of ours. What is none is the zero AccessToken and no
// error: why it is none is told to nobody.
func (d *Device) accessToken(ctx context.Context, raw string) (oauth.AccessToken, error) {
	keys, err := d.Store.AccessTokenKeys(ctx)
	if err != nil {
		return oauth.AccessToken{}, err
	}
	token, _ := oauth.VerifyAccessToken(raw, keys, d.Issuer, []string{d.Audience()}, d.Store.Now())
	return token, nil
}

// isDead tells a token that no longer stands from a fault.
func isDead(err error) bool {
	return errors.Is(err, models.ErrUnknownToken) || errors.Is(err, models.ErrNotFound) ||
		errors.Is(err, models.ErrBindingRevoked) || errors.Is(err, models.ErrAccountNotActive)
}

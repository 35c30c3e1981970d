package web

import (
	"errors"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// ManagedClient is the client whose registration a request reads, replaces or deletes,
// with the registration access token that it came with (RFC 7592 section 2).
type ManagedClient struct {
	models.Client
	Token string
}

const managedKey = "managed client"

// ManagedOf is the client that the access rule Manager let in.
func ManagedOf(c echo.Context) ManagedClient {
	managed, _ := c.Get(managedKey).(ManagedClient)
	return managed
}

// requireManager finds the client by the path and its registration access token, and
// holds it to the limits of a client that authenticates with its key: a network is
// refused after too many bad tokens, a client that asks too fast waits.
func (a *App) requireManager(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		network, id, token := networkOf(c), c.Param("id"), BearerToken(c)
		if err := a.mayAuthenticate(network, id); err != nil {
			return err
		}
		client, err := a.Store.ManagedClient(c.Request().Context(), id, token)
		if errors.Is(err, models.ErrUnknownToken) {
			a.limits.failed.take(network, a.Store.Now())
		}
		if err != nil {
			return RefusedManagement(err)
		}
		if err := a.authenticated(network, AuthenticatedClient{Client: client}); err != nil {
			return err
		}
		c.Set(managedKey, ManagedClient{client, token})
		return next(c)
	}
}

// RefusedManagement answers a client that is not there as it answers a wrong token, and
// one that an administrator disabled with 403 (RFC 7592 section 2.1).
func RefusedManagement(err error) error {
	switch {
	case errors.Is(err, models.ErrUnknownToken):
		return &BearerRefused{Description: "send this client's registration_access_token as Authorization: Bearer"}
	case errors.Is(err, models.ErrClientNotActive):
		return echo.ErrForbidden
	}
	return err
}

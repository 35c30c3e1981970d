package web

import (
	"context"
	"errors"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// ManagedClient is the client whose registration a request reads, replaces or deletes,
// with the registration access token that it came with (RFC 7592 §2).
type ManagedClient struct {
	models.Client
	Token string
}

const managedKey = "managed client"

// ManagedOf returns the client that the access rule Manager let in.
func ManagedOf(c echo.Context) ManagedClient {
	managed, _ := c.Get(managedKey).(ManagedClient)
	return managed
}

// requireManager finds the client by the path and its registration access token, and
// holds it to the limits of a client that authenticates with its key: bad tokens count
// for the client that the path names, a client that asks too fast waits.
func (a *App) requireManager(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		network, id := networkOf(c), c.Param("id")
		token, err := BearerToken(c)
		if err != nil {
			return err
		}
		if token == "" {
			return a.refuseAnonymous(network, RefusedToken("", ""))
		}
		if err := a.mayAuthenticate(network, id); err != nil {
			return err
		}
		client, err := a.Store.ManagedClient(c.Request().Context(), id, token)
		if errors.Is(err, models.ErrUnknownToken) {
			if limited := a.badToken(c.Request().Context(), network, id); limited != nil {
				return limited
			}
		}
		if err != nil {
			return RefusedManagement(err, token)
		}
		if err := a.withinClientLimit(AuthenticatedClient{Client: client}); err != nil {
			return err
		}
		c.Set(managedKey, ManagedClient{client, token})
		return next(c)
	}
}

// badToken counts a registration access token that is not the client's, or the network's
// when there is no such client. Error: *models.TooManyError.
func (a *App) badToken(ctx context.Context, network, id string) error {
	_, err := a.Store.Client(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return a.countUnknown(network)
	}
	if err == nil {
		a.countFailure(network, id)
	}
	return err
}

// RefusedManagement answers a client that is not there as it answers a wrong token, and
// one that an administrator disabled with 403 (RFC 7592 §2.1).
func RefusedManagement(err error, token string) error {
	switch {
	case errors.Is(err, models.ErrUnknownToken):
		return RefusedToken(token, "this is not the client's registration_access_token")
	case errors.Is(err, models.ErrClientNotActive):
		return echo.ErrForbidden
	}
	return err
}

package web

import (
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// A failed authentication is counted where it hurts no other client. One that names a
// client of ours counts for that client in that network; one that names none counts for
// the network; one without an assertion costs nothing and counts nowhere. So a stranger
// can close a network to requests that name no client of ours, and to no phone: a
// client_id has 90 random bits, which the stranger does not have.

// refuseAnonymous returns the refusal of a request without an assertion that could be
// read, or without a token: while the network is closed, *models.TooManyError.
func (a *App) refuseAnonymous(network string, refusal error) error {
	if err := tooMany(a.limits.Wait(a.limits.FailedUnknown.Places(network), a.Store.Now())); err != nil {
		return err
	}
	return refusal
}

// refuseUnknownClient counts an assertion of a client that is not registered, and returns
// its refusal.
func (a *App) refuseUnknownClient(network string) error {
	if err := a.countUnknown(network); err != nil {
		return err
	}
	return oauth.UnknownClient()
}

// countUnknown counts what names no client of ours. Error: *models.TooManyError.
func (a *App) countUnknown(network string) error {
	return tooMany(a.limits.Take(a.limits.FailedUnknown.Places(network), a.Store.Now()))
}

// mayAuthenticate refuses a client for which too many authentications failed in this
// network, before anything is verified or fetched. Error: *models.TooManyError.
func (a *App) mayAuthenticate(network, clientID string) error {
	wait := a.limits.FailedOfClient.Wait(within(network, clientID), a.Store.Now())
	return tooMany(a.limits.FailedOfClient.What(), wait)
}

// countFailure counts a refused assertion, or a wrong registration access token, of the
// client.
func (a *App) countFailure(network, clientID string) {
	a.limits.FailedOfClient.Take(within(network, clientID), a.Store.Now())
}

// withinClientLimit counts a request of a client that has authenticated. A resource server
// is the organisation's own and is not counted. Error: *models.TooManyError.
func (a *App) withinClientLimit(client AuthenticatedClient) error {
	if client.ResourceServer != nil {
		return nil
	}
	return a.takeOne(a.limits.Client, client.ID)
}

// isPoll reports whether the request asks about a device code: a poll that comes too fast
// has an answer of its own (RFC 8628 §3.5).
func isPoll(c echo.Context, parameters oauth.Parameters) bool {
	return c.Path() == oauth.PathToken && parameters.Get(oauth.ParamGrantType) == oauth.GrantTypeDeviceCode
}

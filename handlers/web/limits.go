package web

import (
	"errors"
	"math"
	"strconv"
	"time"

	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Limit says what a route is held to, besides what every request of a client is.
type Limit int

// The limits of routes.
const (
	NoLimit       Limit = iota
	Registrations       // by network: each makes a row, and anybody may
	SignIns             // by network: each makes a row, and anybody may
	Logouts             // by network: a logout token of an unknown key has the provider's keys fetched
	Requests            // device authorizations: by client, by network, and by account identifier within a network
	Searches            // by operator
	CodeEntries         // by network; models counts the wrong ones by account and operator
)

// limits are all buckets of a process. A network is an address, of IPv6 its /64
// (models.NetworkOf), and the address is the connection's own unless a configured proxy
// says otherwise (attacks.md row 31).
type limits struct {
	registrations, signIns, logouts, searches, codes    *rates
	requestsOfClient, requestsOfNetwork, requestsOfHint *rates

	client *rates // every authenticated request of a client instance
	failed *rates // failed client authentications, by network
	known  *rates // networks and clients that authenticated there: see mayAuthenticate
}

func newLimits(level LimitLevel) *limits {
	kind := func(what string, normal, strict limitRate) *rates {
		return newRates(what, level, perLevel{normal, strict})
	}
	return &limits{
		registrations:     kind("registrations from this network", limitRate{30, time.Minute}, limitRate{5, 10 * time.Minute}),
		signIns:           kind("sign-ins from this network", limitRate{60, 2 * time.Second}, limitRate{20, 10 * time.Second}),
		logouts:           kind("logouts from this network", limitRate{120, time.Second}, limitRate{60, 2 * time.Second}),
		searches:          kind("searches", limitRate{60, 2 * time.Second}, limitRate{20, 6 * time.Second}),
		codes:             kind("codes from this network", limitRate{120, 10 * time.Second}, limitRate{30, time.Minute}),
		requestsOfClient:  kind("requests of this client", limitRate{10, time.Minute}, limitRate{5, 10 * time.Minute}),
		requestsOfNetwork: kind("requests from this network", limitRate{120, 2 * time.Second}, limitRate{20, time.Minute}),
		requestsOfHint:    kind("requests for this identifier", limitRate{20, 3 * time.Minute}, limitRate{10, 10 * time.Minute}),
		client:            kind("requests of this client", limitRate{60, time.Second / 2}, limitRate{30, time.Second}),
		failed:            kind("failed authentications from this network", limitRate{60, time.Second}, limitRate{20, 10 * time.Second}),
		known:             kind("", limitRate{1, time.Hour}, limitRate{1, time.Hour}),
	}
}

// limit is the middleware of a route's limit, behind its access rule. What is refused has
// no event: a flood must not fill the trail.
func (a *App) limit(by Limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := a.withinLimit(c, by); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// WithinLimit holds a request to a limit that only some of its route's requests have.
// Error: *models.TooManyError.
func (a *App) WithinLimit(c echo.Context, by Limit) error { return a.withinLimit(c, by) }

// withinLimit takes a place in every bucket of the limit. Error: *models.TooManyError.
func (a *App) withinLimit(c echo.Context, by Limit) error {
	network := networkOf(c)
	switch by {
	case Registrations:
		return a.take(a.limits.registrations, network)
	case SignIns:
		return a.take(a.limits.signIns, network)
	case Logouts:
		return a.take(a.limits.logouts, network)
	case Searches:
		return a.take(a.limits.searches, SessionOf(c).Staff.ID)
	case CodeEntries:
		return a.take(a.limits.codes, network)
	case Requests:
		client := ClientOf(c)
		if err := a.take(a.limits.requestsOfClient, client.ID); err != nil {
			return err
		}
		if err := a.take(a.limits.requestsOfNetwork, network); err != nil {
			return err
		}
		// Whether the identifier names an account plays no part.
		hint := models.IdentifierKey(client.Parameters.Get(oauth.ParamLoginHint))
		return a.take(a.limits.requestsOfHint, network+" "+hint)
	}
	return nil
}

func (a *App) take(r *rates, key string) error {
	if wait := r.take(key, a.Store.Now()); wait > 0 {
		return &models.TooManyError{What: r.what, RetryAfter: wait}
	}
	return nil
}

func networkOf(c echo.Context) string { return models.NetworkOf(Address(c).String()) }

// mayAuthenticate refuses a network from which too many authentications failed, before
// anything is verified; but not a client that authenticated from there within the hour:
// a stranger in the same network locks out no phone that asks at its interval.
func (a *App) mayAuthenticate(network, clientID string) error {
	now := a.Store.Now()
	wait := a.limits.failed.wait(network, now)
	if wait == 0 || a.limits.known.wait(network+" "+clientID, now) > 0 {
		return nil
	}
	return &models.TooManyError{What: a.limits.failed.what, RetryAfter: wait}
}

// authenticated remembers a client's success in its network, and says whether the client
// asks too fast. A resource server is the house's own and is not counted.
func (a *App) authenticated(network string, client AuthenticatedClient) error {
	if client.ResourceServer != nil {
		return nil
	}
	a.limits.known.take(network+" "+client.ID, a.Store.Now())
	return a.take(a.limits.client, client.ID)
}

// isPoll says whether the request asks about a device code: it has an answer of its own
// for who asks too fast (RFC 8628 section 3.5).
func isPoll(c echo.Context, parameters oauth.Parameters) bool {
	return c.Path() == oauth.PathToken && parameters.Get(oauth.ParamGrantType) == oauth.GrantTypeDeviceCode
}

// retryAfter puts the header on an answer that says "too many", in whole seconds.
func retryAfter(err error, c echo.Context) (tooMany *models.TooManyError, is bool) {
	if !errors.As(err, &tooMany) {
		return nil, false
	}
	seconds := max(1, int(math.Ceil(tooMany.RetryAfter.Seconds())))
	c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	return tooMany, true
}

func tooManyPage(e *models.TooManyError) views.ErrorProps {
	wait := "a minute"
	if minutes := int(math.Ceil(e.RetryAfter.Minutes())); minutes > 1 {
		wait = strconv.Itoa(minutes) + " minutes"
	}
	return views.ErrorProps{Heading: "Too many " + e.What, What: "Nothing was changed.",
		Next: "Wait " + wait + ", then try again.", LinkText: "To the start", LinkURL: "/"}
}

package web

import (
	"errors"
	"time"

	"countersign/handlers/limits"
	"countersign/models"
	"countersign/models/spelling"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// Limit says what a route is held to, besides what every request of a client is. The
// numbers are in handlers/limits.
type Limit int

// The limits of routes.
const (
	NoLimit        Limit = iota
	Registrations        // by network: each makes a row, and anybody may
	RefusedSignIns       // by network: each is an event, and anybody may
	Logouts              // by network: a logout token of an unknown key has the provider's keys fetched
	Requests             // device authorizations: by client, by network, and all but a client's first by account identifier within a network
	Searches             // by operator
	CodeEntries          // by network; models counts the wrong ones by account and operator
)

// limit is the middleware of a route's limit, behind its access rule. What is refused has
// no event: a flood must not fill the trail. A request that was only told the nonce for
// its proof gives its places back (RFC 9449 §8). Otherwise a phone that waits for a place
// would spend it on asking for the nonce, and would not have the nonce when it has waited
// again.
func (a *App) limit(by Limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			places, err := a.placesFor(c, by)
			if err != nil {
				return err
			}
			if err := tooMany(a.limits.Take(places, a.Store.Now())); err != nil {
				return err
			}
			err = next(c)
			if refusal, is := errors.AsType[*oauth.Error](err); is && refusal.Code == oauth.ErrUseDPoPNonce {
				a.limits.GiveBack(places, a.Store.Now())
			}
			return err
		}
	}
}

// WithinLimit holds a request to a limit that only some of its route's requests have.
// Error: *models.TooManyError.
func (a *App) WithinLimit(c echo.Context, by Limit) error {
	places, err := a.placesFor(c, by)
	if err != nil {
		return err
	}
	return tooMany(a.limits.Take(places, a.Store.Now()))
}

// placesFor returns the places that a request of a limit needs.
func (a *App) placesFor(c echo.Context, by Limit) ([]limits.Place, error) {
	network := networkOf(c)
	switch by {
	case Registrations:
		return []limits.Place{{Of: a.limits.Registrations, Key: network}}, nil
	case RefusedSignIns:
		return []limits.Place{{Of: a.limits.RefusedSignIns, Key: network}}, nil
	case Logouts:
		return []limits.Place{{Of: a.limits.Logouts, Key: network}}, nil
	case Searches:
		return []limits.Place{{Of: a.limits.Searches, Key: SessionOf(c).Staff.ID}}, nil
	case CodeEntries:
		return []limits.Place{{Of: a.limits.Codes, Key: network}}, nil
	case Requests:
		return a.placesOfRequest(c, network)
	}
	return nil, nil
}

// placesOfRequest returns the places of a device authorization request. The first request
// of a client instance that waits for an identifier takes no place of the identifier's:
// otherwise a stranger in the network could keep the owner's phone out by asking all the
// time (docs/decisions/0011-pending-requests.md). Whether the identifier names an account
// plays no part.
func (a *App) placesOfRequest(c echo.Context, network string) ([]limits.Place, error) {
	client := ClientOf(c)
	places := []limits.Place{{Of: a.limits.RequestsOfClient, Key: client.ID}, {Of: a.limits.RequestsOfNetwork, Key: network}}
	hint := client.Parameters.Get(oauth.ParamLoginHint)
	if waits, err := a.Store.Waits(c.Request().Context(), client.ID, hint); err != nil || !waits {
		return places, err
	}
	return append(places, limits.Place{Of: a.limits.RequestsOfHint, Key: within(network, spelling.Key(hint))}), nil
}

// takeOne takes one place. Error: *models.TooManyError.
func (a *App) takeOne(buckets *limits.Buckets, key string) error {
	return tooMany(buckets.What(), buckets.Take(key, a.Store.Now()))
}

// tooMany returns a *models.TooManyError, or nil when nothing is to be waited for.
func tooMany(what string, wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &models.TooManyError{What: what, RetryAfter: wait}
}

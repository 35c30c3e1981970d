package web

import (
	"bytes"
	"errors"
	"io"
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
	NoLimit       Limit = iota
	Registrations       // by network, whoever waited as told first: each makes a row, and anybody may
	KeyChanges          // by client: each has a key fetched
	Requests            // device authorizations: by client, by network, and all but a client's first by account identifier within a network
	Searches            // by operator
	LogReads            // by network
	CodeEntries         // by operator; models counts the wrong ones by account and operator
)

// limit is the middleware of a route's limit, behind its access rule: a stranger takes no
// place of those that are for staff. What is refused has no event: a flood must not fill
// the trail. A request that was only told the nonce for its proof gives its places back
// (RFC 9449 §8). Otherwise a phone that waits for a place would spend it on asking for the
// nonce, and would not have the nonce when it has waited again.
func (a *App) limit(by Limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if by == NoLimit {
			return next
		}
		return func(c echo.Context) error {
			taken, err := a.take(c, by)
			if err != nil {
				return err
			}
			err = next(c)
			if refusal, is := errors.AsType[*oauth.Error](err); is && refusal.Code == oauth.ErrUseDPoPNonce {
				a.limits.GiveBackTurn(taken, a.Store.Now())
			}
			return err
		}
	}
}

// WithinLimit holds a request to a limit that only some of its route's requests have.
// Error: *models.TooManyError.
func (a *App) WithinLimit(c echo.Context, by Limit) error {
	_, err := a.take(c, by)
	return err
}

// StrangerOf returns where the request came from, and whether there were so many events from
// there, or of all strangers together, that what it does is counted instead of having one.
// It is asked once for an act.
func (a *App) StrangerOf(c echo.Context) models.Stranger {
	return models.Stranger{Address: AddressText(c), Counted: a.counted(networkOf(c))}
}

// counted takes a place for an event of what is done from a network, or from anything else
// that strangers choose.
func (a *App) counted(network string) bool {
	what, _ := a.limits.Take(a.limits.Events.Places(network), a.now())
	return what != ""
}

// MayFetchProviderKeys reports whether the keys of the staff's provider may be fetched
// again, whose address that is. Who sends made-up tokens makes the server fetch no more
// often than that; after each fetch it knows the newest keys.
func (a *App) MayFetchProviderKeys(address string) bool {
	return a.limits.ProviderKeys.Take(address, a.now()) == 0
}

func (a *App) take(c echo.Context, by Limit) (limits.Taken, error) {
	turn, err := a.turnFor(c, by)
	if err != nil {
		return limits.Taken{}, err
	}
	taken, what, wait := a.limits.TakeTurn(turn, a.Store.Now())
	return taken, tooMany(what, wait)
}

// turnFor returns what a request of a limit needs.
func (a *App) turnFor(c echo.Context, by Limit) (limits.Turn, error) {
	one := func(of *limits.Buckets, key string) (limits.Turn, error) {
		return limits.Turn{Besides: []limits.Place{{Of: of, Key: key}}}, nil
	}
	switch by {
	case Registrations:
		return a.turnOfRegistration(c)
	case KeyChanges:
		return one(a.limits.KeyChanges, ManagedOf(c).ID)
	case Searches:
		return one(a.limits.Searches, SessionOf(c).Staff.ID)
	case CodeEntries:
		return one(a.limits.Codes, SessionOf(c).Staff.ID)
	case LogReads:
		return limits.Turn{Besides: a.limits.LogReads.Places(networkOf(c))}, nil
	case Requests:
		return a.turnOfRequest(c)
	}
	return limits.Turn{}, nil
}

// turnOfRegistration knows a registration that comes back by its key. One with an initial
// access token that is good for it waits for no stranger: it counts by its token.
func (a *App) turnOfRegistration(c echo.Context) (limits.Turn, error) {
	token, err := BearerToken(c)
	if err != nil {
		return limits.Turn{}, err
	}
	if token != "" && a.Store.CheckInitialToken(c.Request().Context(), token) == nil {
		return limits.Turn{Besides: []limits.Place{{Of: a.limits.Client, Key: oauth.HashRegistrationToken(token)}}}, nil
	}
	body, err := ReadMetadata(c.Request())
	if err != nil {
		return limits.Turn{}, err
	}
	c.Request().Body = io.NopCloser(bytes.NewReader(body))
	return limits.Turn{Of: a.limits.Registrations, Network: networkOf(c), Who: oauth.RegisteringKey(body)}, nil
}

// turnOfRequest returns what a device authorization request needs. The first request
// of a client instance that waits for an identifier takes no place of the identifier's:
// otherwise a stranger in the network could keep the owner's phone out by asking all the
// time (docs/decisions/0011-pending-requests.md). Whether the identifier names an account
// plays no part.
func (a *App) turnOfRequest(c echo.Context) (limits.Turn, error) {
	client, network := ClientOf(c), networkOf(c)
	turn := limits.Turn{
		Of: a.limits.RequestsOfNetwork, Network: network, Who: client.ID,
		Besides: []limits.Place{{Of: a.limits.RequestsOfClient, Key: client.ID}},
	}
	hint := client.Parameters.Get(oauth.ParamLoginHint)
	if waits, err := a.Store.Waits(c.Request().Context(), client.ID, hint); err != nil || !waits {
		return turn, err
	}
	turn.Besides = append(turn.Besides, limits.Place{Of: a.limits.RequestsOfHint, Key: within(network, spelling.Key(hint))})
	return turn, nil
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

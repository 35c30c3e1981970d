package web

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"countersign/models"
	"countersign/models/spelling"
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
	Requests            // device authorizations: by client, by network, and all but a client's first by account identifier within a network
	Searches            // by operator
	CodeEntries         // by network; models counts the wrong ones by account and operator
)

// limits are all buckets of a process. A network is an address, of IPv6 its /64
// (models.NetworkOf), and the address is the connection's own unless a configured proxy
// says otherwise (attacks.md row 31).
type limits struct {
	registrations, signIns, logouts, searches, codes    *rates
	requestsOfClient, requestsOfNetwork, requestsOfHint *rates

	client         *rates // every authenticated request of a client instance
	failedUnknown  *rates // client authentications that name no client of ours, by network
	failedOfClient *rates // failed client authentications, by network and client

	together sync.Mutex // held while places are taken in several of them
}

func newLimits(level LimitLevel) *limits {
	kind := func(what string, normal, strict limitRate) *rates {
		return newRates(what, level, perLevel{normal, strict})
	}
	return &limits{
		registrations:     kind("registrations from this network", limitRate{30, time.Minute}, limitRate{5, 10 * time.Minute}),
		signIns:           kind(signInsFromNetwork, limitRate{60, 2 * time.Second}, limitRate{20, 10 * time.Second}),
		logouts:           kind("logouts from this network", limitRate{120, time.Second}, limitRate{60, 2 * time.Second}),
		searches:          kind(searchesOfOperator, limitRate{60, 2 * time.Second}, limitRate{20, 6 * time.Second}),
		codes:             kind(codesFromNetwork, limitRate{120, 10 * time.Second}, limitRate{30, time.Minute}),
		requestsOfClient:  kind("requests of this client", limitRate{10, time.Minute}, limitRate{5, 10 * time.Minute}),
		requestsOfNetwork: kind("requests from this network", limitRate{120, 2 * time.Second}, limitRate{20, time.Minute}),
		requestsOfHint:    kind("requests for this identifier", limitRate{20, 3 * time.Minute}, limitRate{10, 10 * time.Minute}),
		client:            kind("requests of this client", limitRate{60, time.Second / 2}, limitRate{30, time.Second}),
		failedUnknown:     kind("failed authentications from this network", limitRate{60, time.Second}, limitRate{20, 10 * time.Second}),
		failedOfClient:    kind("failed authentications of this client", limitRate{60, time.Second}, limitRate{20, 10 * time.Second}),
	}
}

// What a person at a page may do too often; see tooManyOf.
const (
	signInsFromNetwork = "sign-ins from this network"
	searchesOfOperator = "searches"
	codesFromNetwork   = "codes from this network"
)

// place is one in the bucket of a key.
type place struct {
	of  *rates
	key string
}

// limit is the middleware of a route's limit, behind its access rule. What is refused has
// no event: a flood must not fill the trail. A request that was only told the nonce for
// its proof gives its places back (RFC 9449 section 8), or a phone that waits for one
// would spend it on asking for the nonce, and the nonce on waiting.
func (a *App) limit(by Limit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			places, err := a.placesFor(c, by)
			if err == nil {
				err = a.takeAll(places)
			}
			if err != nil {
				return err
			}
			err = next(c)
			if refusal, is := errors.AsType[*oauth.Error](err); is && refusal.Code == oauth.ErrUseDPoPNonce {
				a.giveBack(places)
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
	return a.takeAll(places)
}

// placesFor are the places that a request of a limit needs.
func (a *App) placesFor(c echo.Context, by Limit) ([]place, error) {
	network := networkOf(c)
	switch by {
	case Registrations:
		return []place{{a.limits.registrations, network}}, nil
	case SignIns:
		return []place{{a.limits.signIns, network}}, nil
	case Logouts:
		return []place{{a.limits.logouts, network}}, nil
	case Searches:
		return []place{{a.limits.searches, SessionOf(c).Staff.ID}}, nil
	case CodeEntries:
		return []place{{a.limits.codes, network}}, nil
	case Requests:
		return a.placesOfRequest(c, network)
	}
	return nil, nil
}

// placesOfRequest: the first request of a client instance that waits for an identifier
// takes no place of the identifier's, or a stranger in the network who goes on asking would
// keep the owner's phone out (docs/decisions/0011-pending-requests.md). Whether the
// identifier names an account plays no part.
func (a *App) placesOfRequest(c echo.Context, network string) ([]place, error) {
	client := ClientOf(c)
	places := []place{{a.limits.requestsOfClient, client.ID}, {a.limits.requestsOfNetwork, network}}
	hint := client.Parameters.Get(oauth.ParamLoginHint)
	if waits, err := a.Store.Waits(c.Request().Context(), client.ID, hint); err != nil || !waits {
		return places, err
	}
	return append(places, place{a.limits.requestsOfHint, network + " " + spelling.Key(hint)}), nil
}

// takeAll takes every place or none: who is refused by one limit spends nothing at
// another. Error: *models.TooManyError, with the longest of the waits.
func (a *App) takeAll(places []place) error {
	a.limits.together.Lock()
	defer a.limits.together.Unlock()
	now := a.Store.Now()
	var refused error
	var longest time.Duration
	for _, p := range places {
		if wait := p.of.wait(p.key, now); wait > longest {
			longest, refused = wait, &models.TooManyError{What: p.of.what, RetryAfter: wait}
		}
	}
	if refused != nil {
		return refused
	}
	for _, p := range places {
		p.of.take(p.key, now)
	}
	return nil
}

func (a *App) giveBack(places []place) {
	for _, p := range places {
		p.of.giveBack(p.key, a.Store.Now())
	}
}

func (a *App) take(r *rates, key string) error {
	if wait := r.take(key, a.Store.Now()); wait > 0 {
		return &models.TooManyError{What: r.what, RetryAfter: wait}
	}
	return nil
}

func networkOf(c echo.Context) string { return models.NetworkOf(Address(c).String()) }

// A failed authentication is counted where it hurts nobody else. One that names a client
// of ours counts for that client in that network; one that does not, for the network; one
// that brings no assertion costs nothing and counts nowhere. So a stranger can close a
// network to what names no client of ours, and to no phone: a client_id is 128 random bits
// that a stranger does not have.

// nobody refuses a request without an assertion that could be read, or without a token.
func (a *App) nobody(network string, refusal error) error {
	if wait := a.limits.failedUnknown.wait(network, a.Store.Now()); wait > 0 {
		return &models.TooManyError{What: a.limits.failedUnknown.what, RetryAfter: wait}
	}
	return refusal
}

// unknown refuses an assertion of a client that is not registered.
func (a *App) unknown(network string) error {
	if err := a.take(a.limits.failedUnknown, network); err != nil {
		return err
	}
	return oauth.UnknownClient()
}

// mayAuthenticate refuses a client for which too many authentications failed in this
// network, before anything is verified or fetched. Error: *models.TooManyError.
func (a *App) mayAuthenticate(network, clientID string) error {
	wait := a.limits.failedOfClient.wait(network+" "+clientID, a.Store.Now())
	if wait == 0 {
		return nil
	}
	return &models.TooManyError{What: a.limits.failedOfClient.what, RetryAfter: wait}
}

// failed counts an assertion of the client that was refused.
func (a *App) failed(network, clientID string) {
	a.limits.failedOfClient.take(network+" "+clientID, a.Store.Now())
}

// authenticated says whether the client asks too fast. A resource server is the house's
// own and is not counted.
func (a *App) authenticated(client AuthenticatedClient) error {
	if client.ResourceServer != nil {
		return nil
	}
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

func tooManyPage(ctx context.Context, e *models.TooManyError) views.ErrorProps {
	say := views.Speaker(ctx)
	return views.ErrorProps{Heading: tooManyOf(say, e.What), What: say("Nothing was changed."),
		Next: say("Wait %d minutes, then try again.", max(1, int(math.Ceil(e.RetryAfter.Minutes())))), LinkText: say("To the start"), LinkURL: "/"}
}

// tooManyOf names what a person did too often: what only clients do needs no words.
func tooManyOf(say views.Sayer, what string) string {
	switch what {
	case signInsFromNetwork:
		return say("Too many sign-ins from this network")
	case searchesOfOperator:
		return say("Too many searches")
	case codesFromNetwork:
		return say("Too many codes from this network")
	case models.WrongCodes:
		return say("Too many wrong codes")
	}
	return say("Too many requests")
}

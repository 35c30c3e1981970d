package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"
)

// AuthenticatedClient is the client instance behind a request, with the request's
// parameters, read once.
type AuthenticatedClient struct {
	models.Client                         // of a resource server only its ID, where Waiting has an ID what models.WaitingPoll has
	ResourceServer *models.ResourceServer // who introspects, when it is no client instance
	Parameters     oauth.Parameters
	Waiting        models.DeviceAuthorization // the request that it polls for, where that waits, as models.WaitingPoll has it
	TooFast        bool                       // a poll beyond the client's limit: slow_down, unless it can collect
	Assertion      models.UsedProof           // to be used up by the transaction that changes state
}

const clientKey = "client"

// ClientOf returns the client that the access rule Client or Introspector let in.
func ClientOf(c echo.Context) AuthenticatedClient {
	if client, is := c.Get(clientKey).(*AuthenticatedClient); is {
		return *client
	}
	return AuthenticatedClient{}
}

// requireClient reads the form and authenticates the client by private_key_jwt, the
// same way at every endpoint (RFC 8628 §3.1, RFC 7523 §3). A replay that
// this process has seen is refused here; across processes the single use of an
// assertion is settled by the transaction that it pays for (docs/architecture.md §4.5).
// Only the rule Introspector knows resource servers.
func (a *App) requireClient(rule Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			client, err := a.authenticate(c, rule)
			if err != nil {
				return err
			}
			if err := a.withinClientLimit(client); err != nil && !isPoll(c, client.Parameters) {
				return err
			} else if err != nil {
				client.TooFast = true
			}
			c.Set(clientKey, &client)
			return next(c)
		}
	}
}

func (a *App) authenticate(c echo.Context, rule Access) (AuthenticatedClient, error) {
	parameters, err := readParameters(c.Request())
	if err != nil {
		return AuthenticatedClient{}, err
	}
	network := networkOf(c)
	credential, refusal := oauth.ReadClientAuthentication(parameters, c.Request().Header.Get("Authorization"))
	if refusal != nil {
		return AuthenticatedClient{}, a.refuseAnonymous(network, refusal)
	}
	ctx := c.Request().Context()
	client, err := a.asking(c, credential.ClientID, rule, parameters)
	if errors.Is(err, models.ErrNotFound) {
		return AuthenticatedClient{}, a.refuseUnknownClient(network)
	}
	if err != nil {
		return AuthenticatedClient{}, err
	}
	if err := a.mayAuthenticate(network, client.ID); err != nil {
		return AuthenticatedClient{}, err
	}
	if client.JWKSURI != "" {
		ctx = Aside(c)
	}
	keys, err := a.keysOf(ctx, &client, credential.Assertion)
	if err != nil {
		return AuthenticatedClient{}, err
	}
	client.Parameters = parameters
	client.Assertion, err = a.verifyAssertion(client.ID, keys, credential)
	if err != nil && !errors.Is(err, oauth.ErrNoRoom) {
		a.countFailure(network, client.ID)
	}
	return client, err
}

// asking finds the client, and with a poll the request that it is about, which nearly always waits. Error: models.ErrNotFound.
func (a *App) asking(c echo.Context, id string, rule Access, parameters oauth.Parameters) (AuthenticatedClient, error) {
	ctx := c.Request().Context()
	if isPoll(c, parameters) {
		poll, err := a.Store.WaitingPoll(ctx, id, parameters.Get(oauth.ParamDeviceCode))
		if !errors.Is(err, models.ErrNotFound) {
			return AuthenticatedClient{Client: poll.Client, Waiting: poll.Request}, err
		}
	}
	return a.registered(ctx, id, rule)
}

// registered finds the client, or the resource server where the rule lets one in. Error:
// models.ErrNotFound.
func (a *App) registered(ctx context.Context, id string, rule Access) (AuthenticatedClient, error) {
	client, err := a.Store.Client(ctx, id)
	if rule != Introspector || !errors.Is(err, models.ErrNotFound) {
		return AuthenticatedClient{Client: client}, err
	}
	server, err := a.Store.ResourceServer(ctx, id)
	return AuthenticatedClient{Client: models.Client{ID: server.ID}, ResourceServer: &server}, err
}

// keysOf returns the keys that the assertion is verified by. The client's own may change with
// it: see keysFor.
func (a *App) keysOf(ctx context.Context, client *AuthenticatedClient, assertion string) (jose.JSONWebKeySet, error) {
	if client.ResourceServer != nil {
		return client.ResourceServer.Keys()
	}
	known, err := a.keysFor(ctx, client.Client, func(keys jose.JSONWebKeySet) bool { return oauth.SignedBy(assertion, keys) })
	client.Client = known.Client
	return known.keys, err
}

// readParameters reads an application/x-www-form-urlencoded body (RFC 6749 §3.2):
// parameters in the URL do not count.
func readParameters(request *http.Request) (oauth.Parameters, error) {
	body, err := readURLEncoded(request)
	if err != nil {
		return nil, err
	}
	parameters, refusal := oauth.ParseParameters(body)
	if refusal != nil {
		return nil, refusal
	}
	return parameters, nil
}

func (a *App) verifyAssertion(clientID string, keys jose.JSONWebKeySet, by oauth.ClientCredential) (models.UsedProof, error) {
	now := a.Store.Now()
	assertion, refusal := by.Verify(keys, oauth.AssertionRules{Issuer: a.Issuer, Now: now})
	if refusal != nil {
		return models.UsedProof{}, refusal
	}
	proof := models.UsedProof{Kind: "assertion", Owner: clientID, ID: assertion.ID, Until: assertion.ExpiresAt}
	if first, err := a.FirstUse(proof); err != nil {
		return proof, err
	} else if !first {
		return proof, oauth.Errorf(oauth.ErrInvalidClient, "this assertion was used before; make a new one for every request")
	}
	return proof, nil
}

// FirstUse reports whether this process sees the proof for the first time. Error: oauth.ErrNoRoom; the request must not go on.
func (a *App) FirstUse(proof models.UsedProof) (bool, error) {
	now := a.Store.Now()
	err := a.replays.Use(proof.Kind+"\x00"+proof.Owner+"\x00"+proof.ID, proof.Until, now)
	if errors.Is(err, oauth.ErrNoRoom) {
		a.tellNoRoom(now)
	}
	if errors.Is(err, oauth.ErrUsedBefore) {
		return false, nil
	}
	return err == nil, err
}

// tellNoRoom has one line of the log in a minute.
func (a *App) tellNoRoom(now time.Time) {
	minute, told := now.Unix()/60, a.noRoomTold.Load()
	if minute != told && a.noRoomTold.CompareAndSwap(told, minute) {
		a.Log.Error("as many used proofs are remembered as may be: requests of clients are refused")
	}
}

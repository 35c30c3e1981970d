package web

import (
	"context"
	"errors"
	"time"

	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// keyFresh is how long a key from a jwks_uri is used before somebody looks whether it is
// still there.
const keyFresh = 24 * time.Hour

// FetchKey is the one usable key at a jwks_uri. algorithm is the registered
// token_endpoint_auth_signing_alg, "" for any. The refusal is invalid_client_metadata
// and says nothing about what answers at the address, or does not.
func (a *App) FetchKey(ctx context.Context, address, algorithm string) (jose.JSONWebKeySet, error) {
	return a.fetchKey(ctx, address, algorithm, fetchPause)
}

func (a *App) fetchKey(ctx context.Context, address, algorithm string, maxAge time.Duration) (jose.JSONWebKeySet, error) {
	body, err := a.keys.get(ctx, address, maxAge)
	if errors.Is(err, errFetch) {
		a.Log.InfoContext(ctx, "jwks_uri", "error", err)
		return jose.JSONWebKeySet{}, errors.Join(errFetch, oauth.Errorf(oauth.ErrInvalidClientMetadata,
			"the keys could not be fetched from jwks_uri: it must answer 200 with a JWK Set at a public https address; try again in a minute"))
	}
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	keys, refusal := oauth.ReadFetchedKey(body, algorithm)
	if refusal != nil {
		return jose.JSONWebKeySet{}, refusal
	}
	return keys, nil
}

// keysFor are the keys that an assertion of the client is verified with: the registered
// one, or the one at its jwks_uri. There the kept key counts while it is fresh and has
// made the signature; otherwise the address is asked again, not more often than
// fetchPause allows. No answer leaves the kept key in place; an answer without it ends it.
func (a *App) keysFor(ctx context.Context, client models.Client, assertion string) (models.Client, jose.JSONWebKeySet, error) {
	kept, err := client.Keys()
	if err != nil || client.JWKSURI == "" {
		return client, kept, err
	}
	maxAge := fetchPause
	if oauth.SignedBy(assertion, kept) && !a.keys.contradicts(client) {
		if a.Store.Now().Sub(client.JWKSFetchedAt.Time()) < keyFresh {
			return client, kept, nil
		}
		maxAge = keyFresh
	}
	fetched, err := a.fetchKey(ctx, client.JWKSURI, client.SigningAlg, maxAge)
	switch {
	case errors.Is(err, errFetch):
		return client, kept, nil
	case isRefusal(err):
		return client, jose.JSONWebKeySet{}, nil // nothing verifies: invalid_client
	case err != nil:
		return client, jose.JSONWebKeySet{}, err
	}
	if thumbprintOf(fetched) == client.JWKThumbprint {
		return client, kept, nil
	}
	return a.rotate(ctx, client, fetched)
}

// rotate keeps the key that has taken the registered one's place. One that somebody else
// has registered is not taken, and the old one is gone: nothing verifies.
func (a *App) rotate(ctx context.Context, client models.Client, fetched jose.JSONWebKeySet) (models.Client, jose.JSONWebKeySet, error) {
	rotated, err := a.Store.RotateClientKey(ctx, client.ID, client.JWKThumbprint, fetched)
	if errors.Is(err, models.ErrKeyRegistered) || errors.Is(err, models.ErrNotFound) {
		return client, jose.JSONWebKeySet{}, nil
	}
	if err != nil {
		return client, jose.JSONWebKeySet{}, err
	}
	keys, err := rotated.Keys()
	return rotated, keys, err
}

// contradicts says whether the last answer that this process got from the client's
// jwks_uri speaks against the kept key.
func (f *keyFetcher) contradicts(client models.Client) bool {
	f.mu.Lock()
	last, ok := f.last.Get(client.JWKSURI)
	f.mu.Unlock()
	if !ok || last.err != nil {
		return false
	}
	keys, refusal := oauth.ReadFetchedKey(last.body, client.SigningAlg)
	return refusal != nil || thumbprintOf(keys) != client.JWKThumbprint
}

func thumbprintOf(keys jose.JSONWebKeySet) string {
	return oauth.ClientMetadata{JWKS: &keys}.Thumbprint()
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[*oauth.Error](err)
	return ok
}

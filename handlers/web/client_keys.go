package web

import (
	"context"
	"errors"
	"slices"
	"time"

	"countersign/handlers/keyfetch"
	"countersign/models"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// keyFresh is how long a key from a jwks_uri is used before the address is asked again
// whether it is still there.
const keyFresh = 24 * time.Hour

// FetchKey returns a key for a client from a jwks_uri, and when it was asked for: the one that
// the client has now, if it is there; of an old and a new one otherwise the first. algorithm is
// the registered token_endpoint_auth_signing_alg, "" for any. The refusal is
// invalid_client_metadata, in words that do not tell what answers at the address.
func (a *App) FetchKey(ctx context.Context, address, algorithm string, current models.Client) (jose.JSONWebKeySet, time.Time, error) {
	answer, err := a.fetchKey(ctx, address, keyfetch.Pause)
	if _, failed := errors.AsType[keyfetch.Failure](err); failed {
		return jose.JSONWebKeySet{}, time.Time{}, oauth.Errorf(oauth.ErrInvalidClientMetadata,
			"the keys could not be fetched from jwks_uri: it must answer 200 with a JWK Set at a public https address; try again in a minute")
	}
	if err != nil {
		return jose.JSONWebKeySet{}, time.Time{}, err
	}
	keys, refusal := answer.Usable(algorithm)
	if refusal != nil {
		return jose.JSONWebKeySet{}, time.Time{}, refusal
	}
	chosen := first(keys, func(key jose.JSONWebKeySet) bool { return thumbprintOf(key) == current.JWKThumbprint })
	return single(chosen.Keys[0]), answer.At, nil
}

func (a *App) fetchKey(ctx context.Context, address string, maxAge time.Duration) (keyfetch.Answer, error) {
	back := stepAside(ctx)
	answer, err := a.keys.Get(ctx, address, maxAge)
	back()
	if failure, failed := errors.AsType[keyfetch.Failure](err); failed {
		a.Log.InfoContext(ctx, "jwks_uri", "failure", string(failure))
	}
	return answer, err
}

// clientKeys is a client with the keys that its signatures are verified with.
type clientKeys struct {
	models.Client
	keys  jose.JSONWebKeySet
	state models.KeyState
}

// keysFor returns the keys that a signature of the client is verified with: the registered
// one, or the one at its jwks_uri, which models keeps. The kept key counts while it is
// fresh and signed reports that it has made the signature. Otherwise the address is asked
// again, at most once in keyfetch.Pause. No answer leaves the kept key in place; an answer
// without it ends it. An answer that is older than the kept key says nothing about it:
// another process may have fetched that key since. While an old and a new key lie there
// together, the one that signs is the client's.
func (a *App) keysFor(ctx context.Context, client models.Client, signed func(jose.JSONWebKeySet) bool) (clientKeys, error) {
	kept, err := client.Keys()
	known := clientKeys{client, kept, models.KeyKnown}
	if err != nil || client.JWKSURI == "" {
		return known, err
	}
	signedByKept, maxAge := signed(kept), keyfetch.Pause
	if signedByKept && !a.contradicted(client, kept) {
		if a.Store.Now().Sub(client.JWKSFetchedAt.Time()) < keyFresh {
			return known, nil
		}
		maxAge = keyFresh
	}
	answer, err := a.fetchKey(ctx, client.JWKSURI, maxAge)
	if _, failed := errors.AsType[keyfetch.Failure](err); failed {
		if !signedByKept {
			known.state = models.KeyUnchecked
		}
		return known, nil
	}
	if err != nil {
		return clientKeys{}, err
	}
	fresh, refusal := answer.Usable(client.SigningAlg)
	besides := refusal == nil && holds(fresh, kept)
	if !newer(answer, client) && !(besides && models.At(answer.At) == client.JWKSFetchedAt) {
		return known, nil
	}
	if refusal != nil {
		return clientKeys{client, jose.JSONWebKeySet{}, models.KeyWithdrawn}, nil //nolint:nilerr // nothing verifies: invalid_client
	}
	if besides { // it stays, unless the other one signs
		fresh = first(fresh, func(key jose.JSONWebKeySet) bool { return sameKey(key, kept) })
	}
	if fresh = first(fresh, signed); sameKey(single(fresh.Keys[0]), kept) {
		return known, nil
	}
	return a.rotate(ctx, client, fresh, answer.At)
}

// rotate stores the key that has taken the registered one's place. A key that another
// client has registered is not taken, and the old one is gone: nothing verifies.
func (a *App) rotate(ctx context.Context, client models.Client, fresh jose.JSONWebKeySet, at time.Time) (clientKeys, error) {
	rotated, err := a.Store.RotateClientKey(ctx, client.ID, fresh, at, models.Stranger{Counted: a.counted(keyfetch.SiteOf(client.JWKSURI))})
	if errors.Is(err, models.ErrKeyRegistered) || errors.Is(err, models.ErrNotFound) {
		return clientKeys{client, jose.JSONWebKeySet{}, models.KeyWithdrawn}, nil
	}
	if err != nil {
		return clientKeys{}, err
	}
	keys, err := rotated.Keys()
	return clientKeys{rotated, keys, models.KeyKnown}, err
}

// RefreshPresenceKey brings the key of the client that a presence proof claims up to date,
// before a transaction judges the proof, and returns what is known of that key.
func (a *App) RefreshPresenceKey(ctx context.Context, proof oauth.PresenceProof) (models.KeyState, error) {
	id, _, _ := proof.Claimed()
	client, err := a.Store.Client(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return models.KeyKnown, nil // the transaction finds no client either
	}
	if err != nil {
		return models.KeyKnown, err
	}
	known, err := a.keysFor(ctx, client, proof.SignedBy)
	return known.state, err
}

// contradicted reports whether what this process was answered last, after the kept key was
// fetched, speaks against that key.
func (a *App) contradicted(client models.Client, kept jose.JSONWebKeySet) bool {
	last, ok := a.keys.Remembered(client.JWKSURI)
	if !ok || !newer(last, client) {
		return false
	}
	keys, refusal := last.Usable(client.SigningAlg)
	return refusal != nil || !holds(keys, kept)
}

// newer reports whether the answer is from after the fetch that gave the client its key.
func newer(answer keyfetch.Answer, client models.Client) bool {
	return models.At(answer.At) > client.JWKSFetchedAt
}

// first returns the keys with the first one that is wanted in front, or as they are.
func first(keys jose.JSONWebKeySet, wanted func(jose.JSONWebKeySet) bool) jose.JSONWebKeySet {
	i := slices.IndexFunc(keys.Keys, func(key jose.JSONWebKey) bool { return wanted(single(key)) })
	if i <= 0 {
		return keys
	}
	rest := slices.Delete(slices.Clone(keys.Keys), i, i+1)
	return jose.JSONWebKeySet{Keys: slices.Insert(rest, 0, keys.Keys[i])}
}

func holds(keys, one jose.JSONWebKeySet) bool {
	return slices.ContainsFunc(keys.Keys, func(key jose.JSONWebKey) bool { return sameKey(single(key), one) })
}

func single(key jose.JSONWebKey) jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}
}

// sameKey reports whether two sets hold the same key under the same name and for the same
// use: a signature is held to all of them.
func sameKey(a, b jose.JSONWebKeySet) bool {
	one, other := a.Keys[0], b.Keys[0]
	return thumbprintOf(a) == thumbprintOf(b) && one.KeyID == other.KeyID && one.Algorithm == other.Algorithm && one.Use == other.Use
}

func thumbprintOf(keys jose.JSONWebKeySet) string {
	return oauth.ClientMetadata{JWKS: &keys}.Thumbprint()
}

package protectedresource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysFresh is how long the issuer's keys may be kept, as its answers say. A new key is published for longer before it
	// signs, so that no token has to be waited for.
	keysFresh = 5 * time.Minute

	// keysKept is how long they count on when the issuer does not answer.
	keysKept = time.Hour

	longestAnswer = 64 << 10 // bytes
	keysTimeout   = 10 * time.Second
)

// Remote returns a function for Resource.Keys that reads an issuer's keys where its metadata says (RFC 8414 §3), again
// after 5 minutes. Where the issuer does not answer then, they count for an hour. client is nil for one with a time-out;
// now is nil for time.Now.
func Remote(issuer string, client *http.Client, now func() time.Time) func(context.Context) (jose.JSONWebKeySet, error) {
	if client == nil {
		client = &http.Client{Timeout: keysTimeout}
	}
	if now == nil {
		now = time.Now
	}
	r := &remote{issuer: issuer, client: client, now: now}
	return r.keys
}

type remote struct {
	issuer string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex // guards the rest; one question at a time
	known jose.JSONWebKeySet
	at    time.Time // when they were asked for last, with success
	next  time.Time // when they are asked for again
}

func (r *remote) keys(ctx context.Context) (jose.JSONWebKeySet, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if now.Before(r.next) {
		return r.known, nil
	}
	keys, err := r.read(ctx)
	switch {
	case err == nil:
		r.known, r.at, r.next = keys, now, now.Add(keysFresh)
	case len(r.known.Keys) > 0 && now.Sub(r.at) < keysKept:
		r.next, err = now.Add(keysFresh/10), nil
	}
	return r.known, err
}

func (r *remote) read(ctx context.Context) (jose.JSONWebKeySet, error) {
	var metadata struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	var keys jose.JSONWebKeySet
	issuer, err := url.Parse(r.issuer)
	if err != nil {
		return keys, fmt.Errorf("issuer: %w", err)
	}
	address := issuer.Scheme + "://" + issuer.Host + "/.well-known/oauth-authorization-server" + strings.TrimSuffix(issuer.EscapedPath(), "/")
	if err := r.get(ctx, address, &metadata); err != nil {
		return keys, fmt.Errorf("metadata of the issuer: %w", err)
	}
	if metadata.Issuer != r.issuer {
		return keys, errors.New("metadata of the issuer: it is of another issuer") // RFC 8414 §3.3
	}
	if err := r.get(ctx, metadata.Keys, &keys); err != nil {
		return keys, fmt.Errorf("keys of the issuer: %w", err)
	}
	return keys, nil
}

func (r *remote) get(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", answer.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(answer.Body, longestAnswer)).Decode(into)
}

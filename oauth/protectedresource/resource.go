package protectedresource

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// ErrNoToken says that a request brought no token, or one by another scheme (RFC 6750 §3.1).
var ErrNoToken = errors.New("an access token is required")

// remembered is how many proofs are known at most, where Used is nil: those of five minutes at 13,000 requests a second.
const remembered = oauth.ProofsPerCore

// Resource checks the access tokens and the DPoP proofs of requests to one API. Issuer, Audience and Keys are required.
// Make one, and share it: it remembers which proofs were used. Safe for use by several goroutines.
type Resource struct {
	Issuer   string // of the tokens
	Audience string // the API's own identifier, as it is configured at the issuer (RFC 8707 §2)

	// Keys returns the issuer's keys; see Remote. An error of it is a fault and refuses nothing.
	Keys func(context.Context) (jose.JSONWebKeySet, error)

	// URL is where a request came in, as its client sees it, without query (htu, RFC 9449 §4.3). nil: the origin of
	// Audience and the request's path, which is right unless a proxy changes paths.
	URL func(*http.Request) string

	// Nonces demands a nonce in each proof (RFC 9449 §9). nil: proofs are known by their time and jti alone.
	Nonces *oauth.Nonces

	// Used remembers a proof until it is too old anyway, and reports whether this is its first use. nil: in this
	// process. An API of several processes whose requests change something shares this memory.
	Used func(ctx context.Context, proof oauth.DPoPProof) (first bool, err error)

	Now func() time.Time // nil: time.Now

	once   sync.Once
	memory *oauth.ReplayMemory
}

// Grant is what a request is allowed by.
type Grant struct {
	Token oauth.AccessToken
	Proof oauth.DPoPProof
	Nonce string // to hand out in DPoP-Nonce, "" when the client has the newest; also beside a refusal
}

// Check verifies what a request brought: one token by the scheme DPoP (RFC 9449 §7.1), signed by the issuer for this
// API and not over (RFC 9068 §4), and one proof by the key that it is bound to, for this very request, not used before
// (RFC 9449 §4.3). Errors: ErrNoToken, an *oauth.Error, oauth.ErrNoRoom while more proofs come than are remembered, which a
// later request does not meet, or a fault of Keys or Used.
func (r *Resource) Check(request *http.Request) (Grant, error) {
	raw, unreadable := oauth.ReadCredentials(request.Header.Values("Authorization"), oauth.TokenTypeDPoP)
	switch {
	case unreadable != nil:
		return Grant{}, unreadable
	case raw == "":
		return Grant{}, ErrNoToken
	}
	keys, err := r.Keys(request.Context())
	if err != nil {
		return Grant{}, err
	}
	token, refusal := oauth.VerifyAccessToken(raw, keys, r.Issuer, []string{r.Audience}, r.now())
	if refusal != nil {
		return Grant{}, refusal
	}
	grant := Grant{Token: token}
	grant.Proof, grant.Nonce, err = r.proof(request, raw)
	if err == nil && grant.Proof.Thumbprint != token.Thumbprint {
		err = oauth.Errorf(oauth.ErrInvalidDPoPProof, "the token is bound to another key")
	}
	return grant, err
}

func (r *Resource) proof(request *http.Request, token string) (proof oauth.DPoPProof, nonce string, err error) {
	rules := oauth.DPoPRules{Method: request.Method, URL: r.address(request), Now: r.now(), AccessToken: token, Nonces: r.Nonces}
	proof, refusal := oauth.VerifyDPoPProof(request.Header.Values(oauth.HeaderDPoP), rules)
	if r.Nonces != nil && (refusal == nil || refusal.Code == oauth.ErrUseDPoPNonce) {
		if current := r.Nonces.Current(rules.Now); current != proof.Nonce {
			nonce = current
		}
	}
	if refusal != nil {
		return proof, nonce, refusal
	}
	first, err := r.use(request.Context(), proof)
	if err == nil && !first {
		err = oauth.Errorf(oauth.ErrInvalidDPoPProof, "this DPoP proof was used before; make a new one for every request")
	}
	return proof, nonce, err
}

func (r *Resource) use(ctx context.Context, proof oauth.DPoPProof) (bool, error) {
	if r.Used != nil {
		return r.Used(ctx, proof)
	}
	r.once.Do(func() { r.memory = oauth.NewReplayMemory(remembered) })
	err := r.memory.Use(proof.Thumbprint+"\x00"+proof.ID, proof.ExpiresAt, r.now())
	if errors.Is(err, oauth.ErrUsedBefore) {
		return false, nil
	}
	return err == nil, err
}

func (r *Resource) address(request *http.Request) string {
	if r.URL != nil {
		return r.URL(request)
	}
	audience, err := url.Parse(r.Audience)
	if err != nil {
		return ""
	}
	return audience.Scheme + "://" + audience.Host + request.URL.EscapedPath()
}

func (r *Resource) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

package device

import (
	"time"

	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// dpop is the verified DPoP proof of a request. The zero value is no proof.
type dpop struct {
	thumbprint string
	used       []models.UsedProof // to be used up by the transaction that changes state
}

// proof verifies the request's DPoP proof (RFC 9449 §4.3), for the token when
// there is one. A replay that this process has seen is refused here; across processes
// the transaction that the proof pays for settles it. It comes before anything else that
// a request does, so that asking for a nonce is no poll and changes nothing.
func (d *Device) proof(c echo.Context, accessToken string) (dpop, error) {
	now := d.Store.Now()
	rules := oauth.DPoPRules{Method: c.Request().Method, URL: d.Issuer + c.Path(), Now: now, AccessToken: accessToken}
	if nonces := d.Store.Nonces(); d.Store.Policy().DPoPNonceRequired {
		rules.Nonces = &nonces
	}
	verified, refusal := oauth.VerifyDPoPProof(c.Request().Header.Values(oauth.HeaderDPoP), rules)
	if rules.Nonces != nil && (refusal == nil || refusal.Code == oauth.ErrUseDPoPNonce) {
		handOutNonce(c, verified.Nonce, *rules.Nonces, now)
	}
	if refusal != nil {
		return dpop{}, refusal
	}
	used := models.UsedProof{Kind: "dpop", Owner: verified.Thumbprint, ID: verified.ID, Until: verified.ExpiresAt}
	if first, err := d.FirstUse(used); err != nil {
		return dpop{}, err
	} else if !first {
		return dpop{}, models.ErrReplayedProof
	}
	return dpop{verified.Thumbprint, []models.UsedProof{used}}, nil
}

// optionalProof returns the proof of a request that need not have one.
func (d *Device) optionalProof(c echo.Context) (dpop, error) {
	if len(c.Request().Header.Values(oauth.HeaderDPoP)) == 0 {
		return dpop{}, nil
	}
	return d.proof(c, "")
}

// handOutNonce gives the client the nonce for its next proof: when it has to have one
// (RFC 9449 §8), and when the one it used will not be good for long (§8.2). The outcome of
// the request plays no part.
func handOutNonce(c echo.Context, used string, nonces oauth.Nonces, now time.Time) {
	if current := nonces.Current(now); current != used {
		c.Response().Header().Set(oauth.HeaderDPoPNonce, current)
	}
}

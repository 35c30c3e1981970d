package device

import (
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// dpop is the verified DPoP proof of a request. The zero value is no proof.
type dpop struct {
	thumbprint string
	used       []models.UsedProof // to be used up by whatever changes state
}

// proof verifies the request's DPoP proof (RFC 9449 section 4.3), for the token when
// there is one. A replay that this process has seen is refused here; across processes
// the transaction that the proof pays for settles it.
func (d *Device) proof(c echo.Context, accessToken string) (dpop, error) {
	now := d.Store.Now()
	verified, refusal := oauth.VerifyDPoPProof(c.Request().Header.Values(oauth.HeaderDPoP), oauth.DPoPRules{
		Method: c.Request().Method, URL: d.Issuer + c.Path(), Now: now, AccessToken: accessToken,
	})
	if refusal != nil {
		return dpop{}, refusal
	}
	used := models.UsedProof{Kind: "dpop", Owner: verified.Thumbprint, ID: verified.ID, Until: verified.ExpiresAt}
	if !d.FirstUse(used) {
		return dpop{}, models.ErrReplayedProof
	}
	return dpop{verified.Thumbprint, []models.UsedProof{used}}, nil
}

// optionalProof is the proof of a request that need not have one.
func (d *Device) optionalProof(c echo.Context) (dpop, error) {
	if len(c.Request().Header.Values(oauth.HeaderDPoP)) == 0 {
		return dpop{}, nil
	}
	return d.proof(c, "")
}

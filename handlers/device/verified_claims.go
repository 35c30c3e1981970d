package device

import (
	"net/http"
	"slices"
	"strings"

	"countersign/handlers/web"
	"countersign/models"

	"github.com/labstack/echo/v4"
)

// The scopes of verified claims: the first opens the address, the second adds name and date
// of birth, as OpenID Connect Core §5.4 has it.
const (
	ScopeVerifiedClaims = "verified_claims"
	ScopeProfile        = "profile"
)

type verifiedClaimsAnswer struct {
	Subject        string                `json:"sub"`
	VerifiedClaims models.VerifiedClaims `json:"verified_claims"`
}

// VerifiedClaims answers GET /api/verified-claims: how the person at the counter was
// verified when this binding was made (OpenID Identity Assurance 1.0 §5). It is
// protected as WhoAmI is, and needs the scope (RFC 6750 §3.1). Nothing of it is
// told once the binding has ended.
func (d *Device) VerifiedClaims(c echo.Context) error {
	token, binding, err := d.authorize(c)
	if err != nil {
		return err
	}
	scope := strings.Fields(token.Scope)
	if !slices.Contains(scope, ScopeVerifiedClaims) {
		return web.LacksScope(ScopeVerifiedClaims)
	}
	verified, err := d.Store.VerifiedClaims(c.Request().Context(), binding, slices.Contains(scope, ScopeProfile))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, verifiedClaimsAnswer{binding.AccountID, verified})
}

package device

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// tokenAnswer is RFC 6749 §5.1 with the type of RFC 9449 §5.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// tokenRequest is a token request whose client and DPoP key are proved.
type tokenRequest struct {
	client  web.AuthenticatedClient
	proof   dpop
	address string
}

func (r tokenRequest) get(parameter string) string { return r.client.Parameters.Get(parameter) }

func (r tokenRequest) proofs() []models.UsedProof { return append(r.proof.used, r.client.Assertion) }

// Token answers POST /token (RFC 6749 §3.2) for the two grants there are. Every
// token is bound to a DPoP key, so that a proof is required.
func (d *Device) Token(c echo.Context) error {
	request, err := d.readTokenRequest(c)
	if err != nil {
		return err
	}
	grant := d.redeem
	if request.get(oauth.ParamGrantType) == oauth.GrantTypeRefreshToken {
		grant = d.refresh
	}
	tokens, err := grant(c.Request().Context(), request)
	if err != nil {
		return err
	}
	if checkGrant(request.client.Client, oauth.GrantTypeRefreshToken) != nil {
		tokens.RefreshToken = "" // it could never be used
	}
	return c.JSON(http.StatusOK, tokenAnswer{
		AccessToken: tokens.AccessToken, TokenType: oauth.TokenTypeDPoP, ExpiresIn: int64(tokens.ExpiresIn.Seconds()),
		RefreshToken: tokens.RefreshToken, Scope: tokens.Scope,
	})
}

func (d *Device) readTokenRequest(c echo.Context) (tokenRequest, error) {
	request := tokenRequest{client: web.ClientOf(c), address: web.AddressText(c)}
	switch grant := request.get(oauth.ParamGrantType); grant {
	case oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken:
		if err := checkGrant(request.client.Client, grant); err != nil {
			return request, err
		}
	case "":
		return request, oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamGrantType)
	default:
		return request, oauth.Errorf(oauth.ErrUnsupportedGrantType, "the grant types are %s and %s",
			oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken)
	}
	proof, err := d.proof(c, "")
	request.proof = proof
	return request, err
}

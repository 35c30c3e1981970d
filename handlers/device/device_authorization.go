package device

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// deviceAuthorizationAnswer is RFC 8628 §3.2. There is no
// verification_uri_complete: the code has to be entered from the phone.
type deviceAuthorizationAnswer struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int64  `json:"expires_in"` // seconds
	Interval        int64  `json:"interval"`   // seconds
}

// DeviceAuthorization answers POST /device_authorization (RFC 8628 §3.1): a
// device code and a user code for the account that login_hint names. A hint that names
// no account is answered the same way. A DPoP proof binds the codes to its key.
func (d *Device) DeviceAuthorization(c echo.Context) error {
	request, err := d.readDeviceAuthorization(c)
	if err != nil {
		return err
	}
	codes, err := d.Store.RequestDeviceAuthorization(c.Request().Context(), request)
	if errors.Is(err, models.ErrClientNotActive) { // since it was authenticated
		return oauth.UnknownClient()
	}
	if errors.Is(err, models.ErrScopeWithdrawn) {
		return oauth.Errorf(oauth.ErrInvalidScope, "the app may have nothing of this scope any more")
	}
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, deviceAuthorizationAnswer{
		DeviceCode: codes.DeviceCode, UserCode: codes.UserCode.Display(),
		VerificationURI: d.Issuer + oauth.PathVerification,
		ExpiresIn:       int64(codes.ExpiresIn.Seconds()), Interval: int64(codes.Interval.Seconds()),
	})
}

func (d *Device) readDeviceAuthorization(c echo.Context) (models.DeviceAuthorizationRequest, error) {
	none := models.DeviceAuthorizationRequest{}
	client := web.ClientOf(c)
	if err := checkGrant(client.Client, oauth.GrantTypeDeviceCode); err != nil {
		return none, err
	}
	hint, refusal := oauth.ReadLoginHint(client.Parameters)
	if refusal != nil {
		return none, refusal
	}
	instance, refusal := oauth.ReadInstance(client.Parameters)
	if refusal != nil {
		return none, refusal
	}
	resources, refusal := d.Store.Policy().Resources.Requested(client.Parameters)
	if refusal != nil {
		return none, refusal
	}
	scope, err := requestedScope(client, resources)
	if err != nil {
		return none, err
	}
	proof, err := d.optionalProof(c)
	if err != nil {
		return none, err
	}
	by := d.StrangerOf(c)
	return models.DeviceAuthorizationRequest{
		Client: client.Client, LoginHint: hint, Scope: scope, Resources: resources, Instance: instance, Thumbprint: proof.thumbprint,
		Address: by.Address, Counted: by.Counted, Proofs: append(proof.used, client.Assertion), Interval: d.interval(),
	}, nil
}

// requestedScope returns what the request asks for, or everything that the client
// registered and the resources take when it does not say (RFC 6749 §3.3,
// RFC 8707 §2.2).
func requestedScope(client web.AuthenticatedClient, resources oauth.Resources) (oauth.Scope, error) {
	registered, refusal := oauth.ParseScope(client.Scope)
	if refusal != nil {
		return nil, refusal
	}
	scope, refusal := oauth.ParseScope(client.Parameters.Get(oauth.ParamScope))
	switch {
	case refusal != nil:
		return nil, refusal
	case len(scope) == 0:
		scope = resources.Limit(registered)
	case !scope.Within(registered):
		return nil, oauth.Errorf(oauth.ErrInvalidScope, "ask for no more than the client registered: %s", client.Scope)
	}
	if refusal := resources.CheckScope(scope); refusal != nil {
		return nil, refusal
	}
	return scope, nil
}

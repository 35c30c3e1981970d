package device

import (
	"context"
	"errors"

	"countersign/models"
	"countersign/oauth"
)

// refresh answers a refresh request (RFC 6749 §6). The refresh token is not
// rotated (FAPI 2.0), so that the answer has none.
func (d *Device) refresh(ctx context.Context, request tokenRequest) (models.Tokens, error) {
	token := request.get(oauth.ParamRefreshToken)
	if token == "" {
		return models.Tokens{}, oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamRefreshToken)
	}
	scope, refusal := oauth.ParseScope(request.get(oauth.ParamScope))
	if refusal != nil {
		return models.Tokens{}, refusal
	}
	tokens, err := d.Store.Refresh(ctx, models.Refreshment{
		ClientID: request.client.ID, RefreshToken: token, Thumbprint: request.proof.thumbprint,
		Scope: scope, Audience: request.get(oauth.ParamResource), Proofs: request.proofs(),
	})
	switch {
	case errors.Is(err, models.ErrUnknownToken), errors.Is(err, models.ErrWrongKey), errors.Is(err, models.ErrNotFound),
		errors.Is(err, models.ErrBindingRevoked), errors.Is(err, models.ErrAccountNotActive), errors.Is(err, models.ErrClientNotActive):
		return tokens, oauth.Errorf(oauth.ErrInvalidGrant, "the refresh token is unknown, over, or not this client's")
	}
	return tokens, err
}

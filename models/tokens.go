package models

import (
	"time"

	"countersign/oauth"
)

// Tokens is what the phone gets (RFC 6749 §5.1). RefreshToken is "" after a
// refresh: it is not rotated.
type Tokens struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration
	Scope        string
	BindingID    string

	accessTokenID string
}

// mint makes the first tokens of a binding, whose client is of an app or of none.
func (t *tx) mint(binding Binding, software Software, thumbprint, audience string) (Tokens, error) {
	scope, err := software.leavesTokens(binding.Scope)
	if err != nil {
		return Tokens{}, err
	}
	policy := t.store.policy
	end := t.now.Add(policy.RefreshTokenLifetime)
	tokens, err := t.store.newAccessToken(binding, thumbprint, audience, scope, t.now, end)
	if err != nil {
		return tokens, err
	}
	if tokens.RefreshToken, err = oauth.NewRefreshToken(t.store.rand, t.now.Time()); err != nil {
		return tokens, err
	}
	return tokens, t.insert(&RefreshToken{
		TokenHash: oauth.HashRefreshToken(tokens.RefreshToken), BindingID: binding.ID, ClientID: binding.ClientID,
		AccessTokenID: tokens.accessTokenID, JWKThumbprint: thumbprint, Scope: binding.Scope, CreatedAt: t.now,
		IdleUntil: t.now.Add(policy.RefreshTokenIdle), ExpiresAt: end,
	})
}

// newAccessToken signs an RFC 9068 token: its subject is the account, never anybody
// of the staff. It does not outlive the binding, whose absolute end is given.
func (s *Store) newAccessToken(binding Binding, thumbprint, audience, scope string, now, end Instant) (Tokens, error) {
	resource, scope, err := s.target(binding, audience, scope)
	if err != nil {
		return Tokens{}, err
	}
	id, err := newID(s.rand)
	if err != nil {
		return Tokens{}, err
	}
	life := min(s.policy.AccessTokenLifetime, end.Time().Sub(now.Time()))
	raw, err := oauth.SignAccessToken(oauth.AccessToken{
		Issuer: s.issuer, Subject: binding.AccountID, ClientID: binding.ClientID, Audience: resource.URI,
		ID: id, Scope: scope, Thumbprint: thumbprint, BindingID: binding.ID,
		IssuedAt: now.Time(), ExpiresAt: now.Add(life).Time(),
	}, s.keys.AccessTokenSigner())
	return Tokens{AccessToken: raw, ExpiresIn: life, Scope: scope, BindingID: binding.ID, accessTokenID: id}, err
}

// target is the resource that an access token of the binding will be for, and the scope
// that the resource takes of what was asked (RFC 8707 §2.2). Errors: an
// *oauth.Error with invalid_target, or with invalid_scope when nothing of the scope is
// left.
func (s *Store) target(binding Binding, wanted, scope string) (oauth.Resource, string, error) {
	resource, refusal := s.ChosenResource(binding.Resources, oauth.Parameters{oauth.ParamResource: wanted})
	if refusal != nil {
		return resource, "", refusal
	}
	asked, refusal := oauth.ParseScope(scope)
	if refusal != nil {
		return resource, "", refusal
	}
	narrowed := resource.Narrow(asked)
	if len(asked) > 0 && len(narrowed) == 0 {
		return resource, "", oauth.Errorf(oauth.ErrInvalidScope, "nothing of the scope means anything at %s", resource.URI)
	}
	return resource, narrowed.String(), nil
}

func (r RefreshToken) live(now Instant) bool { return now < r.IdleUntil && now < r.ExpiresAt }

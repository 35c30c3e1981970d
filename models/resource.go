package models

import (
	"context"
	"fmt"
	"strings"

	"countersign/oauth"
)

// target is the resource that an access token of the binding will be for, and the scope
// that the resource takes of what was asked (RFC 8707 section 2.2). Errors: an
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

// ChosenResource is the one resource that a token request means, of those that were
// granted as they are stored. The refusal is invalid_target.
func (s *Store) ChosenResource(granted string, parameters oauth.Parameters) (oauth.Resource, *oauth.Error) {
	return s.policy.Resources.Chosen(strings.Fields(granted), parameters)
}

// SignIntrospection makes an introspection answer a JWT for the caller (RFC 9701
// section 5), with the key that access tokens are signed with: their types keep the two
// apart.
func (s *Store) SignIntrospection(ctx context.Context, answer oauth.Introspection, caller string) (string, error) {
	if err := s.freshKeys(ctx); err != nil {
		return "", fmt.Errorf("server keys: %w", err)
	}
	return oauth.SignIntrospection(answer, s.issuer, caller, s.now(), s.keys.AccessTokenSigner())
}

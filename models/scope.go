package models

import (
	"context"
	"errors"
	"strings"

	"countersign/oauth"

	"gorm.io/gorm"
)

// within is what the app may have of a scope now; the whole of it when no publisher has
// the app.
func (s Software) within(scope string) string {
	if s.ID == "" {
		return scope
	}
	return intersect(strings.Fields(scope), strings.Fields(s.Scope)).String()
}

// softwareOf is the app that a client is or says it is, and stays as it is until the
// transaction ends; the zero Software when no publisher has it.
func (t *tx) softwareOf(clientID string) (Software, error) {
	row, err := rowOf[Software](t, "WHERE id = (SELECT software_id FROM clients WHERE id = $1)"+t.holding(forShare), clientID)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	return row, err
}

// scopeNow is what is left of a scope that a client asked for or was granted (RFC 6749
// §3.3: the server may ignore a part of it). Error: ErrScopeWithdrawn, when nothing
// is left of one that was not empty.
func (t *tx) scopeNow(clientID, scope string) (string, error) {
	software, err := t.softwareOf(clientID)
	if err != nil {
		return "", err
	}
	return software.leaves(scope)
}

// leaves is scopeNow for the app itself.
func (s Software) leaves(scope string) (string, error) {
	left := s.within(scope)
	if left == "" && scope != "" {
		return "", ErrScopeWithdrawn
	}
	return left, nil
}

// scopeOfTokens is scopeNow for a token request.
func (t *tx) scopeOfTokens(clientID, granted string) (string, error) {
	software, err := t.softwareOf(clientID)
	if err != nil {
		return "", err
	}
	return software.leavesTokens(granted)
}

// leavesTokens is leaves for a token request: the refusal is the grant's own (RFC 6749 §5.2).
func (s Software) leavesTokens(granted string) (string, error) {
	scope, err := s.leaves(granted)
	if errors.Is(err, ErrScopeWithdrawn) {
		return "", oauth.Errorf(oauth.ErrInvalidScope, "the app may have nothing of the granted scope any more")
	}
	return scope, err
}

// ScopeNow is what a token's scope means at this moment, "" when nothing is left of it.
func (s *Store) ScopeNow(ctx context.Context, clientID, scope string) (string, error) {
	software, err := s.reader(ctx).softwareOf(clientID)
	return software.within(scope), err
}

// intersect keeps the wanted values that are allowed, in the wanted order.
func intersect(wanted, allowed oauth.Scope) oauth.Scope {
	var kept oauth.Scope
	for _, value := range wanted {
		if allowed.Contains(value) {
			kept = append(kept, value)
		}
	}
	return kept
}

// narrow holds a requested scope to what was granted, as far as the app may still have
// it: never more (RFC 6749 §6).
func narrow(granted string, wanted oauth.Scope) (string, error) {
	if len(wanted) == 0 {
		return granted, nil
	}
	all, refusal := oauth.ParseScope(granted)
	if refusal != nil {
		return "", refusal
	}
	if !wanted.Within(all) {
		return "", oauth.Errorf(oauth.ErrInvalidScope, "ask for no more than was granted: %s", granted)
	}
	return wanted.String(), nil
}

// ChosenResource is the one resource that a token request means, of those that were
// granted as they are stored. The refusal is invalid_target.
func (s *Store) ChosenResource(granted string, parameters oauth.Parameters) (oauth.Resource, *oauth.Error) {
	return s.policy.Resources.Chosen(strings.Fields(granted), parameters)
}

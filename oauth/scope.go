package oauth

import (
	"slices"
	"strings"
)

const (
	maxScopeLength = 1000 // bytes
	maxScopeTokens = 50
)

// Scope is a set of scope tokens in the order they were first named (RFC 6749 §3.3). An empty Scope is legal.
type Scope []string

// ParseScope reads tokens of %x21 / %x23-5B / %x5D-7E with single spaces between them. The empty string is the empty
// Scope; anything malformed or oversized is invalid_scope.
func ParseScope(s string) (Scope, *Error) {
	if s == "" {
		return nil, nil
	}
	if len(s) > maxScopeLength || strings.Count(s, " ") >= maxScopeTokens {
		return nil, Errorf(ErrInvalidScope, "scope is longer than %d characters or %d tokens", maxScopeLength, maxScopeTokens)
	}
	var scope Scope
	for token := range strings.SplitSeq(s, " ") {
		if token == "" || strings.ContainsFunc(token, notScopeChar) {
			return nil, Errorf(ErrInvalidScope, "scope is malformed")
		}
		if !scope.Contains(token) {
			scope = append(scope, token)
		}
	}
	return scope, nil
}

// String is the scope as it travels: tokens with single spaces between them.
func (s Scope) String() string {
	return strings.Join(s, " ")
}

// Contains says whether token is one of s.
func (s Scope) Contains(token string) bool {
	return slices.Contains(s, token)
}

// Within says whether allowed has every token of s. The empty Scope is within any.
func (s Scope) Within(allowed Scope) bool {
	for _, token := range s {
		if !allowed.Contains(token) {
			return false
		}
	}
	return true
}

func notScopeChar(r rune) bool {
	return r <= 0x20 || r == '"' || r == '\\' || r > 0x7e
}

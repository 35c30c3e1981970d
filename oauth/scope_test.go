package oauth_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/oauth"
)

// RFC 6749 §3.3. docs/protocol.md §6 pending-status: scope is optional.
func TestParseScope(t *testing.T) {
	for in, want := range map[string]oauth.Scope{
		"":                     nil,
		"openid":               {"openid"},
		"write read":           {"write", "read"},
		"read write read":      {"read", "write"},
		"https://a.example/x!": {"https://a.example/x!"},
	} {
		got, err := oauth.ParseScope(in)
		accepted(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}

func TestParseScopeRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"leading space":   " a",
		"trailing space":  "a ",
		"two spaces":      "a  b",
		"only a space":    " ",
		"tab":             "a\tb",
		"quote":           `a"b`,
		"backslash":       `a\b`,
		"delete":          "a\x7f",
		"not ASCII":       "ä",
		"invalid UTF-8":   "\xff",
		"too long":        strings.Repeat("x", 1001),
		"too many tokens": strings.TrimSpace(strings.Repeat("x ", 51)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.ParseScope(in)
			refused(t, err, oauth.ErrInvalidScope)
		})
	}
}

func TestScope(t *testing.T) {
	scope := oauth.Scope{"read", "write"}
	if scope.String() != "read write" {
		t.Errorf("String: %q", scope.String())
	}
	if !scope.Contains("read") || scope.Contains("admin") || scope.Contains("") {
		t.Error("Contains is wrong")
	}
	for _, tc := range []struct {
		name    string
		allowed oauth.Scope
		want    bool
	}{
		{"wider", oauth.Scope{"write", "read", "admin"}, true},
		{"equal", oauth.Scope{"write", "read"}, true},
		{"narrower", oauth.Scope{"read"}, false},
		{"none", nil, false},
	} {
		if scope.Within(tc.allowed) != tc.want {
			t.Errorf("within %s: %v", tc.name, !tc.want)
		}
	}
	if !(oauth.Scope{}).Within(nil) {
		t.Error("the empty scope is not within the empty one")
	}
}

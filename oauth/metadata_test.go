package oauth_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"countersign/oauth"
)

// RFC 8414 §2, RFC 8628 §4, RFC 9449 §5.1, RFC 9701 §7.
func TestServerMetadata(t *testing.T) {
	const want = `{
		"issuer": "https://auth.example",
		"device_authorization_endpoint": "https://auth.example/device_authorization",
		"token_endpoint": "https://auth.example/token",
		"registration_endpoint": "https://auth.example/register",
		"revocation_endpoint": "https://auth.example/revoke",
		"introspection_endpoint": "https://auth.example/introspect",
		"jwks_uri": "https://auth.example/jwks",
		"scopes_supported": ["profile"],
		"response_types_supported": [],
		"grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
		"token_endpoint_auth_methods_supported": ["private_key_jwt"],
		"token_endpoint_auth_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA", "PS256"],
		"revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
		"revocation_endpoint_auth_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA", "PS256"],
		"introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
		"introspection_endpoint_auth_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA", "PS256"],
		"dpop_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA", "PS256"],
		"introspection_signing_alg_values_supported": ["ES256"]
	}`
	sameJSON(t, oauth.NewServerMetadata(issuer, []string{"profile"}), want)
}

// RFC 8414 §3.2: a claim with no elements is left out; but response_types_supported is required (§2, erratum 7793).
func TestServerMetadataWithoutScopes(t *testing.T) {
	got := oauth.NewServerMetadata(issuer+"/", nil)
	if text := toJSON(got); strings.Contains(text, "scopes_supported") || !strings.Contains(text, `"response_types_supported":[]`) {
		t.Errorf("got %s", text)
	}
	if got.TokenEndpoint != issuer+"/token" {
		t.Errorf("got %+v", got)
	}
}

// RFC 7662 §2.2: inactive is only {"active":false}.
func TestIntrospectionInactive(t *testing.T) {
	if got := toJSON(oauth.Introspection{}); got != `{"active":false}` {
		t.Errorf("got %s", got)
	}
}

// RFC 7662 §2.2, RFC 9449 §6.2: active, with cnf.
func TestIntrospectionActive(t *testing.T) {
	sameJSON(t, oauth.Introspection{
		Active: true, Scope: "profile", ClientID: "c", TokenType: oauth.TokenTypeDPoP, ExpiresAt: 2, IssuedAt: 1,
		Subject: "a", Audience: "r", Issuer: issuer, ID: "j", Confirm: &oauth.Confirmation{Thumbprint: "k"},
	}, `{"active": true, "scope": "profile", "client_id": "c", "token_type": "DPoP", "exp": 2, "iat": 1,
		"sub": "a", "aud": "r", "iss": "https://auth.example", "jti": "j", "cnf": {"jkt": "k"}}`)
}

func sameJSON(t *testing.T, got any, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(toJSON(got)), &g); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %s\nwant %s", toJSON(g), toJSON(w))
	}
}

package device_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// RFC 8414 §2 and §3: the issuer exactly, every endpoint served, no authorization
// endpoint, and what docs/protocol.md §5 asks for besides.
func TestMetadata(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	answer := s.Get(oauth.PathMetadata)
	if answer.Status != http.StatusOK || answer.Header.Get("Cache-Control") != "public, max-age=300" {
		t.Fatalf("answered %d, %s", answer.Status, answer.Header.Get("Cache-Control"))
	}
	if answer.String("issuer") != s.Issuer || answer.JSON["authorization_endpoint"] != nil {
		t.Errorf("issuer %q, authorization endpoint %v", answer.String("issuer"), answer.JSON["authorization_endpoint"])
	}
	if types, ok := answer.JSON["response_types_supported"].([]any); !ok || len(types) != 0 {
		t.Errorf("response_types_supported is %v, want []", answer.JSON["response_types_supported"])
	}
	for _, member := range []string{
		"device_authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint", "introspection_endpoint",
	} {
		path, ours := strings.CutPrefix(answer.String(member), s.Issuer)
		request, _ := http.NewRequest(http.MethodPost, s.Endpoint(path), nil)
		if got := s.Do(request).Status; !ours || got == http.StatusNotFound || got == http.StatusMethodNotAllowed {
			t.Errorf("%s %q answers %d", member, answer.String(member), got)
		}
	}
	if s.Get(strings.TrimPrefix(answer.String("jwks_uri"), s.Issuer)).Status != http.StatusOK {
		t.Errorf("jwks_uri %q does not answer", answer.String("jwks_uri"))
	}
}

// RFC 8414 §2, scopes_supported: each published scope can be registered, asked
// for and granted.
func TestEveryPublishedScope(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	scopes, _ := s.Get(oauth.PathMetadata).JSON["scopes_supported"].([]any)
	if len(scopes) != 2 {
		t.Fatalf("scopes_supported is %v", scopes)
	}
	phone := s.Phone()
	for _, scope := range scopes {
		codes := phone.Ask(map[string]string{"scope": scope.(string)})
		s.Approve(t, codes.UserCode)
		if got := readTokens(t, phone.Poll(codes.DeviceCode)).answer.String("scope"); got != scope {
			t.Errorf("granted %q, want %q", got, scope)
		}
	}
}

// RFC 9068 §2: an access token verifies with the published keys alone, and says
// what it must; nothing of how staff signed in. The keys are public.
func TestAccessTokenVerifiesWithPublishedKeys(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	published := s.Get(oauth.PathJWKS)
	var keys jose.JSONWebKeySet
	decode(t, published.Text, &keys)
	if len(keys.Keys) != 2 || !keys.Keys[0].IsPublic() || !keys.Keys[1].IsPublic() || strings.Contains(published.Text, `"d"`) {
		t.Fatalf("the published keys are %s", published.Text)
	}
	token, err := jwt.ParseSigned(granted.Access, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if token.Headers[0].ExtraHeaders["typ"] != "at+jwt" || token.Headers[0].KeyID != keys.Keys[0].KeyID {
		t.Errorf("header is %v", token.Headers[0])
	}
	var claims map[string]any
	if err := token.Claims(keys.Keys[0], &claims); err != nil {
		t.Fatal(err)
	}
	for claim, want := range map[string]any{
		"iss": s.Issuer, "aud": s.Issuer + "/api", "sub": s.Account.ID, "client_id": phone.ClientID, "scope": handlerstest.AllScopes(),
	} {
		if claims[claim] != want {
			t.Errorf("%s is %v, want %v", claim, claims[claim], want)
		}
	}
	for _, claim := range []string{"acr", "amr", "auth_time", "act", "name"} {
		if claims[claim] != nil {
			t.Errorf("the token says %s", claim)
		}
	}
}

package device_test

import (
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// RFC 9701 §4 and §5: asked for by Accept, the answer is a JWT that the published keys
// verify, for the caller alone.
func TestIntrospectionAsJWT(t *testing.T) {
	s := withResources(t)
	phone, api := s.Phone(), s.ResourceServer("Letters", letters)
	_, token := granted(t, s, phone, letters)
	for name, c := range map[string]struct {
		caller *handlerstest.Phone
		token  string
		active bool
	}{
		"a phone about its access token":    {phone, token.Access, true},
		"a phone about its refresh token":   {phone, token.Refresh, true},
		"a resource server":                 {api, token.Access, true},
		"about another's token":             {s.Phone(), token.Access, false},
		"a resource server about a refresh": {api, token.Refresh, false},
	} {
		t.Run(name, func(t *testing.T) {
			plain := c.caller.Introspect(c.token).Succeeded(t, http.StatusOK)
			claims := introspectionJWT(t, s, c.caller, c.token)
			told, _ := claims["token_introspection"].(map[string]any)
			if claims["iss"] != s.Issuer || claims["aud"] != c.caller.ClientID || claims["iat"] != float64(s.Clock.Now().Unix()) ||
				len(claims) != 4 {
				t.Errorf("claims are %v", claims)
			}
			if told["active"] != c.active || len(told) != len(plain.JSON) || told["sub"] != plain.JSON["sub"] || told["aud"] != plain.JSON["aud"] {
				t.Errorf("the JWT tells %v, JSON %s", told, plain.Text)
			}
		})
	}
	refusedCall := introspectWith(phone, "", oauth.MediaTypeTokenIntrospection)
	refused(t, refusedCall, oauth.ErrInvalidRequest) // errors stay JSON
}

// introspectionJWT verifies the answer as RFC 9701 §5 wants it: by what the metadata
// publishes, type and algorithm.
func introspectionJWT(t *testing.T, s *handlerstest.Server, caller *handlerstest.Phone, token string) map[string]any {
	t.Helper()
	metadata := s.Get(oauth.PathMetadata)
	algorithms, _ := metadata.JSON["introspection_signing_alg_values_supported"].([]any)
	if len(algorithms) != 1 || algorithms[0] != "ES256" {
		t.Fatalf("introspection_signing_alg_values_supported is %v", algorithms)
	}
	answer := introspectWith(caller, token, oauth.MediaTypeTokenIntrospection)
	if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != oauth.MediaTypeTokenIntrospection ||
		answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answered %d %v %s", answer.Status, answer.Header, answer.Text)
	}
	var keys jose.JSONWebKeySet
	decode(t, s.Get(oauth.PathJWKS).Text, &keys)
	signed, err := jwt.ParseSigned(answer.Text, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if signed.Headers[0].ExtraHeaders["typ"] != oauth.TypeTokenIntrospection {
		t.Errorf("header is %v", signed.Headers[0])
	}
	var claims map[string]any
	if err := signed.Claims(keys.Key(signed.Headers[0].KeyID)[0], &claims); err != nil {
		t.Fatal(err)
	}
	dead(t, caller, answer.Text) // RFC 9701 §8.1: nobody's access token
	return claims
}

func introspectWith(caller *handlerstest.Phone, token, accept string) handlerstest.Answer {
	return caller.Post(handlerstest.Request{Path: oauth.PathIntrospection, Form: map[string]string{"token": token},
		NoProof: true, Header: http.Header{"Accept": {accept}}})
}

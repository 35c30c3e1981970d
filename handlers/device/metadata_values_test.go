package device_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/oauth/protocoltest"

	"github.com/go-jose/go-jose/v4"
)

// published is a server with what its metadata says, and a key for every algorithm.
type published struct {
	*handlerstest.Server
	metadata handlerstest.Object
	keys     map[string]crypto.Signer
	phones   map[string]*handlerstest.Phone
}

// Every member of the metadata is known here, and every value that it publishes is used over
// HTTP (RFC 8414 §2; the sections of the other members stand beside them).
func TestEveryMetadataValue(t *testing.T) {
	p := published{Server: handlerstest.Start(t, handlerstest.Config{}), phones: map[string]*handlerstest.Phone{}}
	p.metadata = p.Get(oauth.PathMetadata).JSON
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	_, another, _ := ed25519.GenerateKey(rand.Reader)
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.keys = map[string]crypto.Signer{"ES256": handlerstest.NewKey(), "EdDSA": edwards,
		"Ed25519": protocoltest.Ed25519Key{PrivateKey: another}, "PS256": rsa2048}
	uses := p.uses()
	for member, value := range p.metadata {
		use := uses[member]
		delete(uses, member)
		if use == nil {
			t.Errorf("%s is published, and nothing here uses it", member)
			continue
		}
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		if len(values) == 0 && member != "response_types_supported" {
			t.Errorf("%s is empty", member)
		}
		for _, value := range values {
			t.Run(member+" "+value.(string), func(t *testing.T) { use(t, value.(string)) })
		}
	}
	for member := range uses {
		t.Errorf("%s is not published", member)
	}
}

// uses says how each member's values are used.
func (p published) uses() map[string]func(t *testing.T, value string) {
	return map[string]func(*testing.T, string){
		"issuer":                        p.issuer,
		"device_authorization_endpoint": p.at(oauth.PathDeviceAuthorization), // RFC 8628 §4
		"token_endpoint":                p.at(oauth.PathToken),
		"registration_endpoint":         p.at(oauth.PathRegistration),
		"revocation_endpoint":           p.at(oauth.PathRevocation),
		"introspection_endpoint":        p.at(oauth.PathIntrospection),
		"jwks_uri":                      p.jwks,
		"scopes_supported":              p.scope,
		"response_types_supported":      func(t *testing.T, value string) { t.Errorf("%s: there is no authorization endpoint", value) },
		"grant_types_supported":         p.grant,

		"token_endpoint_auth_methods_supported":         p.method,
		"revocation_endpoint_auth_methods_supported":    p.method,
		"introspection_endpoint_auth_methods_supported": p.method,
		"token_endpoint_auth_signing_alg_values_supported": p.signed(func(t *testing.T,
			phone *handlerstest.Phone) {
			refused(t, phone.Poll("x"), oauth.ErrInvalidGrant)
		}),
		"revocation_endpoint_auth_signing_alg_values_supported": p.signed(func(t *testing.T, phone *handlerstest.Phone) {
			phone.Revoke("x").
				Succeeded(t, http.StatusOK)
		}),
		"introspection_endpoint_auth_signing_alg_values_supported": p.signed(func(t *testing.T,
			phone *handlerstest.Phone) {
			inactive(t, phone.Introspect("x"))
		}),
		"dpop_signing_alg_values_supported":          p.proved,   // RFC 9449 §5.1
		"introspection_signing_alg_values_supported": p.answered, // RFC 9701 §7
	}
}

// issuer: what tokens name, and what an assertion's audience must be (RFC 10070).
func (p published) issuer(t *testing.T, value string) {
	if phone := p.Phone(); value != p.Issuer || phone.Introspect(connect(t, p.Server, phone).Access).String("iss") != value {
		t.Errorf("the issuer is %q", value)
	}
}

// at demands that the endpoint is served at the path that the other tests call.
func (p published) at(path string) func(*testing.T, string) {
	return func(t *testing.T, value string) {
		if value != p.Endpoint(path) {
			t.Errorf("published as %q, used at %q", value, p.Endpoint(path))
		}
		request, _ := http.NewRequest(http.MethodPost, value, strings.NewReader("x"))
		if answer := p.Do(request); answer.Code() == "" || answer.Status >= http.StatusInternalServerError ||
			answer.Status == http.StatusNotFound {
			t.Errorf("answers %d %s", answer.Status, answer.Text)
		}
	}
}

// jwks: the published keys verify an access token (RFC 9068 §4).
func (p published) jwks(t *testing.T, value string) {
	request, _ := http.NewRequest(http.MethodGet, value, nil)
	var keys jose.JSONWebKeySet
	decode(t, p.Do(request).Text, &keys)
	access := connect(t, p.Server, p.Phone()).Access
	if _, refusal := oauth.VerifyAccessToken(access, keys, p.Issuer, []string{p.Issuer + "/api"}, p.Clock.Now()); refusal != nil {
		t.Error(refusal)
	}
}

// scope is registered, asked for, granted, and in the token.
func (p published) scope(t *testing.T, value string) {
	phone := p.Phone()
	codes := phone.Ask(map[string]string{"scope": value})
	p.Approve(t, codes.UserCode)
	if got := phone.WhoAmI(readTokens(t, phone.Poll(codes.DeviceCode)).Access).String("scope"); got != value {
		t.Errorf("granted %q", got)
	}
}

// grant gives tokens.
func (p published) grant(t *testing.T, value string) {
	phone := p.Phone()
	granted := connect(t, p.Server, phone)
	switch value {
	case oauth.GrantTypeDeviceCode: // connect has used it
	case oauth.GrantTypeRefreshToken:
		readTokens(t, phone.Refresh(granted.Refresh, nil))
	default:
		t.Errorf("%s is used by nothing here", value)
	}
}

// method is how every phone of these tests authenticates.
func (p published) method(t *testing.T, value string) {
	phone := p.Phone()
	if value != oauth.AuthMethodPrivateKeyJWT || handlerstest.Metadata(phone.Key)["token_endpoint_auth_method"] != value {
		t.Errorf("%s is used by nothing here", value)
	}
	connect(t, p.Server, phone)
}

// signed uses an endpoint with assertions of this algorithm only.
func (p published) signed(use func(*testing.T, *handlerstest.Phone)) func(*testing.T, string) {
	return func(t *testing.T, algorithm string) {
		use(t, p.phone(t, algorithm))
	}
}

// proved is a whole visit with proofs of this algorithm.
func (p published) proved(t *testing.T, algorithm string) {
	phone := p.phone(t, algorithm)
	alive(t, phone, connect(t, p.Server, phone).Access)
}

// answered is an introspection answer that is signed with this algorithm.
func (p published) answered(t *testing.T, algorithm string) {
	if algorithm != "ES256" {
		t.Fatalf("%s is used by nothing here", algorithm)
	}
	introspectionJWT(t, p.Server, p.Phone(), "x")
}

// phone has the key of this algorithm. A key registers once, so that its phone is kept.
func (p published) phone(t *testing.T, algorithm string) *handlerstest.Phone {
	t.Helper()
	if p.keys[algorithm] == nil {
		t.Fatalf("%s is published, and this test has no key for it", algorithm)
	}
	if p.phones[algorithm] == nil {
		p.phones[algorithm] = p.PhoneWithKey(p.keys[algorithm])
	}
	return p.phones[algorithm]
}

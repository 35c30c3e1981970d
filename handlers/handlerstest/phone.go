package handlerstest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// Phone is a client instance made of raw requests, so that any of them can be wrong.
// It is safe for use by several goroutines.
type Phone struct {
	ClientID string
	Key      crypto.Signer // signs assertions
	DPoP     crypto.Signer // signs proofs

	Registration Answer // as the server gave it
	server       *Server
}

// Codes are what a device authorization request gave.
type Codes struct {
	DeviceCode, UserCode string
	Answer               Answer
}

// NewKey makes a P-256 key.
func NewKey() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// Phone registers a client instance with one key for both uses.
func (s *Server) Phone() *Phone {
	s.t.Helper()
	return s.PhoneWithKey(NewKey())
}

// PhoneWithKey registers a client instance with this key.
func (s *Server) PhoneWithKey(key crypto.Signer) *Phone {
	s.t.Helper()
	return s.PhoneOf(s.Register(Metadata(key)).Succeeded(s.t, http.StatusCreated), key)
}

// PhoneOf returns the client instance that was registered with this answer.
func (s *Server) PhoneOf(registration Answer, key crypto.Signer) *Phone {
	return &Phone{ClientID: registration.String("client_id"), Key: key, DPoP: key, Registration: registration, server: s}
}

// ResourceServer registers an API that may introspect; only Introspect works for it.
func (s *Server) ResourceServer(name, resource string) *Phone {
	s.t.Helper()
	key := NewKey()
	row, err := s.Store.AddResourceServer(s.t.Context(), name, resource, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public()}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return &Phone{ClientID: row.ID, Key: key, DPoP: key, server: s}
}

// Metadata returns a registration request that is right.
func Metadata(key crypto.Signer) Object {
	return Object{
		"client_name": "Pocket Bank", "software_id": "example.pocketbank", "software_version": "4.2",
		"token_endpoint_auth_method": "private_key_jwt", "response_types": []string{},
		"grant_types": []string{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
		"jwks":        Object{"keys": []Object{PublicJWK(key)}},
	}
}

// Register sends a registration request.
func (s *Server) Register(metadata Object) Answer {
	s.t.Helper()
	return s.RegisterWith(metadata, "")
}

// RegisterWith is Register with an initial access token, "" for none.
func (s *Server) RegisterWith(metadata Object, token string) Answer {
	s.t.Helper()
	return s.Manage(http.MethodPost, oauth.PathRegistration, token, metadata)
}

// Manage sends a request about a registration, with a bearer token when there is one and
// with metadata unless it is nil (RFC 7592 §2).
func (s *Server) Manage(method, path, token string, metadata Object) Answer {
	s.t.Helper()
	var body []byte
	if metadata != nil {
		body = toJSON(metadata)
	}
	request := must(http.NewRequestWithContext(s.t.Context(), method, s.Endpoint(path), bytes.NewReader(body)))
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return s.Do(request)
}

// Statement makes a software statement for the app of Metadata, good for a day (RFC 7591
// §2.3).
func (s *Server) Statement(key crypto.Signer, changes Object) string {
	now := s.Clock.Now()
	return Forge{}.sign(Object{"typ": "JWT"}, Object{
		"iss": "Example Bank", "software_id": "example.pocketbank", "iat": now.Unix(), "exp": now.Add(24 * time.Hour).Unix(),
	}.With(changes), key)
}

// JSON returns a value as JSON.
func JSON(v any) string { return string(toJSON(v)) }

// Request is one request of a phone. What is left out is done right; a form value of ""
// takes a parameter away.
type Request struct {
	Path      string
	Form      map[string]string
	Resources []string // each a parameter of its own (RFC 8707)
	Assertion Forge
	Proof     Forge
	NoProof   bool
	Header    http.Header // added as it is
}

// Post sends a request with client authentication and a DPoP proof.
func (p *Phone) Post(r Request) Answer {
	p.server.t.Helper()
	return p.server.Do(p.NewRequest(r))
}

// NewRequest makes the request that Post sends.
func (p *Phone) NewRequest(r Request) *http.Request {
	form := url.Values{
		"client_id": {p.ClientID}, "client_assertion": {p.Assertion(r.Assertion)},
		"client_assertion_type": {oauth.ClientAssertionTypeJWTBearer},
	}
	for name, value := range r.Form {
		if form.Set(name, value); value == "" {
			form.Del(name)
		}
	}
	for _, resource := range r.Resources {
		form.Add(oauth.ParamResource, resource)
	}
	request := must(http.NewRequestWithContext(p.server.t.Context(), http.MethodPost, p.server.Endpoint(r.Path),
		strings.NewReader(form.Encode())))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !r.NoProof {
		request.Header.Set(oauth.HeaderDPoP, p.Proof(http.MethodPost, r.Path, "", r.Proof))
	}
	for name, values := range r.Header {
		request.Header[name] = append(request.Header[name], values...)
	}
	return request
}

// Assertion makes a client assertion (RFC 7523 §3).
func (p *Phone) Assertion(forge Forge) string {
	now := p.server.Clock.Now()
	return forge.sign(Object{"typ": oauth.TypeClientAuthentication}, Object{
		"iss": p.ClientID, "sub": p.ClientID, "aud": p.server.Issuer, "jti": NewJTI(),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}, p.Key)
}

// Proof makes a DPoP proof (RFC 9449 §4.2), for an access token when there is one.
func (p *Phone) Proof(method, path, accessToken string, forge Forge) string {
	key := p.DPoP
	if forge.Key != nil {
		key = forge.Key
	}
	claims := Object{"jti": NewJTI(), "htm": method, "htu": p.server.Endpoint(path), "iat": p.server.Clock.Now().Unix()}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		claims["ath"] = encode(sum[:])
	}
	return forge.sign(Object{"typ": "dpop+jwt", "jwk": PublicJWK(key)}, claims, key)
}

// Presence returns what the QR code says that the phone shows now (docs/presence-proof.md).
func (p *Phone) Presence(codes Codes) string {
	p.server.t.Helper()
	now := p.server.Clock.Now()
	proof, err := oauth.SignPresenceProof(p.Key, oauth.PresenceRequest{
		ClientID: p.ClientID, Issuer: p.server.Issuer, UserCode: must(oauth.ParseUserCode(codes.UserCode)),
		ID: NewJTI(), IssuedAt: now, ExpiresAt: now.Add(oauth.MaxPresenceLifetime),
	})
	if err != nil {
		p.server.t.Fatal(err)
	}
	return proof.Travel()
}

// Ask asks for codes for the account that Start made; more changes the form.
func (p *Phone) Ask(more map[string]string) Codes {
	p.server.t.Helper()
	answer := p.AskRaw(Request{Form: more}).Succeeded(p.server.t, http.StatusOK)
	return Codes{answer.String("device_code"), answer.String("user_code"), answer}
}

// AskRaw is a device authorization request that may be wrong.
func (p *Phone) AskRaw(r Request) Answer {
	p.server.t.Helper()
	r.Path = oauth.PathDeviceAuthorization
	r.Form = merge(map[string]string{"login_hint": "anna@example.org"}, r.Form)
	return p.Post(r)
}

// Poll is a token request for a device code.
func (p *Phone) Poll(deviceCode string) Answer {
	p.server.t.Helper()
	return p.PollRaw(deviceCode, Request{})
}

// PollRaw is Poll with something wrong.
func (p *Phone) PollRaw(deviceCode string, r Request) Answer {
	p.server.t.Helper()
	r.Path = oauth.PathToken
	r.Form = merge(map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": deviceCode}, r.Form)
	return p.Post(r)
}

// Refresh is a refresh request.
func (p *Phone) Refresh(refreshToken string, more map[string]string) Answer {
	p.server.t.Helper()
	return p.Post(Request{Path: oauth.PathToken, Form: merge(
		map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": refreshToken}, more)})
}

// Introspect asks about a token.
func (p *Phone) Introspect(token string) Answer {
	p.server.t.Helper()
	return p.Post(Request{Path: oauth.PathIntrospection, Form: map[string]string{"token": token}, NoProof: true})
}

// Revoke gives a token back.
func (p *Phone) Revoke(token string) Answer {
	p.server.t.Helper()
	return p.Post(Request{Path: oauth.PathRevocation, Form: map[string]string{"token": token}, NoProof: true})
}

// WhoAmI calls the sample API.
func (p *Phone) WhoAmI(accessToken string) Answer {
	p.server.t.Helper()
	request := must(http.NewRequestWithContext(p.server.t.Context(), http.MethodGet, p.server.Endpoint(oauth.PathWhoAmI), nil))
	request.Header.Set("Authorization", "DPoP "+accessToken)
	request.Header.Set(oauth.HeaderDPoP, p.Proof(http.MethodGet, oauth.PathWhoAmI, accessToken, Forge{}))
	return p.server.Do(request)
}

func merge(base, more map[string]string) map[string]string {
	for name, value := range more {
		base[name] = value
	}
	return base
}

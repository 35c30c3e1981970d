// Package demoprovider is a small OpenID Provider (OpenID Connect Core 1.0, Discovery
// 1.0) for the demonstration: instead of a password it asks which of a few invented
// members of staff to be. It knows one client and one redirect URI, and must be
// reachable on loopback only: everybody who reaches it can sign in as anybody.
//
//	provider.go    configuration, addresses, discovery and keys
//	authorize.go   the page that asks who to be, and the way back with a code
//	session.go     who was chosen in this browser, since when, and the sign-out
//	token.go       code and PKCE verifier for an ID token
//
// The code flow with PKCE (RFC 7636, S256) is the only flow.
package demoprovider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"countersign/views"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/text/language"
)

// Config is what a Provider needs; every field is required.
type Config struct {
	Issuer       string // an address on loopback, without a slash at the end
	ClientID     string
	ClientSecret string
	RedirectURI  string // the only one that codes are sent to
	People       []Person

	// PostLogoutRedirectURI is the only one that a sign-out leads back to.
	PostLogoutRedirectURI string

	Now  func() time.Time
	Rand io.Reader
}

// Person is one invented member of staff.
type Person struct {
	Subject string
	Name    string
	Email   string
	Roles   []string
	Note    string // what this person may do: a text for views.Say
}

// Provider is an http.Handler for everything below its issuer's path.
type Provider struct {
	config Config
	words  *views.Words
	path   string // of the issuer
	client string // origin of the redirect URI
	key    jose.JSONWebKey
	mux    *http.ServeMux

	mutex    sync.Mutex
	codes    map[string]grant   // by code, single use
	sessions map[string]session // by cookie
}

// New makes a provider with a key of its own.
func New(config Config) (*Provider, error) {
	issuer, err := url.Parse(config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("demonstration provider: %w", err)
	}
	client, err := url.Parse(config.RedirectURI)
	if err != nil {
		return nil, fmt.Errorf("demonstration provider: %w", err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), config.Rand)
	if err != nil {
		return nil, fmt.Errorf("demonstration provider: %w", err)
	}
	words, err := views.LoadWords()
	if err != nil {
		return nil, fmt.Errorf("demonstration provider: %w", err)
	}
	p := &Provider{
		words: words, config: config, path: issuer.Path, client: client.Scheme + "://" + client.Host,
		codes: map[string]grant{}, sessions: map[string]session{}, mux: http.NewServeMux(),
		key: jose.JSONWebKey{Key: private, KeyID: "demonstration", Algorithm: string(jose.ES256), Use: "sig"},
	}
	p.mux.HandleFunc("GET "+p.path+"/.well-known/openid-configuration", p.discovery)
	p.mux.HandleFunc("GET "+p.path+"/jwks", p.jwks)
	p.mux.HandleFunc("GET "+p.path+"/authorize", p.ask)
	p.mux.Handle("POST "+p.path+"/authorize", http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.choose)))
	p.mux.HandleFunc("POST "+p.path+"/token", p.token)
	p.mux.HandleFunc("GET "+p.path+"/end-session", p.askToEnd)
	p.mux.Handle("POST "+p.path+"/end-session", http.NewCrossOriginProtection().Handler(http.HandlerFunc(p.endSession)))
	return p, nil
}

// maxBody is in bytes; every form is far smaller.
const maxBody = 16 << 10

func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", // browsers hold form-action also against where a form's answer redirects to
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' "+p.client+"; base-uri 'none'; frame-ancestors 'none'")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	p.mux.ServeHTTP(w, r.WithContext(p.words.In(r.Context(), p.language(r))))
}

// language is the console's choice for this browser, whose cookie comes here too, else what
// the browser asks for.
func (p *Provider) language(r *http.Request) language.Tag {
	chosen := ""
	if cookie, err := r.Cookie("countersign-language"); err == nil {
		chosen = cookie.Value
	}
	return p.words.Match(chosen, r.Header.Get("Accept-Language"))
}

// discovery is OpenID Connect Discovery 1.0 §3.
func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := p.config.Issuer
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                         issuer,
		"authorization_endpoint":                         issuer + "/authorize",
		"token_endpoint":                                 issuer + "/token",
		"jwks_uri":                                       issuer + "/jwks",
		"end_session_endpoint":                           issuer + "/end-session", // RP-Initiated Logout 1.0 §2.1
		"response_types_supported":                       []string{"code"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{string(jose.ES256)},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":               []string{"S256"},
		"scopes_supported":                               []string{"openid", "profile", "email"},
		"claims_supported":                               []string{"sub", "name", "email", "preferred_username", "roles", "auth_time"},
		"authorization_response_iss_parameter_supported": true, // RFC 9207
	})
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.key.Public()}})
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// secret draws 256 random bits in base64url.
func (p *Provider) secret() (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(p.config.Rand, raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

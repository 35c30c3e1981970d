package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

const audience = issuer + "/api"

var token = oauth.AccessToken{
	Issuer: issuer, Subject: "account-1", ClientID: clientID, Audience: audience, ID: "token-1", Scope: "profile",
	Thumbprint: rfc9449Thumbprint, IssuedAt: time.Unix(at(0), 0), ExpiresAt: time.Unix(at(10*time.Minute), 0), BindingID: "binding-1",
}

func signingKey() jose.JSONWebKey {
	return jose.JSONWebKey{Key: ecKey(), KeyID: "server-1", Algorithm: "ES256"}
}

func publicSigningKeys() jose.JSONWebKeySet {
	key := signingKey()
	other := jose.JSONWebKey{Key: otherECKey().Public(), KeyID: "server-0"}
	return keySet(other, key.Public())
}

// RFC 9068 §2.1, §2.2, RFC 9449 §6.1: header and claims, no more and no less.
func TestSignAccessToken(t *testing.T) {
	raw := must(oauth.SignAccessToken(token, signingKey()))
	parts := strings.Split(raw, ".")
	sameJSON(t, decodePart(t, parts[0]), `{"alg": "ES256", "typ": "at+jwt", "kid": "server-1"}`)
	sameJSON(t, decodePart(t, parts[1]), `{
		"iss": "https://auth.example", "sub": "account-1", "client_id": "client-1", "aud": "https://auth.example/api",
		"jti": "token-1", "scope": "profile", "iat": 1795338000, "exp": 1795338600,
		"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}, "binding": "binding-1"}`)
	got, err := oauth.VerifyAccessToken(raw, publicSigningKeys(), issuer, []string{audience}, now)
	accepted(t, err)
	if got != token {
		t.Errorf("got %+v, want %+v", got, token)
	}
}

func TestSignAccessTokenRefuses(t *testing.T) {
	for name, change := range map[string]func(*oauth.AccessToken, *jose.JSONWebKey){
		"no issuer":     func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.Issuer = "" },
		"no subject":    func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.Subject = "" },
		"no client":     func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.ClientID = "" },
		"no audience":   func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.Audience = "" },
		"no identifier": func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.ID = "" },
		"no DPoP key":   func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.Thumbprint = "" },
		"no beginning":  func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.IssuedAt = time.Time{} },
		"no end":        func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.ExpiresAt = time.Time{} },
		"no lifetime":   func(t *oauth.AccessToken, _ *jose.JSONWebKey) { t.ExpiresAt = t.IssuedAt },
		"no kid":        func(_ *oauth.AccessToken, k *jose.JSONWebKey) { k.KeyID = "" },
		"P-384":         func(_ *oauth.AccessToken, k *jose.JSONWebKey) { k.Key = p384Key() },
		"a public key":  func(_ *oauth.AccessToken, k *jose.JSONWebKey) { k.Key = ecKey().Public() },
		"no key":        func(_ *oauth.AccessToken, k *jose.JSONWebKey) { k.Key = nil },
	} {
		t.Run(name, func(t *testing.T) {
			changed, key := token, signingKey()
			change(&changed, &key)
			if raw, err := oauth.SignAccessToken(changed, key); err == nil || raw != "" {
				t.Error("signed")
			}
		})
	}
}

// A token needs neither scope nor binding to be one (docs/protocol.md §6 pending-status: scope is optional).
func TestSignAccessTokenWithoutScope(t *testing.T) {
	plain := token
	plain.Scope, plain.BindingID = "", ""
	got, err := oauth.VerifyAccessToken(must(oauth.SignAccessToken(plain, signingKey())), publicSigningKeys(), issuer, []string{audience}, now)
	accepted(t, err)
	if got != plain {
		t.Errorf("got %+v", got)
	}
}

// RFC 9068 §4. The end is tested at −1 s, 0 and +1 s.
func TestVerifyAccessTokenRefuses(t *testing.T) {
	raw := must(oauth.SignAccessToken(token, signingKey()))
	parts := strings.Split(raw, ".")
	mint := func(header object, claims object) string {
		header = object{"typ": "at+jwt", "kid": "server-1"}.With(header)
		all := object{
			"iss": issuer, "sub": "account-1", "client_id": clientID, "aud": audience, "jti": "token-1",
			"iat": at(0), "exp": at(10 * time.Minute), "cnf": object{"jkt": rfc9449Thumbprint},
		}
		return sign(t, jose.ES256, ecKey(), header, toJSON(all.With(claims)))
	}
	_, err := oauth.VerifyAccessToken(mint(nil, nil), publicSigningKeys(), issuer, []string{audience}, now)
	accepted(t, err)
	for name, tc := range map[string]struct {
		raw              string
		issuer, audience string
		now              time.Time
	}{
		"another issuer":     {raw, "https://other.example", audience, now},
		"another audience":   {raw, issuer, "https://other.example", now},
		"no audience wanted": {mint(nil, object{"aud": ""}), issuer, "", now},
		"no issuer wanted":   {mint(nil, object{"iss": ""}), "", audience, now},
		"at its end":         {raw, issuer, audience, token.ExpiresAt},
		"after its end":      {raw, issuer, audience, token.ExpiresAt.Add(time.Second)},
		"before its time":    {raw, issuer, audience, token.IssuedAt.Add(-61 * time.Second)},
		"typ JWT":            {mint(object{"typ": "JWT"}, nil), issuer, audience, now},
		"no typ":             {mint(object{"typ": nil}, nil), issuer, audience, now},
		"typ of a SET":       {mint(object{"typ": "secevent+jwt"}, nil), issuer, audience, now},
		"no kid":             {mint(object{"kid": nil}, nil), issuer, audience, now},
		"unknown kid":        {mint(object{"kid": "server-9"}, nil), issuer, audience, now},
		"another key's kid":  {mint(object{"kid": "server-0"}, nil), issuer, audience, now},
		"no exp":             {mint(nil, object{"exp": nil}), issuer, audience, now},
		"no iat":             {mint(nil, object{"iat": nil}), issuer, audience, now},
		"no sub":             {mint(nil, object{"sub": nil}), issuer, audience, now},
		"no client_id":       {mint(nil, object{"client_id": nil}), issuer, audience, now},
		"no jti":             {mint(nil, object{"jti": nil}), issuer, audience, now},
		"no cnf":             {mint(nil, object{"cnf": nil}), issuer, audience, now},
		"no jkt":             {mint(nil, object{"cnf": object{}}), issuer, audience, now},
		"several audiences":  {mint(nil, object{"aud": []string{audience, "x"}}), issuer, audience, now},
		"none": {unsigned(object{"alg": "none", "typ": "at+jwt", "kid": "server-1"}, object{"iss": issuer}, ""), issuer,
			audience, now},
		"no signature": {parts[0] + "." + parts[1] + ".", issuer, audience, now},
		"EdDSA":        {sign(t, jose.EdDSA, edKey(), object{"typ": "at+jwt", "kid": "server-1"}, "{}"), issuer, audience, now},
		"not a JWT":    {"x", issuer, audience, now},
		"nothing":      {"", issuer, audience, now},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.VerifyAccessToken(tc.raw, publicSigningKeys(), tc.issuer, []string{tc.audience}, tc.now)
			refused(t, err, oauth.ErrInvalidToken)
			if got != (oauth.AccessToken{}) {
				t.Error("a refused token was returned")
			}
		})
	}
	_, err = oauth.VerifyAccessToken(raw, publicSigningKeys(), issuer, []string{audience}, token.ExpiresAt.Add(-time.Second))
	accepted(t, err)
}

func decodePart(t *testing.T, part string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(part)), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const typeAccessToken = "at+jwt"

// AccessToken is what an access token says (RFC 9068 §2.2). Subject is the account, never the operator; no claim
// speaks of how staff signed in.
type AccessToken struct {
	Issuer     string
	Subject    string
	ClientID   string
	Audience   string
	ID         string // jti
	Scope      string
	Thumbprint string // of the DPoP key, cnf.jkt (RFC 9449 §6.1)
	IssuedAt   time.Time
	ExpiresAt  time.Time
	BindingID  string // private claim "binding": what the token hangs on
}

type accessTokenClaims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	ClientID  string           `json:"client_id"`
	Audience  string           `json:"aud"`
	ID        string           `json:"jti"`
	Scope     string           `json:"scope,omitempty"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
	Expiry    *jwt.NumericDate `json:"exp"`
	Confirm   *Confirmation    `json:"cnf"`
	BindingID string           `json:"binding,omitempty"`
}

// SignAccessToken signs t with ES256 under key, a private P-256 key with its kid (RFC 9068 §2.1). A token with no
// issuer, subject, client, audience, identifier, DPoP key or lifetime is not signed.
func SignAccessToken(t AccessToken, key jose.JSONWebKey) (string, error) {
	if err := t.complete(); err != nil {
		return "", err
	}
	if key.KeyID == "" {
		return "", errors.New("signing an access token: the key has no kid")
	}
	raw, err := signES256(typeAccessToken, t.claims(), key)
	if err != nil {
		return "", fmt.Errorf("signing an access token: %w", err)
	}
	return raw, nil
}

// signES256 is a JWT in the compact serialization (RFC 7515 §7.1) of claims that encoding/json writes, signed by a private P-256
// key. By go-jose, which does it for any claims, algorithm and key, it was half of what a refresh allocates.
func signES256(typ string, claims any, key jose.JSONWebKey) (string, error) {
	private, ok := key.Key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return "", errors.New("the key is no private P-256 key")
	}
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
		Type      string `json:"typ"`
	}{string(jose.ES256), key.KeyID, typ})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	encoding := base64.RawURLEncoding
	token := append(encoding.AppendEncode(make([]byte, 0, 1024), header), '.')
	token = encoding.AppendEncode(token, payload)
	digest := sha256.Sum256(token)
	r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte // RFC 7518 §3.4
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return string(encoding.AppendEncode(append(token, '.'), signature[:])), nil
}

// VerifyAccessToken verifies a token that this server signed (RFC 9068 §4): type, ES256 under one of keys by kid,
// issuer, one of audiences, the time, and that it is bound to a DPoP key. Every refusal is invalid_token. Whether its
// binding still stands, and that the request proves the DPoP key, are the caller's to check.
func VerifyAccessToken(raw string, keys jose.JSONWebKeySet, issuer string, audiences []string, now time.Time) (AccessToken, *Error) {
	token, err := VerifyIssuedToken(raw, keys, issuer, now)
	if err == nil && !slices.Contains(audiences, token.Audience) {
		err = Errorf(ErrInvalidToken, "the access token is not valid: aud is another resource")
	}
	if err != nil {
		return AccessToken{}, err
	}
	return token, nil
}

// VerifyIssuedToken is VerifyAccessToken for the server that issued the token, when it ends it (RFC 7009 §2.1):
// whatever its audience.
func VerifyIssuedToken(raw string, keys jose.JSONWebKeySet, issuer string, now time.Time) (AccessToken, *Error) {
	claims, err := verifyAccessToken(raw, keys)
	if err == nil {
		err = claims.check(issuer, now)
	}
	if err != nil {
		return AccessToken{}, Errorf(ErrInvalidToken, "the access token is not valid: %v", err)
	}
	return claims.token(), nil
}

func verifyAccessToken(raw string, keys jose.JSONWebKeySet) (claims accessTokenClaims, err error) {
	jws, err := parseJWT(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return claims, err
	}
	if !jws.header.hasType(typeAccessToken) {
		return claims, errors.New("typ must be " + typeAccessToken)
	}
	named := keys.Key(jws.header.keyID)
	if jws.header.keyID == "" || len(named) == 0 {
		return claims, errors.New("kid names no key of this server")
	}
	return claims, decodeClaims(jws, named[0].Public(), &claims)
}

func (c accessTokenClaims) check(issuer string, now time.Time) error {
	switch {
	case issuer == "" || c.Issuer != issuer:
		return errors.New("iss is another issuer")
	case c.IssuedAt == nil || c.Expiry == nil || c.Confirm == nil:
		return errClaims
	case !now.Before(c.Expiry.Time()):
		return errors.New("expired")
	case c.IssuedAt.Time().Sub(now) > maxFuture:
		return errFuture
	}
	return c.token().complete()
}

func (t AccessToken) complete() error {
	for _, member := range []struct{ name, value string }{
		{"issuer", t.Issuer}, {"subject", t.Subject}, {"client", t.ClientID},
		{"audience", t.Audience}, {"identifier", t.ID}, {"DPoP key", t.Thumbprint},
	} {
		if member.value == "" {
			return fmt.Errorf("an access token needs its %s", member.name)
		}
	}
	if t.IssuedAt.IsZero() || !t.ExpiresAt.After(t.IssuedAt) {
		return errors.New("an access token needs a lifetime")
	}
	return nil
}

func (t AccessToken) claims() accessTokenClaims {
	return accessTokenClaims{
		Issuer: t.Issuer, Subject: t.Subject, ClientID: t.ClientID, Audience: t.Audience, ID: t.ID, Scope: t.Scope,
		IssuedAt: jwt.NewNumericDate(t.IssuedAt), Expiry: jwt.NewNumericDate(t.ExpiresAt),
		Confirm: &Confirmation{Thumbprint: t.Thumbprint}, BindingID: t.BindingID,
	}
}

// token is called only on claims whose pointers check has found present.
func (c accessTokenClaims) token() AccessToken {
	return AccessToken{
		Issuer: c.Issuer, Subject: c.Subject, ClientID: c.ClientID, Audience: c.Audience, ID: c.ID, Scope: c.Scope,
		Thumbprint: c.Confirm.Thumbprint, IssuedAt: c.IssuedAt.Time(), ExpiresAt: c.Expiry.Time(), BindingID: c.BindingID,
	}
}

package oauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"countersign/oauth"
	"countersign/oauth/protocoltest"

	"github.com/go-jose/go-jose/v4"
)

const issuer = "https://auth.example"

// now is the moment at which the tests' requests arrive.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// object is a JWT header or a set of claims.
type object = protocoltest.Object

func at(offset time.Duration) int64 { return now.Add(offset).Unix() }

// Keys are made once: an RSA key takes its time.
var (
	ecKey      = sync.OnceValue(func() *ecdsa.PrivateKey { return newECKey(elliptic.P256()) })
	otherECKey = sync.OnceValue(func() *ecdsa.PrivateKey { return newECKey(elliptic.P256()) })
	p384Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return newECKey(elliptic.P384()) })
	edKey      = sync.OnceValue(func() ed25519.PrivateKey { return must(second(ed25519.GenerateKey(rand.Reader))) })
	otherEdKey = sync.OnceValue(func() ed25519.PrivateKey { return must(second(ed25519.GenerateKey(rand.Reader))) })
	rsaKey     = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	weakRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })
)

func newECKey(curve elliptic.Curve) *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(curve, rand.Reader))
}

func second[A, B any](_ A, b B, err error) (B, error) { return b, err }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// sign makes a compact JWT of exactly this payload, with header members beside alg.
func sign(t testing.TB, alg jose.SignatureAlgorithm, key any, header object, payload string) string {
	t.Helper()
	return protocoltest.SignJWT(alg, key, header, payload)
}

// unsigned makes a compact JWT with this header and whatever signature is given.
func unsigned(header, claims object, signature string) string {
	return protocoltest.ForgeJWT(header, claims.JSON(), func(string) []byte { return []byte(signature) })
}

func toJSON(v any) string { return string(must(json.Marshal(v))) }

func keySet(keys ...jose.JSONWebKey) jose.JSONWebKeySet { return jose.JSONWebKeySet{Keys: keys} }

func public(key any) jose.JSONWebKey {
	private := jose.JSONWebKey{Key: key}
	return private.Public()
}

// refused fails the test unless err has this code.
func refused(t testing.TB, err *oauth.Error, code string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted, want %s", code)
	}
	if err.Code != code {
		t.Fatalf("refused with %q, want %s", err, code)
	}
}

func accepted(t testing.TB, err *oauth.Error) {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
}

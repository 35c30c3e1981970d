#!/usr/bin/env bash
# Go module github.com/coreos/go-oidc/v3 3.21.0 can use no key of a provider that publishes one key on a curve it does not know.
#
# Expected: an ID token signed with the P-256 key verifies whatever other keys stand beside it. RFC 7517 §5: keys of an
#           unknown type, or with values out of the supported range, should be ignored; "alg" is optional (§4.4). An X448 key
#           and a secp256k1 key (RFC 8812) with "alg" are ignored so.
# Seen:     the same secp256k1 key without "alg" makes the whole set unreadable, and every sign-in fails.
# Source:   Go modules github.com/coreos/go-oidc/v3 3.21.0, github.com/go-jose/go-jose/v4 4.1.8; RFC 7517 §4.4 and §5; RFC 8812.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const issuer = "https://issuer.example"

// The point is the generator of secp256k1 as a JWK: a valid public key.
const point = `"x":"eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g","y":"SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg"`

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	own := must(json.Marshal(jose.JSONWebKey{Key: &key.PublicKey, KeyID: "own", Algorithm: "ES256", Use: "sig"}))
	signer := must(jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "own"}}, nil))
	claims := must(json.Marshal(map[string]any{"iss": issuer, "aud": "app", "sub": "anna", "exp": time.Now().Add(time.Hour).Unix()}))
	token := must(must(signer.Sign(claims)).CompactSerialize())

	for _, other := range []struct{ name, key string }{
		{"alone", ""},
		{"beside X448", `,{"kid":"other","kty":"OKP","crv":"X448","x":"` + strings.Repeat("BQ", 37) + `U"}`},
		{"beside secp256k1 with alg", `,{"kid":"other","kty":"EC","crv":"secp256k1","alg":"ES256K",` + point + `}`},
		{"beside secp256k1", `,{"kid":"other","kty":"EC","crv":"secp256k1",` + point + `}`},
	} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"keys":[%s%s]}`, own, other.key)
		}))
		keys := oidc.NewRemoteKeySet(context.Background(), provider.URL)
		_, err := oidc.NewVerifier(issuer, keys, &oidc.Config{ClientID: "app", SupportedSigningAlgs: []string{"ES256"}}).
			Verify(context.Background(), token)
		provider.Close()
		if err != nil {
			_, cause, _ := strings.Cut(err.Error(), "go-jose/go-jose: ")
			cause, _, _ = strings.Cut(cause, " {")
			fmt.Println(other.name+": refused:", cause)
			continue
		}
		fmt.Println(other.name + ": verified")
	}
}
GO
{ go mod init seen && go get github.com/coreos/go-oidc/v3/oidc@v3.21.0 github.com/go-jose/go-jose/v4@v4.1.8 &&
  go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-oidc 3.21.0" >&2; exit 2; }
cat >expected <<'TXT'
alone: verified
beside X448: verified
beside secp256k1 with alg: verified
beside secp256k1: refused: unsupported elliptic curve 'secp256k1'
TXT
./program | tee seen
diff expected seen && echo "As described: one secp256k1 key without alg takes the whole key set from go-oidc 3.21.0."

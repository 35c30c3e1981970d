package handlerstest

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"countersign/oauth/protocoltest"

	"github.com/go-jose/go-jose/v4"
)

// Object is a JWT header, a set of claims, or a JSON body.
type Object = protocoltest.Object

// Forge changes a JWT before it is signed, or how it is signed. The zero Forge changes
// nothing.
type Forge struct {
	Header Object // merged into the header; nil removes a member
	Claims Object // merged into the claims
	Key    crypto.Signer
	Broken bool // the signature is of something else
}

func (f Forge) sign(header, claims Object, key crypto.Signer) string {
	if f.Key != nil {
		key = f.Key
	}
	alg := protocoltest.Algorithm(key)
	header = header.With(Object{"alg": string(alg)}).With(f.Header)
	return protocoltest.ForgeJWT(header, claims.With(f.Claims).JSON(), func(text string) []byte {
		if f.Broken {
			text += "broken"
		}
		return protocoltest.Signature(alg, key, text)
	})
}

// PublicJWK returns a key as it is registered.
func PublicJWK(key crypto.Signer) Object {
	var out Object
	if err := json.Unmarshal(must(jose.JSONWebKey{Key: key.Public()}.MarshalJSON()), &out); err != nil {
		panic(err)
	}
	return out
}

// Thumbprint returns the RFC 7638 thumbprint of a key.
func Thumbprint(key crypto.Signer) string {
	jwk := jose.JSONWebKey{Key: key.Public()}
	return encode(must(jwk.Thumbprint(crypto.SHA256)))
}

// NewJTI returns an identifier that nothing else has.
func NewJTI() string { return rand.Text() }

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func toJSON(v any) []byte { return must(json.Marshal(v)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

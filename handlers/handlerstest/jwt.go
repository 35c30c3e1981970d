package handlerstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"

	"github.com/go-jose/go-jose/v4"
)

// Object is a JWT header, a set of claims, or a JSON body.
type Object map[string]any

// With is a copy with these members; nil takes a member away.
func (o Object) With(changes Object) Object {
	out := maps.Clone(o)
	for name, value := range changes {
		if out[name] = value; value == nil {
			delete(out, name)
		}
	}
	return out
}

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
	text := encode(toJSON(header.With(Object{"alg": algorithm(key)}).With(f.Header))) + "." + encode(toJSON(claims.With(f.Claims)))
	signed := text
	if f.Broken {
		signed += "broken"
	}
	return text + "." + encode(signature(key, []byte(signed)))
}

func algorithm(key crypto.Signer) string {
	switch key.(type) {
	case ed25519.PrivateKey:
		return string(jose.EdDSA)
	case *rsa.PrivateKey:
		return string(jose.PS256)
	}
	return string(jose.ES256)
}

func signature(key crypto.Signer, text []byte) []byte {
	sum := sha256.Sum256(text)
	switch private := key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(private, text)
	case *rsa.PrivateKey:
		return must(rsa.SignPSS(rand.Reader, private, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
		if err != nil {
			panic(err)
		}
		raw := make([]byte, 64)
		r.FillBytes(raw[:32])
		s.FillBytes(raw[32:])
		return raw
	}
	panic("a key that this package cannot sign with")
}

// PublicJWK is a key as it is registered.
func PublicJWK(key crypto.Signer) Object {
	var out Object
	if err := json.Unmarshal(must(jose.JSONWebKey{Key: key.Public()}.MarshalJSON()), &out); err != nil {
		panic(err)
	}
	return out
}

// Thumbprint is the RFC 7638 thumbprint of a key.
func Thumbprint(key crypto.Signer) string {
	jwk := jose.JSONWebKey{Key: key.Public()}
	return encode(must(jwk.Thumbprint(crypto.SHA256)))
}

// NewJTI is an identifier that nothing else has.
func NewJTI() string { return rand.Text() }

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func toJSON(v any) []byte { return must(json.Marshal(v)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

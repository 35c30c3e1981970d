package protocoltest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/go-jose/go-jose/v4"
)

// Object is a JWT header, a set of claims, or a JSON body.
type Object map[string]any

// With is a copy with these members; nil takes a member away.
func (o Object) With(changes Object) Object {
	out := maps.Clone(o)
	if out == nil {
		out = Object{}
	}
	for name, value := range changes {
		if out[name] = value; value == nil {
			delete(out, name)
		}
	}
	return out
}

// JSON is the object's text.
func (o Object) JSON() string { return string(must(json.Marshal(o))) }

// ForgeJWT makes a compact JWT (RFC 7515 §3.1) of exactly this header and payload, which need not be JSON, and of
// the signature that sign makes of the text before it.
func ForgeJWT(header Object, payload string, sign func(text string) []byte) string {
	text := encode(header.JSON()) + "." + encode(payload)
	return text + "." + encode(string(sign(text)))
}

// SignJWT makes a compact JWT of exactly this payload. The header says alg, unless it says something else of its own.
func SignJWT(alg jose.SignatureAlgorithm, key any, header Object, payload string) string {
	return ForgeJWT(Object{"alg": string(alg)}.With(header), payload, func(text string) []byte { return Signature(alg, key, text) })
}

// Ed25519Key signs by the registered name of its algorithm (RFC 9864 §2.2), where a bare key signs by the older one.
type Ed25519Key struct{ ed25519.PrivateKey }

// Algorithm is the one with which a client's key of this kind signs.
func Algorithm(key any) jose.SignatureAlgorithm {
	switch key.(type) {
	case Ed25519Key:
		return "Ed25519"
	case ed25519.PrivateKey:
		return jose.EdDSA
	case *rsa.PrivateKey:
		return jose.PS256
	}
	return jose.ES256
}

var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

// Signature signs text (RFC 7518 §3.1, RFC 8037 §3.1). A key that does not go with alg is a fault of the test.
func Signature(alg jose.SignatureAlgorithm, key any, text string) []byte {
	if named, is := key.(Ed25519Key); is {
		key = named.PrivateKey
	}
	if alg == jose.EdDSA || alg == "Ed25519" { // RFC 9864 §2.2: one algorithm with two names
		return ed25519.Sign(key.(ed25519.PrivateKey), []byte(text))
	}
	kind, hash := alg[:2], hashes[string(alg[2:])]
	if kind == "HS" {
		mac := hmac.New(hash.New, key.([]byte))
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	digest := hash.New()
	digest.Write([]byte(text))
	sum := digest.Sum(nil)
	switch kind {
	case "RS":
		return must(rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), hash, sum))
	case "PS":
		return must(rsa.SignPSS(rand.Reader, key.(*rsa.PrivateKey), hash, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
	case "ES":
		return ecdsaSignature(key.(*ecdsa.PrivateKey), sum)
	}
	panic(fmt.Sprintf("no signature is made with %q here", alg))
}

// ecdsaSignature is R and S beside each other, each as long as the curve's field (RFC 7518 §3.4).
func ecdsaSignature(key *ecdsa.PrivateKey, sum []byte) []byte {
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		panic(err)
	}
	size := (key.Params().BitSize + 7) / 8
	raw := make([]byte, 2*size)
	r.FillBytes(raw[:size])
	s.FillBytes(raw[size:])
	return raw
}

func encode(raw string) string { return base64.RawURLEncoding.EncodeToString([]byte(raw)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

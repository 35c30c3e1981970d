package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// errToken is all that the bare server says about a token.
var errToken = errors.New("invalid_client")

// publicKey is a P-256 key as a JWK (RFC 7518 §6.2.1).
type publicKey struct {
	X string `json:"x"`
	Y string `json:"y"`
}

// verify checks the ES256 signature of a compact JWS (RFC 7515 §5.2).
func (k publicKey) verify(token string) error {
	point := []byte{4} // uncompressed, SEC 1 §2.3.3
	for _, coordinate := range []string{k.X, k.Y} {
		bytes, err := base64.RawURLEncoding.DecodeString(coordinate)
		if err != nil || len(bytes) != 32 {
			return errToken
		}
		point = append(point, bytes...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return errToken
	}
	dot := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil || dot < 0 || len(signature) != 64 {
		return errToken
	}
	digest := sha256.Sum256([]byte(token[:dot]))
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return errToken
	}
	return nil
}

// issuerOf is the iss of an assertion's claims.
func issuerOf(assertion string) (string, error) {
	var claims struct {
		Issuer string `json:"iss"`
	}
	err := readPart(assertion, 1, &claims)
	return claims.Issuer, err
}

// keyIn is the key in a DPoP proof's header (RFC 9449 §4.2).
func keyIn(proof string) (publicKey, error) {
	var header struct {
		Key publicKey `json:"jwk"`
	}
	err := readPart(proof, 0, &header)
	return header.Key, err
}

func readPart(token string, part int, into any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errToken
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil || json.Unmarshal(text, into) != nil {
		return errToken
	}
	return nil
}

// signEvent makes a compact ES256 JWS.
func signEvent(key *ecdsa.PrivateKey, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","typ":"secevent+jwt"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}

package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

const (
	maxJWT     = 8192             // bytes of a compact JWT that a stranger sends
	maxJTI     = 255              // characters
	maxFuture  = 60 * time.Second // FAPI 2.0 §5.3.2.1: 10 s must be accepted, more than 60 s refused; we accept up to 60 s
	minRSABits = 2048             // FAPI 2.0 §5.4
)

var (
	errTooLong     = errors.New("the JWT is too long")
	errNotCompact  = errors.New("not a JWT in compact serialization")
	errExtension   = errors.New("the JWT demands a header extension")
	errMalformed   = errors.New("the JWT is malformed")
	errAlgorithm   = errors.New("the JWT's algorithm is not accepted")
	errSignature   = errors.New("the signature does not verify")
	errClaims      = errors.New("the claims are malformed")
	errFuture      = errors.New("issued or valid only in the future")
	errJTI         = errors.New("jti must be 1 to 255 printable characters")
	errUnusableKey = errors.New("the key must be P-256, Ed25519, or RSA of 2048 to 4096 bits")
)

// parseJWT parses a compact JWT without verifying it. Header extensions (crit, and with it b64) are refused: none is
// understood here, and RFC 7797 §7 keeps b64 out of JWTs.
func parseJWT(raw string, algorithms []jose.SignatureAlgorithm) (*signedJWT, jose.Header, error) {
	if len(raw) > maxJWT {
		return nil, jose.Header{}, errTooLong
	}
	if strings.ContainsFunc(raw, notCompactChar) {
		return nil, jose.Header{}, errNotCompact
	}
	jws, err := jose.ParseSignedCompact(raw, algorithms)
	if _, other := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); other {
		return nil, jose.Header{}, errAlgorithm
	}
	if err != nil {
		return nil, jose.Header{}, errMalformed
	}
	header := jws.Signatures[0].Protected
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, sent := header.ExtraHeaders[name]; sent {
			return nil, jose.Header{}, errExtension
		}
	}
	return &signedJWT{JSONWebSignature: jws, signed: raw[:strings.LastIndexByte(raw, '.')]}, header, nil
}

// decodeClaims verifies jws with key and decodes its claims into dest. The decoder refuses duplicate members.
func decodeClaims(jws *signedJWT, key jose.JSONWebKey, dest any) error {
	payload, err := jws.verify(key.Key)
	if err != nil {
		return errSignature
	}
	return unmarshalClaims(payload, dest)
}

func unmarshalClaims(payload []byte, dest any) error {
	if !utf8.Valid(payload) || json.Unmarshal(payload, dest) != nil {
		return errClaims
	}
	return nil
}

// hasType compares the typ header as a media type: without regard to case, "application/" implied (RFC 7515 §4.1.9).
func hasType(h jose.Header, want string) bool {
	typ, ok := h.ExtraHeaders[jose.HeaderType].(string)
	return ok && strings.TrimPrefix(strings.ToLower(typ), "application/") == want
}

func typeSent(h jose.Header) bool {
	_, sent := h.ExtraHeaders[jose.HeaderType]
	return sent
}

// checkJTI keeps an identifier fit to be a database key.
func checkJTI(jti string) error {
	if jti == "" || utf8.RuneCountInString(jti) > maxJTI || strings.ContainsFunc(jti, unicode.IsControl) {
		return errJTI
	}
	return nil
}

// checkKey says whether a key may verify what a client signs, and with which algorithm.
func checkKey(key any) (jose.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return jose.ES256, nil
		}
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			return jose.EdDSA, nil
		}
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		if bits >= minRSABits && bits <= jose.MaxRSAModulusBits && k.E > 1<<16 && k.E%2 == 1 {
			return jose.PS256, nil
		}
	}
	return "", errUnusableKey
}

// thumbprint is the RFC 7638 SHA-256 thumbprint of a key, base64url. Keys that checkKey accepts always have one.
func thumbprint(key jose.JSONWebKey) (string, error) {
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", errUnusableKey
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

func notCompactChar(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
		return false
	}
	return true
}

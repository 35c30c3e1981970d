package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"slices"
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

// signedJWT is a parsed JWT, not yet verified.
type signedJWT struct {
	header    jwtHeader
	signed    string // what the signature is over (RFC 7515 §5.2)
	payload   string
	signature []byte
	library   *jose.JSONWebSignature // nil for a plain one, whose algorithm is ES256
}

// jwtHeader is what is looked at of a header (RFC 7515 §4.1).
type jwtHeader struct {
	algorithm, keyID string
	typ              string // "" also where it is no string
	typeSent         bool
	key              any // the public key in jwk; nil for none
}

// parseJWT parses a compact JWT without verifying it. Header extensions (crit, and with it b64) are refused: none is
// understood here, and RFC 7797 §7 keeps b64 out of JWTs.
func parseJWT(raw string, algorithms []jose.SignatureAlgorithm) (*signedJWT, error) {
	if len(raw) > maxJWT {
		return nil, errTooLong
	}
	if !isCompact(raw) {
		return nil, errNotCompact
	}
	if plain, read := parsePlainJWT(raw); read && slices.Contains(algorithms, jose.ES256) {
		return plain, nil
	}
	jws, err := jose.ParseSignedCompact(raw, algorithms)
	if _, other := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); other {
		return nil, errAlgorithm
	}
	if err != nil {
		return nil, errMalformed
	}
	signature := jws.Signatures[0]
	for _, name := range []jose.HeaderKey{"crit", "b64"} {
		if _, sent := signature.Protected.ExtraHeaders[name]; sent {
			return nil, errExtension
		}
	}
	return &signedJWT{header: headerOf(signature.Protected), signed: raw[:strings.LastIndexByte(raw, '.')],
		payload: string(jws.UnsafePayloadWithoutVerification()), signature: signature.Signature, library: jws}, nil
}

func headerOf(h jose.Header) jwtHeader {
	header := jwtHeader{algorithm: h.Algorithm, keyID: h.KeyID}
	if typ, sent := h.ExtraHeaders[jose.HeaderType]; sent {
		header.typ, _ = typ.(string)
		header.typeSent = true
	}
	if h.JSONWebKey != nil {
		header.key = h.JSONWebKey.Key
	}
	return header
}

// decodeClaims verifies jws with key and decodes its claims into dest. The decoder refuses duplicate members.
func decodeClaims(jws *signedJWT, key jose.JSONWebKey, dest any) error {
	if !jws.signedWith(key.Key) {
		return errSignature
	}
	return unmarshalClaims(jws.payload, dest)
}

// plainClaims are claims that read themselves where they are plainly written.
type plainClaims interface{ readPlain(payload string) bool }

func unmarshalClaims(payload string, dest any) error {
	if claims, is := dest.(plainClaims); is && claims.readPlain(payload) {
		return nil
	}
	if !utf8.ValidString(payload) || json.Unmarshal([]byte(payload), dest) != nil {
		return errClaims
	}
	return nil
}

// hasType compares the typ header as a media type: without regard to case, "application/" implied (RFC 7515 §4.1.9).
func (h jwtHeader) hasType(want string) bool {
	return h.typeSent && strings.TrimPrefix(strings.ToLower(h.typ), "application/") == want
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
	if public, is := key.Key.(*ecdsa.PublicKey); is && public.Curve == elliptic.P256() {
		return thumbprintP256(public)
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", errUnusableKey
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// isCompact reports whether all bytes may stand in a compact JWT (RFC 7515 §7.1). base64 by itself would let line ends pass.
func isCompact(raw string) bool {
	for i := range len(raw) {
		if !compactBytes[raw[i]] {
			return false
		}
	}
	return true
}

var compactBytes = func() (of [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") {
		of[c] = true
	}
	return of
}()

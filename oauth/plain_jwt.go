package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Nearly every JWT that clients send is signed with ES256 and plainly written. These are read here, without go-jose's maps and
// reflection; what is not read here takes the long way. What is read is the same on both ways (FuzzPlainJWT).

// parsePlainJWT reads a compact JWT of characters that isCompact lets pass. Its header holds alg, typ, kid and jwk only.
func parsePlainJWT(raw string) (*signedJWT, bool) {
	dot, last := strings.IndexByte(raw, '.'), strings.LastIndexByte(raw, '.')
	if dot < 0 || last == dot || strings.IndexByte(raw[dot+1:last], '.') >= 0 {
		return nil, false
	}
	var coded, space [usualJWT]byte // on the stack: what is kept is one text and the signature
	from := append(coded[:0], raw...)
	decoded, err := base64.RawURLEncoding.AppendDecode(space[:0], from[:dot])
	if err != nil {
		return nil, false
	}
	header := len(decoded)
	if decoded, err = base64.RawURLEncoding.AppendDecode(decoded, from[dot+1:last]); err != nil {
		return nil, false
	}
	text := string(decoded)
	jws := &signedJWT{signed: raw[:last], payload: text[header:]}
	jws.signature, err = base64.RawURLEncoding.AppendDecode(make([]byte, 0, signatureP256), from[last+1:])
	return jws, err == nil && jws.header.readPlain(text[:header]) && jws.header.algorithm == string(jose.ES256)
}

const (
	usualJWT      = 1024 // bytes that hold nearly every JWT
	signatureP256 = 64   // bytes (RFC 7518 §3.4)
)

func (h *jwtHeader) readPlain(text string) bool {
	return readPlain(text, func(p *plainJSON, name string) bool {
		switch name {
		case "alg":
			return p.text(&h.algorithm)
		case "typ":
			h.typeSent = true
			return p.text(&h.typ)
		case "kid":
			return p.text(&h.keyID)
		case "jwk":
			key, read := p.key()
			if read {
				h.key = key.Key
			}
			return read
		}
		return false
	})
}

// ParsePublicKey reads a key that is kept as a JWK. The error is go-jose's.
func ParsePublicKey(jwk string) (jose.JSONWebKey, error) {
	p := plainJSON{jwk}
	if key, read := p.key(); read && p.trim() == "" {
		return key, nil
	}
	var key jose.JSONWebKey
	err := key.UnmarshalJSON([]byte(jwk))
	return key, err
}

// key reads a public P-256 key (RFC 7518 §6.2.1) with no other members than kid, alg and use.
func (p *plainJSON) key() (key jose.JSONWebKey, read bool) {
	kind, curve, x, y := "", "", "", ""
	read = p.object(func(p *plainJSON, name string) bool {
		switch name {
		case "kty":
			return p.text(&kind)
		case "crv":
			return p.text(&curve)
		case "x":
			return p.text(&x)
		case "y":
			return p.text(&y)
		case "kid":
			return p.text(&key.KeyID)
		case "alg":
			return p.text(&key.Algorithm)
		case "use":
			return p.text(&key.Use)
		}
		return false
	})
	if !read || kind != "EC" || curve != "P-256" {
		return key, false
	}
	public, err := pointP256(x, y)
	key.Key = public
	return key, err == nil
}

const coordinateP256 = 32 // bytes

// pointP256 is the key with these coordinates, base64url, if that is a point of the curve.
func pointP256(x, y string) (*ecdsa.PublicKey, error) {
	const uncompressed = 4 // SEC 1 §2.3.3
	if want := base64.RawURLEncoding.EncodedLen(coordinateP256); len(x) != want || len(y) != want {
		return nil, errUnusableKey
	}
	point := append(make([]byte, 0, 1+2*coordinateP256), uncompressed)
	for _, coordinate := range []string{x, y} {
		var err error
		if point, err = base64.RawURLEncoding.AppendDecode(point, []byte(coordinate)); err != nil {
			return nil, err
		}
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
}

// thumbprintP256 is the thumbprint of a P-256 key (RFC 7638 §3.2).
func thumbprintP256(key *ecdsa.PublicKey) (string, error) {
	point, err := key.Bytes()
	if err != nil {
		return "", errUnusableKey
	}
	text := append(make([]byte, 0, 160), `{"crv":"P-256","kty":"EC","x":"`...)
	text = base64.RawURLEncoding.AppendEncode(text, point[1:1+coordinateP256])
	text = append(text, `","y":"`...)
	text = base64.RawURLEncoding.AppendEncode(text, point[1+coordinateP256:])
	sum := sha256.Sum256(append(text, `"}`...))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// date reads a whole number of seconds.
func (p *plainJSON) date(into **jwt.NumericDate) bool {
	seconds := int64(0)
	if !p.number(&seconds) {
		return false
	}
	at := jwt.NumericDate(seconds)
	*into = &at
	return true
}

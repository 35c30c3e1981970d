package oauth

import (
	"crypto/subtle"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// DPoPWindow is how long after its iat a proof is accepted (RFC 9449 §11.1).
	DPoPWindow = 5 * time.Minute

	// HeaderDPoP is the request header of a proof (RFC 9449 §4.1).
	HeaderDPoP = "DPoP"

	typeDPoP = "dpop+jwt"
)

// DPoPRules is what a proof is measured by.
type DPoPRules struct {
	Method      string // of the request
	URL         string // the request's URL as the outside sees it: issuer and path
	Now         time.Time
	AccessToken string // at a resource: the token that ath must hash; "" elsewhere

	// Nonces demands a nonce of the server in the proof (RFC 9449 §8, §9). nil: a nonce is neither demanded nor looked at.
	Nonces *Nonces
}

// DPoPProof is a verified proof. Single use is the caller's to enforce: remember ID for Thumbprint until ExpiresAt,
// after which the proof is refused for its age.
type DPoPProof struct {
	Thumbprint string // of the key, RFC 7638 SHA-256, base64url
	ID         string // jti
	IssuedAt   time.Time
	ExpiresAt  time.Time
	Nonce      string // "" when it has none
}

type dpopClaims struct {
	ID       string           `json:"jti"`
	Method   string           `json:"htm"`
	URL      string           `json:"htu"`
	IssuedAt *jwt.NumericDate `json:"iat"`
	Hash     string           `json:"ath"`
	Nonce    string           `json:"nonce"`
}

// VerifyDPoPProof verifies the proof in the request's DPoP headers as RFC 9449 §4.3 lists it. Every refusal is
// invalid_dpop_proof, also no header at all: a caller for whom the proof is optional looks at len(headers) first. Only a
// proof that is right in everything but its nonce is use_dpop_nonce: the same request with a new proof may succeed.
func VerifyDPoPProof(headers []string, rules DPoPRules) (DPoPProof, *Error) {
	if len(headers) != 1 {
		return DPoPProof{}, Errorf(ErrInvalidDPoPProof, "exactly one DPoP header is required")
	}
	claims, jkt, err := verifyProof(headers[0])
	if err == nil {
		err = claims.check(rules)
	}
	if err != nil {
		return DPoPProof{}, Errorf(ErrInvalidDPoPProof, "%v", err)
	}
	if rules.Nonces != nil && !rules.Nonces.Accepts(claims.Nonce, rules.Now) {
		return DPoPProof{}, Errorf(ErrUseDPoPNonce, "put the nonce of this answer's DPoP-Nonce header into the proof")
	}
	issued := claims.IssuedAt.Time()
	return DPoPProof{
		Thumbprint: jkt, ID: claims.ID, IssuedAt: issued, ExpiresAt: issued.Add(DPoPWindow), Nonce: claims.Nonce,
	}, nil
}

// verifyProof is RFC 9449 §4.3 (2) to (7): a well-formed JWT of type dpop+jwt, signed with the public key it carries.
// go-jose refuses a jwk with private members.
func verifyProof(raw string) (claims dpopClaims, jkt string, err error) {
	jws, err := parseJWT(raw, clientAlgorithms())
	switch {
	case err != nil:
		return claims, "", err
	case !jws.header.hasType(typeDPoP):
		return claims, "", errors.New("typ must be " + typeDPoP)
	case jws.header.key == nil:
		return claims, "", errors.New("the header has no jwk")
	}
	if _, err := checkKey(jws.header.key); err != nil {
		return claims, "", err
	}
	if !jws.signedWith(jws.header.key) {
		return claims, "", errSignature
	}
	if unmarshalClaims(jws.payload, &claims) != nil {
		return claims, "", wrongMember(jws.payload)
	}
	jkt, err = thumbprint(jose.JSONWebKey{Key: jws.header.key})
	return claims, jkt, err
}

// readPlain is part of plainClaims.
func (c *dpopClaims) readPlain(payload string) bool {
	return readPlain(payload, func(p *plainJSON, name string) bool {
		switch name {
		case "jti":
			return p.text(&c.ID)
		case "htm":
			return p.text(&c.Method)
		case "htu":
			return p.text(&c.URL)
		case "iat":
			return p.date(&c.IssuedAt)
		case "ath":
			return p.text(&c.Hash)
		case "nonce":
			return p.text(&c.Nonce)
		}
		return p.other()
	})
}

// check is RFC 9449 §4.3 (3) and (8) to (12).
func (c dpopClaims) check(rules DPoPRules) error {
	if err := checkJTI(c.ID); err != nil {
		return err
	}
	switch {
	case c.Method == "" || c.Method != rules.Method:
		return errors.New("htm is not the request's method")
	case !sameTarget(c.URL, rules.URL):
		return errors.New("htu is not the request's URL")
	case c.IssuedAt == nil:
		return errors.New("iat is required")
	case c.IssuedAt.Time().Sub(rules.Now) > maxFuture:
		return errFuture
	case rules.Now.Sub(c.IssuedAt.Time()) >= DPoPWindow:
		return errors.New("the proof is too old")
	case rules.AccessToken != "" && subtle.ConstantTimeCompare([]byte(c.Hash), []byte(hashSecret(rules.AccessToken))) != 1:
		return errors.New("ath is not the hash of the access token")
	}
	return nil
}

// sameTarget compares two URLs without query and fragment, normalized by syntax and scheme (RFC 9449 §4.3, RFC 3986
// §6.2.2 and §6.2.3).
func sameTarget(a, b string) bool {
	if a == b && isPlainTarget(a) {
		return true
	}
	na, ok := normalTarget(a)
	if !ok {
		return false
	}
	nb, ok := normalTarget(b)
	return ok && na == nb
}

// isPlainTarget reports whether normalTarget takes a URL, by its looks alone: letters, digits, hyphens, dots and slashes behind
// the scheme, and a port's digits.
func isPlainTarget(raw string) bool {
	scheme, rest, found := strings.Cut(raw, "://")
	host, path, _ := strings.Cut(rest, "/")
	name, port, _ := strings.Cut(host, ":")
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	return found && (scheme == "https" || scheme == "http") && name != "" && consistsOf(name, unreserved) &&
		consistsOf(port, digit) && consistsOf(path, func(c byte) bool { return c == '/' || unreserved(c) })
}

func consistsOf(s string, of func(byte) bool) bool {
	for i := range len(s) {
		if !of(s[i]) {
			return false
		}
	}
	return true
}

func normalTarget(raw string) (string, bool) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Opaque != "" || u.User != nil || u.Hostname() == "" {
		return "", false
	}
	u = u.ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath}) // removes dot segments, query and fragment
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	path := normalEscapes(u.EscapedPath())
	if path == "" {
		path = "/"
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":") + path, true
}

// normalEscapes decodes percent-encoded unreserved characters and upper-cases the rest (RFC 3986 §6.2.2.1, §6.2.2.2).
// The path comes from url.URL.EscapedPath, so that two hexadecimal digits follow each percent sign.
func normalEscapes(path string) string {
	var out strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' || i+2 >= len(path) {
			out.WriteByte(path[i])
			continue
		}
		escape := path[i : i+3]
		if c, err := url.PathUnescape(escape); err == nil && unreserved(c[0]) {
			out.WriteString(c)
		} else {
			out.WriteString(strings.ToUpper(escape))
		}
		i += 2
	}
	return out.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

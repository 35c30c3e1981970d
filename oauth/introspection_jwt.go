package oauth

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// TypeTokenIntrospection is the typ of an introspection answer that is a JWT (RFC 9701 §5).
	TypeTokenIntrospection = "token-introspection+jwt"

	// MediaTypeTokenIntrospection asks for such an answer and names it (RFC 9701 §4, §5).
	MediaTypeTokenIntrospection = "application/" + TypeTokenIntrospection
)

// introspectionClaims has neither sub nor exp beside token_introspection, so that nobody takes it for an access token
// (RFC 9701 §5).
type introspectionClaims struct {
	Issuer        string           `json:"iss"`
	Audience      string           `json:"aud"` // the caller's client_id
	IssuedAt      *jwt.NumericDate `json:"iat"`
	Introspection Introspection    `json:"token_introspection"`
}

// SignIntrospection signs an introspection answer for the caller that asked, with ES256 under key, a private P-256 key
// with its kid (RFC 9701 §5).
func SignIntrospection(answer Introspection, issuer, caller string, now time.Time, key jose.JSONWebKey) (string, error) {
	if issuer == "" || caller == "" || key.KeyID == "" {
		return "", errors.New("signing an introspection answer: issuer, caller or kid is missing")
	}
	options := (&jose.SignerOptions{}).WithType(TypeTokenIntrospection)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return "", fmt.Errorf("signing an introspection answer: %w", err)
	}
	claims := introspectionClaims{Issuer: issuer, Audience: caller, IssuedAt: jwt.NewNumericDate(now), Introspection: answer}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("signing an introspection answer: %w", err)
	}
	return raw, nil
}

// WantsIntrospectionJWT says whether a request asks for a JWT (RFC 9701 §4): its Accept headers name the media type,
// and do not prefer JSON to it. Wildcards ask for nothing in particular.
func WantsIntrospectionJWT(header http.Header) bool {
	var asJWT, asJSON float64
	for _, accept := range header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			switch kind, quality := acceptedType(part); kind {
			case MediaTypeTokenIntrospection:
				asJWT = max(asJWT, quality)
			case "application/json":
				asJSON = max(asJSON, quality)
			}
		}
	}
	return asJWT > 0 && asJWT >= asJSON
}

// acceptedType is a media range with its quality (RFC 9110 §12.5.1); one that cannot be read counts for nothing.
func acceptedType(part string) (kind string, quality float64) {
	kind, parameters, err := mime.ParseMediaType(part)
	if err != nil {
		return "", 0
	}
	q, weighted := parameters["q"]
	if !weighted {
		return kind, 1
	}
	quality, err = strconv.ParseFloat(q, 64)
	if err != nil || quality < 0 || quality > 1 {
		return "", 0
	}
	return kind, quality
}

package oauth

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// MaxAssertionLifetime is the longest time between an assertion's making and its end.
	MaxAssertionLifetime = 5 * time.Minute

	// TypeClientAuthentication is the typ of a client assertion (RFC 10070).
	TypeClientAuthentication = "client-authentication+jwt"
)

// AssertionRules is what an assertion is measured by.
type AssertionRules struct {
	Issuer string // our issuer identifier: the only audience
	Now    time.Time
}

// ClientAssertion is a verified assertion. Single use is the caller's to enforce: remember ID for ClientID until
// ExpiresAt. IssuedAt is zero when the assertion has no iat.
type ClientAssertion struct {
	ClientID  string
	ID        string // jti
	IssuedAt  time.Time
	ExpiresAt time.Time
}

type assertionClaims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  string           `json:"aud"` // a string: several values do not decode (RFC 10070, FAPI 2.0)
	ID        string           `json:"jti"`
	Expiry    *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	IssuedAt  *jwt.NumericDate `json:"iat"`
}

// UnknownClient is the one refusal of a client that is not registered and of an assertion that the registered key did
// not sign: who has no client's key does not learn which it is.
func UnknownClient() *Error {
	return Errorf(ErrInvalidClient, "unknown client, or its registered key did not sign the %s", ParamClientAssertion)
}

// VerifyClientAssertion verifies a private_key_jwt assertion with the registered keys of the client that it claims
// (RFC 7523 §3, RFC 10070). Every refusal is invalid_client; what else is wrong is said only where the signature is right.
// The caller compares ClientID with the client whose keys it passed; ReadClientAuthentication has read the same sub.
func VerifyClientAssertion(raw string, keys jose.JSONWebKeySet, rules AssertionRules) (ClientAssertion, *Error) {
	jws, err := parseJWT(raw, clientAlgorithms())
	if err != nil {
		return ClientAssertion{}, Errorf(ErrInvalidClient, "%s: %v", ParamClientAssertion, err)
	}
	return judgeAssertion(jws, keys, rules)
}

func judgeAssertion(jws *signedJWT, keys jose.JSONWebKeySet, rules AssertionRules) (ClientAssertion, *Error) {
	claims, err := verifyAssertion(jws, keys)
	if err == nil {
		err = claims.check(rules)
	}
	if errors.Is(err, errSignature) {
		return ClientAssertion{}, UnknownClient()
	}
	if err != nil {
		return ClientAssertion{}, Errorf(ErrInvalidClient, "%s: %v", ParamClientAssertion, err)
	}
	return ClientAssertion{
		ClientID:  claims.Subject,
		ID:        claims.ID,
		IssuedAt:  claims.IssuedAt.Time(),
		ExpiresAt: claims.Expiry.Time(),
	}, nil
}

func verifyAssertion(jws *signedJWT, keys jose.JSONWebKeySet) (assertionClaims, error) {
	if err := signedBy(jws, keys); err != nil {
		return assertionClaims{}, err
	}
	if !isAssertionType(jws.header) {
		return assertionClaims{}, errors.New("typ must be " + TypeClientAuthentication + ", or left out")
	}
	var claims assertionClaims
	if err := unmarshalClaims(jws.payload, &claims); err != nil {
		return assertionClaims{}, wrongMember(jws.payload)
	}
	return claims, nil
}

// readPlain is part of plainClaims.
func (c *assertionClaims) readPlain(payload string) bool {
	return readPlain(payload, func(p *plainJSON, name string) bool {
		switch name {
		case "iss":
			return p.text(&c.Issuer)
		case "sub":
			return p.text(&c.Subject)
		case "aud":
			return p.text(&c.Audience)
		case "jti":
			return p.text(&c.ID)
		case "exp":
			return p.date(&c.Expiry)
		case "nbf":
			return p.date(&c.NotBefore)
		case "iat":
			return p.date(&c.IssuedAt)
		}
		return p.other()
	})
}

// isAssertionType accepts no typ, the type of RFC 10070, and the generic JWT, which most libraries write. Another
// explicit type is that of another kind of JWT (RFC 8725 §3.11).
func isAssertionType(header jwtHeader) bool {
	return !header.typeSent || header.hasType(TypeClientAuthentication) || header.hasType("jwt")
}

// signedBy returns nil where one of the keys made the signature. What is wrong besides is said only to somebody who has the
// key: a right signature under another kid than the registered one.
func signedBy(jws *signedJWT, keys jose.JSONWebKeySet) error {
	err := errSignature
	for _, key := range keys.Keys {
		switch {
		case !isFit(key, jws.header) || !jws.signedWith(key.Key):
		case isNamed(key, jws.header):
			return nil
		default:
			err = errors.New("kid is not that of the registered key")
		}
	}
	return err
}

// wrongMember says which claim has another JSON type than its own, for somebody who has signed it.
func wrongMember(payload string) error {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(payload), &members) != nil {
		return errClaims
	}
	for _, name := range []string{"iss", "sub", "aud", "jti", "htm", "htu", "ath", "nonce"} {
		var text string
		if value, there := members[name]; there && json.Unmarshal(value, &text) != nil {
			return fmt.Errorf("%s must be one string", name)
		}
	}
	for _, name := range []string{"exp", "nbf", "iat"} {
		var number jwt.NumericDate
		if value, there := members[name]; there && json.Unmarshal(value, &number) != nil {
			return fmt.Errorf("%s must be a number of seconds", name)
		}
	}
	return errClaims
}

// mayVerify reports whether key is fit for this header, and of the header's kid when both name one.
func mayVerify(key jose.JSONWebKey, header jwtHeader) bool {
	return isFit(key, header) && isNamed(key, header)
}

// isFit reports whether key is strong enough, of the header's algorithm, and meant for signatures.
func isFit(key jose.JSONWebKey, header jwtHeader) bool {
	algorithm, err := checkKey(key.Key)
	return err == nil && sameAlgorithm(string(algorithm), header.algorithm) &&
		(key.Algorithm == "" || sameAlgorithm(key.Algorithm, header.algorithm)) &&
		(key.Use == "" || key.Use == "sig")
}

func isNamed(key jose.JSONWebKey, header jwtHeader) bool {
	return key.KeyID == "" || header.keyID == "" || key.KeyID == header.keyID
}

// check applies RFC 7523 §3 (1) to (7) in the RFC's order.
func (c assertionClaims) check(rules AssertionRules) error {
	switch {
	case c.Issuer != c.Subject || !isClientID(c.Subject):
		return errors.New("iss and sub must both be the client_id")
	case rules.Issuer == "" || c.Audience != rules.Issuer:
		return errors.New("aud must be the issuer identifier, as a string")
	}
	if err := c.checkTimes(rules.Now); err != nil {
		return err
	}
	return checkJTI(c.ID)
}

func (c assertionClaims) checkTimes(now time.Time) error {
	switch {
	case c.Expiry == nil:
		return errors.New("exp is required")
	case !now.Before(c.Expiry.Time()):
		return errors.New("expired")
	case c.IssuedAt != nil && c.IssuedAt.Time().Sub(now) > maxFuture, c.NotBefore != nil && c.NotBefore.Time().Sub(now) > maxFuture:
		return errFuture
	case c.Expiry.Time().Sub(now) > MaxAssertionLifetime+maxFuture,
		c.IssuedAt != nil && c.Expiry.Time().Sub(c.IssuedAt.Time()) > MaxAssertionLifetime:
		return errors.New("valid for longer than 5 minutes")
	}
	return nil
}

package oauth

import (
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	"github.com/go-jose/go-jose/v4/jwt"
)

// TypeSoftwareStatement is the typ that a statement may carry; RFC 7591 names none, so "JWT" and none at all are
// accepted too.
const TypeSoftwareStatement = "software-statement+jwt"

// SoftwareStatement is what a publisher has signed about its app (RFC 7591 §2.3): the same statement for every
// instance of it. The zero value is no statement.
type SoftwareStatement struct {
	Raw              string
	Publisher        string // iss: the publisher, as it is registered here
	SoftwareID       string
	SoftwareVersion  string // "" leaves it to the request
	ClientName       string // "" leaves it to the request
	Scope            string // "" leaves it to the request
	PresenceRequired bool   // presence_proof_required
	ExpiresAt        time.Time
}

// StatementRules is what a statement is measured by.
type StatementRules struct {
	Issuer string // our issuer identifier: a statement with an audience must name it
	Now    time.Time
}

type statementClaims struct {
	Issuer           string           `json:"iss"`
	Audience         jwt.Audience     `json:"aud"`
	SoftwareID       string           `json:"software_id"`
	SoftwareVersion  string           `json:"software_version"`
	ClientName       string           `json:"client_name"`
	Scope            string           `json:"scope"`
	PresenceRequired bool             `json:"presence_proof_required"`
	Expiry           *jwt.NumericDate `json:"exp"`
	NotBefore        *jwt.NumericDate `json:"nbf"`
	IssuedAt         *jwt.NumericDate `json:"iat"`
}

// ReadSoftwareStatement takes software_statement from a registration request's body, "" when there is none. A body
// that cannot be read has none: ParseStatedMetadata refuses it.
func ReadSoftwareStatement(body []byte) (string, *Error) {
	var request struct {
		Statement json.RawMessage `json:"software_statement"`
	}
	readable := len(body) <= MaxClientMetadata && utf8.Valid(body) && json.Unmarshal(body, &request) == nil
	if !readable || !sent(request.Statement) {
		return "", nil
	}
	var raw string
	if json.Unmarshal(request.Statement, &raw) != nil || raw == "" {
		return "", Errorf(ErrInvalidSoftwareStatement, "software_statement must be a signed JWT")
	}
	return raw, nil
}

// StatementPublisher is the publisher that a statement claims to be from, not yet verified: it only says whose keys
// to verify with. The refusal is invalid_software_statement.
func StatementPublisher(raw string) (string, *Error) {
	jws, _, err := parseJWT(raw, clientAlgorithms())
	var claims statementClaims
	if err == nil {
		err = unmarshalClaims(jws.UnsafePayloadWithoutVerification(), &claims)
	}
	if err == nil && claims.Issuer == "" {
		err = errors.New("iss is required")
	}
	if err != nil {
		return "", Errorf(ErrInvalidSoftwareStatement, "software_statement: %v", err)
	}
	return claims.Issuer, nil
}

// VerifySoftwareStatement verifies a statement with its publisher's keys. Required: iss, software_id, exp. Every
// refusal is invalid_software_statement (RFC 7591 §3.2.2); whether the publisher may speak for the software_id is the
// caller's to judge.
func VerifySoftwareStatement(raw string, keys jose.JSONWebKeySet, rules StatementRules) (SoftwareStatement, *Error) {
	claims, err := verifyStatement(raw, keys)
	if err == nil {
		err = claims.check(rules)
	}
	if err != nil {
		return SoftwareStatement{}, Errorf(ErrInvalidSoftwareStatement, "software_statement: %v", err)
	}
	return SoftwareStatement{
		Raw: raw, Publisher: claims.Issuer, SoftwareID: claims.SoftwareID, SoftwareVersion: claims.SoftwareVersion,
		ClientName: claims.ClientName, Scope: claims.Scope, PresenceRequired: claims.PresenceRequired, ExpiresAt: claims.Expiry.Time(),
	}, nil
}

func verifyStatement(raw string, keys jose.JSONWebKeySet) (statementClaims, error) {
	jws, header, err := parseJWT(raw, clientAlgorithms())
	if err != nil {
		return statementClaims{}, err
	}
	if typeSent(header) && !hasType(header, TypeSoftwareStatement) && !hasType(header, "jwt") {
		return statementClaims{}, errors.New("typ is that of another kind of JWT")
	}
	for _, key := range keys.Keys {
		var claims statementClaims
		if mayVerify(key, header) && decodeClaims(jws, key, &claims) == nil {
			return claims, nil
		}
	}
	return statementClaims{}, errSignature
}

func (c statementClaims) check(rules StatementRules) error {
	switch {
	case c.Issuer == "" || c.SoftwareID == "":
		return errors.New("iss and software_id are required")
	case c.Expiry == nil:
		return errors.New("exp is required")
	case !rules.Now.Before(c.Expiry.Time()):
		return errors.New("expired")
	case len(c.Audience) > 0 && !slices.Contains(c.Audience, rules.Issuer):
		return errors.New("aud is another server")
	}
	for _, from := range []*jwt.NumericDate{c.NotBefore, c.IssuedAt} {
		if from != nil && from.Time().Sub(rules.Now) > maxFuture {
			return errFuture
		}
	}
	return nil
}

// apply lets the statement's values win.
func (s SoftwareStatement) apply(m *ClientMetadata) {
	m.SoftwareStatement = s.Raw
	for _, value := range []struct {
		stated string
		into   *string
	}{
		{s.SoftwareID, &m.SoftwareID}, {s.SoftwareVersion, &m.SoftwareVersion},
		{s.ClientName, &m.ClientName}, {s.Scope, &m.Scope},
	} {
		if value.stated != "" {
			*value.into = value.stated
		}
	}
}

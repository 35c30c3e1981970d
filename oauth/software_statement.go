package oauth

import (
	plain "encoding/json" // the strict one does not encode a RawMessage in a map as it is
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
	PresenceRequired bool // presence_proof_required
	ExpiresAt        time.Time

	claims string // its payload: every client metadata in it wins over the request's
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
	PresenceRequired bool             `json:"presence_proof_required"`
	Expiry           *jwt.NumericDate `json:"exp"`
	NotBefore        *jwt.NumericDate `json:"nbf"`
	IssuedAt         *jwt.NumericDate `json:"iat"`
}

// ReadSoftwareStatement takes software_statement from a registration request's body, "" when there is none. A body
// that cannot be read has none: ParseClientMetadata refuses it.
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
	jws, err := parseJWT(raw, clientAlgorithms())
	var claims statementClaims
	if err == nil {
		err = unmarshalClaims(jws.payload, &claims)
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
	claims, payload, err := verifyStatement(raw, keys)
	if err == nil {
		err = claims.check(rules)
	}
	if err != nil {
		return SoftwareStatement{}, Errorf(ErrInvalidSoftwareStatement, "software_statement: %v", err)
	}
	return claims.statement(raw, payload), nil
}

// StatementAgain reads a statement that was verified when the client registered, and that its update carries
// unchanged, as RFC 7592 §2.2 has it: neither its signature nor its times are judged again. The refusal is
// invalid_software_statement.
func StatementAgain(raw string) (SoftwareStatement, *Error) {
	jws, err := parseJWT(raw, clientAlgorithms())
	if err != nil {
		return SoftwareStatement{}, Errorf(ErrInvalidSoftwareStatement, "software_statement: %v", err)
	}
	var claims statementClaims
	payload := jws.payload
	if err := unmarshalClaims(payload, &claims); err != nil || claims.Expiry == nil {
		return SoftwareStatement{}, Errorf(ErrInvalidSoftwareStatement, "software_statement: %v", errClaims)
	}
	return claims.statement(raw, payload), nil
}

func (c statementClaims) statement(raw, payload string) SoftwareStatement {
	return SoftwareStatement{Raw: raw, Publisher: c.Issuer, SoftwareID: c.SoftwareID, PresenceRequired: c.PresenceRequired,
		ExpiresAt: c.Expiry.Time(), claims: payload}
}

func verifyStatement(raw string, keys jose.JSONWebKeySet) (claims statementClaims, payload string, err error) {
	jws, err := parseJWT(raw, clientAlgorithms())
	if err != nil {
		return statementClaims{}, "", err
	}
	if header := jws.header; header.typeSent && !header.hasType(TypeSoftwareStatement) && !header.hasType("jwt") {
		return statementClaims{}, "", errors.New("typ is that of another kind of JWT")
	}
	if err := signedBy(jws, keys); err != nil {
		return statementClaims{}, "", err
	}
	if unmarshalClaims(jws.payload, &claims) != nil {
		return statementClaims{}, "", wrongMember(jws.payload)
	}
	return claims, jws.payload, nil
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

// overlay puts every client metadata of the statement in the place of what the request says (RFC 7591 §3.1.1), before
// any of it is judged: a value that this server cannot go along with is refused, not passed over. A value that is null
// or empty text leaves the member to the request.
func (s SoftwareStatement) overlay(request *clientMetadataRequest) error {
	if s.Raw == "" {
		return nil
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.claims), &claims); err != nil {
		return err
	}
	stated := map[string]plain.RawMessage{}
	for _, name := range clientMetadataMembers {
		if value := claims[name]; sent(value) && string(value) != `""` {
			stated[name] = plain.RawMessage(value)
		}
	}
	text, err := plain.Marshal(stated)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, request)
}

package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	strict "github.com/go-jose/go-jose/v4/json"
)

// setType is the typ header of a SET (RFC 8417 §2.3).
const setType = "secevent+jwt"

// claims is the claims set of a SET: RFC 8417 §2.2 with the sub_id of SSF 1.0,
// and so without sub, exp and aud.
type claims struct {
	Issuer      string                                `json:"iss"`
	IssuedAt    instant                               `json:"iat"` // the same moment as toe: never before it
	ID          string                                `json:"jti"`
	OccurredAt  instant                               `json:"toe"`
	Transaction string                                `json:"txn,omitempty"`
	Subject     *subjectID                            `json:"sub_id,omitempty"`
	Events      map[string]map[string]json.RawMessage `json:"events"` // exactly one
}

// subjectID is an Issuer and Subject Identifier (RFC 9493 §3.2.4).
type subjectID struct {
	Format  string `json:"format"`
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
}

const subjectFormat = "iss_sub"

// account is the subject's identifier, "" when the SET has none.
func (c claims) account() string {
	if c.Subject == nil {
		return ""
	}
	return c.Subject.Subject
}

// instant is a point in time in milliseconds since 1970. In a SET it is a
// NumericDate (RFC 7519 §2), with a fraction when it is not a whole second.
type instant int64

func (i instant) MarshalJSON() ([]byte, error) {
	if i < 0 {
		return nil, errors.New("time before 1970")
	}
	return i.append(nil), nil
}

func (i instant) append(to []byte) []byte {
	to = strconv.AppendInt(to, int64(i/1000), 10)
	if rest := i % 1000; rest != 0 {
		to = append(to, '.', '0'+byte(rest/100), '0'+byte(rest/10%10), '0'+byte(rest%10))
	}
	return to
}

func (i *instant) UnmarshalJSON(b []byte) error {
	whole, fraction, found := strings.Cut(string(b), ".")
	if !found {
		fraction = "000"
	}
	ms, err := strconv.ParseUint(whole+fraction, 10, 63)
	if err != nil || len(fraction) != 3 {
		return errors.New("not a time in seconds, or seconds with three decimals")
	}
	*i = instant(ms)
	return nil
}

// newClaims puts e into claims, as entry number seq. facts are the claims' own from now on.
func newClaims(issuer, id string, seq int64, now time.Time, e Event, facts jsonMembers) claims {
	facts[factSeq] = strconv.AppendInt(nil, seq, 10)
	at := instant(now.UnixMilli())
	c := claims{
		Issuer:      issuer,
		IssuedAt:    at,
		ID:          id,
		OccurredAt:  at,
		Transaction: e.Transaction,
		Events:      map[string]map[string]json.RawMessage{TypeURI(issuer, e.Type): facts},
	}
	if e.Subject != "" {
		c.Subject = &subjectID{Format: subjectFormat, Issuer: issuer, Subject: e.Subject}
	}
	return c
}

// sign makes the SET of c. key is a private P-256 key with a key identifier.
func sign(c claims, key jose.JSONWebKey) (string, error) {
	private, ok := key.Key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() || key.KeyID == "" {
		return "", errors.New("signing key is not a private P-256 key with a key identifier")
	}
	payload, err := c.bytes()
	if err != nil {
		return "", err
	}
	header := appendText([]byte(`{"alg":"ES256","kid":`), key.KeyID)
	header = append(header, `,"typ":"`+setType+`"}`...)
	token := make([]byte, 0, rawURL.EncodedLen(len(header))+rawURL.EncodedLen(len(payload))+rawURL.EncodedLen(signatureSize)+2)
	token = append(rawURL.AppendEncode(token, header), '.')
	token = rawURL.AppendEncode(token, payload)
	digest := sha256.Sum256(token)
	r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
	if err != nil {
		return "", err
	}
	var signature [signatureSize]byte // RFC 7518 §3.4
	r.FillBytes(signature[:signatureSize/2])
	s.FillBytes(signature[signatureSize/2:])
	return string(rawURL.AppendEncode(append(token, '.'), signature[:])), nil
}

// bytes are c as JSON, as encoding/json writes it: the facts' values are from there already.
func (c claims) bytes() ([]byte, error) {
	if c.IssuedAt < 0 || c.OccurredAt < 0 {
		return nil, errors.New("time before 1970")
	}
	b := appendText(append(make([]byte, 0, 1024), `{"iss":`...), c.Issuer)
	b = c.IssuedAt.append(append(b, `,"iat":`...))
	b = appendText(append(b, `,"jti":`...), c.ID)
	b = c.OccurredAt.append(append(b, `,"toe":`...))
	if c.Transaction != "" {
		b = appendText(append(b, `,"txn":`...), c.Transaction)
	}
	if c.Subject != nil {
		b = appendText(append(b, `,"sub_id":{"format":`...), c.Subject.Format)
		b = appendText(append(b, `,"iss":`...), c.Subject.Issuer)
		b = append(appendText(append(b, `,"sub":`...), c.Subject.Subject), '}')
	}
	b = append(b, `,"events":{`...)
	for uri, facts := range c.Events { // exactly one
		b = appendMembers(append(appendText(b, uri), ':'), facts)
	}
	return append(b, `}}`...), nil
}

// appendMembers writes an object whose members are in the order of their names.
func appendMembers(to []byte, members jsonMembers) []byte {
	before := byte('{')
	for _, name := range sortedNames(members) {
		to = append(appendText(append(to, before), name), ':')
		to, before = append(to, members[name]...), ','
	}
	if before == '{' {
		to = append(to, before)
	}
	return append(to, '}')
}

// appendText writes a string as encoding/json does.
func appendText(to []byte, text string) []byte {
	if plain(text) {
		return append(append(append(to, '"'), text...), '"')
	}
	written, _ := json.Marshal(text) // of a string, which has no error
	return append(to, written...)
}

// factMembers is f as the JSON members that go into a SET.
func factMembers(f Facts) (jsonMembers, error) {
	b, err := json.Marshal(f.inSET())
	if err != nil {
		return nil, err
	}
	if members, read := quickMembers(b); read {
		return members, nil
	}
	var members jsonMembers
	return members, strict.Unmarshal(b, &members)
}

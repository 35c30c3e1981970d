package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
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
	if i%1000 == 0 {
		return strconv.AppendInt(nil, int64(i/1000), 10), nil
	}
	return fmt.Appendf(nil, "%d.%03d", i/1000, i%1000), nil
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

// newClaims puts e into claims, as entry number seq.
func newClaims(issuer, id string, seq int64, now time.Time, e Event, facts jsonMembers) claims {
	payload := map[string]json.RawMessage{factSeq: strconv.AppendInt(nil, seq, 10)}
	for name, value := range facts {
		payload[name] = value
	}
	at := instant(now.UnixMilli())
	c := claims{
		Issuer:      issuer,
		IssuedAt:    at,
		ID:          id,
		OccurredAt:  at,
		Transaction: e.Transaction,
		Events:      map[string]map[string]json.RawMessage{TypeURI(issuer, e.Type): payload},
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
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key},
		(&jose.SignerOptions{}).WithType(setType))
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// factMembers is f as the JSON members that go into a SET.
func factMembers(f Facts) (jsonMembers, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	var members jsonMembers
	return members, strict.Unmarshal(b, &members)
}

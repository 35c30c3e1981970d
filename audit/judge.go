package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Judge holds entries against everything but their place in the log. It is safe for concurrent use, and not to be copied.
type Judge struct {
	issuer string
	keys   jose.JSONWebKeySet
	named  map[string]int64
	known  map[string]*ecdsa.PublicKey // P-256, by kid, where one key only has it
	prefix string                      // of the types' URIs

	headers sync.Map // protected header as it stands in a SET → kid; of keys in known only
}

// NewJudge makes one for the log of an issuer. keys are its public keys, old ones included. named gives, by key identifier, the
// number of the entry after which a key may sign; a key that it does not know may not. With nil every key may.
func NewJudge(issuer string, keys jose.JSONWebKeySet, named map[string]int64) *Judge {
	j := &Judge{issuer: issuer, keys: keys, named: named, known: map[string]*ecdsa.PublicKey{}, prefix: typeURIPrefix(issuer)}
	for _, key := range keys.Keys {
		public, is := key.Public().Key.(*ecdsa.PublicKey)
		if is && public.Curve == elliptic.P256() && key.KeyID != "" && len(keys.Key(key.KeyID)) == 1 {
			j.known[key.KeyID] = public
		}
	}
	return j
}

// Judged is what an entry says, as far as its place in the table and the chain of keys go.
type Judged struct {
	Entry  Entry  // the row that the SET should have
	Reason string // of the event; of one about a key what the key is for
	Key    string // the fact key
}

// Judge returns what the SET of entry seq says, or why it is not one that Append wrote as that entry. The error is for people
// and holds no value from the entry's facts: a *FaultError or an UnnamedKeyError.
func (j *Judge) Judge(seq int64, set string) (Judged, error) {
	return j.judge(seq, set, true)
}

// Vouched is Judge for an entry that something else vouches for, such as the root of a tree: its signature is not looked at.
func (j *Judge) Vouched(seq int64, set string) (Judged, error) {
	return j.judge(seq, set, false)
}

func (j *Judge) judge(seq int64, set string, signed bool) (Judged, error) {
	if judged, fine := j.quick(seq, set, signed); fine {
		return judged, nil
	}
	entry, event, err := j.whole(seq, set, signed)
	return Judged{Entry: entry, Reason: event.Facts.Reason, Key: event.Facts.Key}, err
}

// whole holds a SET against every rule, and gives the row that it should have and its event.
func (j *Judge) whole(seq int64, set string, signed bool) (Entry, Event, error) {
	token, err := parseSET([]byte(set))
	if err != nil {
		return Entry{}, Event{}, &FaultError{FaultToken, err}
	}
	kid := token.Signatures[0].Protected.KeyID
	if after, known := j.named[kid]; j.named != nil && len(j.keys.Key(kid)) > 0 && (!known || seq <= after) {
		return Entry{}, Event{}, UnnamedKeyError(kid)
	}
	payload := token.UnsafePayloadWithoutVerification()
	if signed {
		if payload, err = j.signature(token, kid); err != nil {
			return Entry{}, Event{}, err
		}
	}
	c, err := parseClaims(payload)
	if err != nil {
		return Entry{}, Event{}, &FaultError{FaultClaims, err}
	}
	event, err := j.event(seq, c)
	if err != nil {
		return Entry{}, Event{}, &FaultError{FaultClaims, err}
	}
	return newEntry(c, seq, event, kid, set), event, nil
}

// signature gives the payload that the key named kid has signed.
func (j *Judge) signature(signed *jose.JSONWebSignature, kid string) ([]byte, error) {
	candidates := j.keys.Key(kid)
	if kid == "" || len(candidates) == 0 {
		return nil, &FaultError{FaultKey, fmt.Errorf("kid %q is not a key of this log", kid)}
	}
	for _, key := range candidates {
		if payload, err := signed.Verify(key.Public()); err == nil {
			return payload, nil
		}
	}
	return nil, &FaultError{FaultSignature, fmt.Errorf("signature is not of key %q", kid)}
}

// event checks the claims of the SET and gives the event they state.
func (j *Judge) event(seq int64, c claims) (Event, error) {
	switch {
	case c.Issuer != j.issuer:
		return Event{}, fmt.Errorf("iss is not %s", j.issuer)
	case c.ID == "":
		return Event{}, fmt.Errorf("jti missing")
	case c.IssuedAt != c.OccurredAt:
		return Event{}, fmt.Errorf("iat and toe are not the same moment")
	case c.Subject != nil && (c.Subject.Format != subjectFormat || c.Subject.Issuer != j.issuer):
		return Event{}, fmt.Errorf("sub_id is not an account of this issuer")
	}
	o, err := openClaims(c)
	if err != nil {
		return Event{}, err
	}
	if o.seq != seq {
		return Event{}, fmt.Errorf("seq differs from the SET, which is entry %d", o.seq)
	}
	d, ok := Lookup(o.event.Type)
	if !ok {
		return Event{}, fmt.Errorf("unknown event type %q", o.event.Type)
	}
	if err := check(d, o.event.Subject, o.event.Transaction, o.facts); err != nil {
		return Event{}, err
	}
	return o.event, nil
}

// quick lets only pass what whole does, in a fraction of its time: SETs byte for byte as Append writes them. A header is read
// once and then known; the claims are read in one pass.
func (j *Judge) quick(seq int64, set string, signed bool) (Judged, bool) {
	end := strings.LastIndexByte(set, '.')
	dot := strings.IndexByte(set, '.')
	if dot < 0 || dot == end || strings.ContainsAny(set, "\r\n") { // base64 leaves line ends aside
		return Judged{}, false
	}
	kid, fine := j.header(set[:dot])
	if after, named := j.named[kid]; !fine || j.named != nil && (!named || seq <= after) {
		return Judged{}, false
	}
	payload, err := rawURL.DecodeString(set[dot+1 : end])
	signature, broken := rawURL.DecodeString(set[end+1:])
	if err != nil || broken != nil || signed && !signedES256(j.known[kid], set[:end], signature) {
		return Judged{}, false
	}
	q := quickClaims{rest: string(payload)}
	if !q.read(j.issuer, j.prefix) || q.seq != seq {
		return Judged{}, false
	}
	d, known := Lookup(q.kind)
	if !known || check(d, q.subject, q.transaction, q.facts) != nil {
		return Judged{}, false
	}
	return q.judged(kid, set), true
}

// rawURL refuses bits that stand for nothing: there is one way to encode each text.
var rawURL = base64.RawURLEncoding.Strict()

const signatureSize = 64 // of ES256, RFC 7518 §3.4

// signedES256 reports whether the signature is key's over the text.
func signedES256(key *ecdsa.PublicKey, text string, signature []byte) bool {
	if len(signature) != signatureSize {
		return false
	}
	digest := sha256.Sum256([]byte(text))
	r, s := new(big.Int).SetBytes(signature[:signatureSize/2]), new(big.Int).SetBytes(signature[signatureSize/2:])
	return ecdsa.Verify(key, digest[:], r, s)
}

// header gives the kid of a protected header that is exactly what Append writes.
func (j *Judge) header(segment string) (kid string, fine bool) {
	if known, found := j.headers.Load(segment); found {
		return known.(string), true
	}
	text, err := rawURL.DecodeString(segment)
	if err != nil {
		return "", false
	}
	kid, found := strings.CutPrefix(string(text), `{"alg":"ES256","kid":"`)
	kid, closed := strings.CutSuffix(kid, `","typ":"`+setType+`"}`)
	if !found || !closed || j.known[kid] == nil || !plain(kid) {
		return "", false
	}
	j.headers.Store(strings.Clone(segment), kid)
	return kid, true
}

// plain reports whether Append writes a JSON string as itself: printable ASCII without quote, backslash, and what encoding/json
// escapes for HTML.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// judged is the row of a SET that quick lets pass.
func (q quickClaims) judged(kid, set string) Judged {
	members := func(fact string) map[string]string {
		list, _ := stringMembers(q.facts[fact])
		return list
	}
	text := func(fact string) string {
		value, _ := unquoted(q.facts[fact])
		return value
	}
	return Judged{
		Reason: text(factReason),
		Key:    text(factKey),
		Entry: Entry{
			Seq: q.seq, ID: q.id, Type: string(q.kind), OccurredAt: int64(q.at), Transaction: q.transaction, AccountID: q.subject,
			ClientID: members(factDevice)[deviceClient], StaffID: members(factActor)[ActorStaff], CounterID: text(factCounter),
			DeviceAuthorizationID: text(factDeviceAuthorization), KeyID: kid, SET: set,
		},
	}
}

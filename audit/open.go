package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
	strict "github.com/go-jose/go-jose/v4/json"
)

// jsonMembers are the members of a JSON object, by name. They are read with
// go-jose's parser, which tells "Seq" from "seq" and refuses a member that is
// there twice, and written with the standard library's.
type jsonMembers = map[string]json.RawMessage

// Decode gives the event that e's SET states, for showing it. It checks no
// signature and compares no column: that is Verify's work.
func (e Entry) Decode() (Event, error) {
	signed, err := parseSET(e.Bytes())
	if err != nil {
		return Event{}, err
	}
	c, err := parseClaims(signed.UnsafePayloadWithoutVerification())
	if err != nil {
		return Event{}, err
	}
	opened, err := openClaims(c)
	return opened.event, err
}

// Bytes are the entry as the log commits to it, whole: the compact SET. The
// columns are copies and add nothing. Whatever reads, verifies or hashes an
// entry starts here.
func (e Entry) Bytes() []byte { return []byte(e.SET) }

// LeafHash is the hash by which the log commits to the entry, as people compare it: hexadecimal, in groups of four.
func (e Entry) LeafHash() string { return tree.Grouped(tree.Leaf(e.Bytes())) }

// parseSET reads a compact JWS and checks its header; the signature is still to
// be verified.
func parseSET(set []byte) (*jose.JSONWebSignature, error) {
	signed, err := jose.ParseSignedCompact(string(set), []jose.SignatureAlgorithm{jose.ES256})
	if alg := new(jose.ErrUnexpectedSignatureAlgorithm); errors.As(err, &alg) {
		return nil, fmt.Errorf("alg is %q, not ES256", alg.Got)
	}
	if err != nil {
		return nil, errors.New("not a signed token")
	}
	if again, err := signed.CompactSerialize(); err != nil || again != string(set) {
		return nil, errors.New("not encoded as it was signed")
	}
	header := signed.Signatures[0].Protected
	if typ := header.ExtraHeaders[jose.HeaderType]; typ != setType {
		return nil, fmt.Errorf("typ is not %s", setType)
	}
	if len(header.ExtraHeaders) != 1 || header.JSONWebKey != nil || header.Nonce != "" {
		return nil, errors.New("unexpected header parameter")
	}
	return signed, nil
}

// parseClaims reads a claims set, refusing any claim that we never write.
func parseClaims(payload []byte) (claims, error) {
	var c claims
	var members jsonMembers
	if strict.Unmarshal(payload, &members) != nil || strict.Unmarshal(payload, &c) != nil {
		return claims{}, errors.New("claims are not those of a SET")
	}
	for _, name := range sortedNames(members) {
		switch name {
		case "iss", "iat", "jti", "toe", "txn", "sub_id", "events":
		default:
			return claims{}, fmt.Errorf("unexpected claim %q", name)
		}
	}
	if len(c.Events) != 1 {
		return claims{}, errors.New("not exactly one event")
	}
	return c, nil
}

// opened is a SET's one event, with its facts both as they stand in the token
// and as Facts.
type opened struct {
	event Event
	seq   int64
	facts jsonMembers // without seq
}

// openClaims reads the one event of c, without holding it against the catalogue.
func openClaims(c claims) (opened, error) {
	o := opened{event: Event{Subject: c.account(), Transaction: c.Transaction}, facts: jsonMembers{}}
	for uri, payload := range c.Events {
		name, ok := strings.CutPrefix(uri, typeURIPrefix(c.Issuer))
		if !ok {
			return opened{}, errors.New("event type is not one of this issuer")
		}
		o.event.Type = Type(name)
		for fact, value := range payload {
			o.facts[fact] = value
		}
	}
	if strict.Unmarshal(o.facts[factSeq], &o.seq) != nil {
		return opened{}, errors.New("required fact seq missing")
	}
	delete(o.facts, factSeq)
	members, err := json.Marshal(o.facts)
	if err != nil || strict.Unmarshal(members, &o.event.Facts) != nil {
		return opened{}, errors.New("facts are not those of an event")
	}
	return o, nil
}

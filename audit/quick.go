package audit

import (
	"encoding/json"
	"strconv"
	"strings"
)

// quickClaims reads a claims set that is byte for byte as Append writes it: no blanks, no escapes, members in their order.
// Whatever else may be one too it does not read.
type quickClaims struct {
	rest string // what is still to be read

	at                       instant
	id, transaction, subject string
	kind                     Type
	seq                      int64
	facts                    jsonMembers // without seq
}

// read reports whether all of it was read. prefix is that of the issuer's types.
func (q *quickClaims) read(issuer, prefix string) bool {
	quoted, issued, happened := `"`+issuer+`"`, "", ""
	fine := plain(issuer) && q.skip(`{"iss":`+quoted+`,"iat":`) && q.number(&issued) && q.skip(`,"jti":`) && q.text(&q.id) &&
		q.skip(`,"toe":`) && q.number(&happened) && issued == happened && q.id != "" &&
		q.at.UnmarshalJSON([]byte(issued)) == nil
	if fine && q.skip(`,"txn":`) {
		fine = q.text(&q.transaction) && q.transaction != ""
	}
	if fine && q.skip(`,"sub_id":{"format":"`+subjectFormat+`","iss":`) {
		fine = q.skip(quoted+`,"sub":`) && q.text(&q.subject) && q.subject != "" && q.skip(`}`)
	}
	name := ""
	if !fine || !q.skip(`,"events":{`) || !q.text(&name) || !strings.HasPrefix(name, prefix) || !q.skip(`:{`) {
		return false
	}
	q.kind = Type(name[len(prefix):])
	return q.readFacts() && q.rest == `}}`
}

// readFacts reads the members of the event up to its closing brace. Their names ascend, so that none is there twice.
func (q *quickClaims) readFacts() bool {
	q.facts = make(jsonMembers, 12)
	for before := ""; ; {
		name, value := "", ""
		if !q.text(&name) || name <= before || !q.skip(`:`) || !q.value(&value) {
			return false
		}
		q.facts[name] = json.RawMessage(value)
		if before = name; q.skip(`,`) {
			continue
		}
		seq, err := strconv.ParseInt(string(q.facts[factSeq]), 10, 64)
		delete(q.facts, factSeq)
		q.seq = seq
		return err == nil && q.skip(`}`)
	}
}

func (q *quickClaims) skip(literal string) (there bool) {
	q.rest, there = strings.CutPrefix(q.rest, literal)
	return there
}

// text reads a string without escapes.
func (q *quickClaims) text(into *string) bool {
	if !strings.HasPrefix(q.rest, `"`) {
		return false
	}
	end := strings.IndexByte(q.rest[1:], '"')
	if end < 0 || !plain(q.rest[1:end+1]) {
		return false
	}
	*into, q.rest = q.rest[1:end+1], q.rest[end+2:]
	return true
}

// number reads digits and points, from a digit on; no zero stands before others.
func (q *quickClaims) number(into *string) bool {
	end := 0
	for end < len(q.rest) && (q.rest[end] >= '0' && q.rest[end] <= '9' || q.rest[end] == '.') {
		end++
	}
	*into, q.rest = q.rest[:end], q.rest[end:]
	return end > 0 && (*into)[0] != '.' && (end == 1 || (*into)[0] != '0')
}

// value reads a string, a number, or a list or object of strings, as it stands.
func (q *quickClaims) value(into *string) bool {
	all, ignored := q.rest, ""
	fine := false
	switch {
	case q.skip(`{`):
		fine = q.members(func() bool { return q.text(&ignored) && q.skip(`:`) && q.text(&ignored) }, `}`)
	case q.skip(`[`):
		fine = q.members(func() bool { return q.text(&ignored) }, `]`)
	case strings.HasPrefix(all, `"`):
		fine = q.text(&ignored)
	default:
		fine = q.number(&ignored)
	}
	*into = all[:len(all)-len(q.rest)]
	return fine
}

// members reads one or more, with commas between, up to the end.
func (q *quickClaims) members(one func() bool, end string) bool {
	for one() {
		if !q.skip(`,`) {
			return q.skip(end)
		}
	}
	return false
}

// quickMembers are the members of an object, as encoding/json writes one of strings without escapes, numbers, and lists and objects
// of such strings; their values are parts of it.
func quickMembers(object []byte) (jsonMembers, bool) {
	q, members := quickClaims{rest: string(object)}, make(jsonMembers, 16)
	fine := q.skip(`{`) && q.members(func() bool {
		name, value := "", ""
		if !q.text(&name) || !q.skip(`:`) {
			return false
		}
		from := len(object) - len(q.rest)
		read := q.value(&value)
		members[name] = object[from : from+len(value)]
		return read
	}, `}`)
	return members, fine && q.rest == ""
}

// unquoted is the string that a JSON value is, where it is written as itself.
func unquoted(value json.RawMessage) (string, bool) {
	last := len(value) - 1
	if last < 1 || value[0] != '"' || value[last] != '"' || !plain(string(value[1:last])) {
		return "", false
	}
	return string(value[1:last]), true
}

// stringMembers is an object of strings that are written as themselves, with each name once.
func stringMembers(value json.RawMessage) (map[string]string, bool) {
	q, members := quickClaims{rest: string(value)}, map[string]string{}
	if !q.skip(`{`) {
		return nil, false
	}
	twice := false
	fine := q.members(func() bool {
		name, text := "", ""
		read := q.text(&name) && q.skip(`:`) && q.text(&text)
		_, there := members[name]
		twice, members[name] = twice || there, text
		return read
	}, `}`)
	if !fine || twice || q.rest != "" {
		return nil, false
	}
	return members, true
}

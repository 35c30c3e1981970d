package audit

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// Report is what Verify found.
type Report struct {
	Entries int64    // how many entries are sound, counted from the first
	First   *Problem // the first bad entry, nil when all are sound
}

// OK reports whether every entry is sound.
func (r Report) OK() bool { return r.First == nil }

// Problem names a bad entry.
type Problem struct {
	Seq    int64  // the number it has, or, for a missing one, should have
	Reason string // for people; never holds a value from the entry's facts
}

// Verify reads the whole log from entry 1, in batches, and stops at the first
// entry that is not exactly what Append wrote: a number left out, used twice or
// changed; a token whose header, signature or claims are wrong; an event that
// is not the catalogue's; a column that says something else than the token.
//
// keys are the public keys of the log, old ones included. Entries appended
// meanwhile may or may not be read. The error is a fault of the database, and
// says nothing about the log. Newest entries that were deleted leave no trace
// here: only an earlier count can show that.
func Verify(ctx context.Context, db *gorm.DB, issuer string, keys jose.JSONWebKeySet) (Report, error) {
	return VerifyNamed(ctx, db, issuer, keys, nil)
}

// VerifyNamed is Verify for a log whose events name its keys: named gives, by key identifier, the number of the entry
// after which a key may sign, and a key that it does not know may not. With nil every key may.
func VerifyNamed(ctx context.Context, db *gorm.DB, issuer string, keys jose.JSONWebKeySet, named map[string]int64) (Report, error) {
	v := verifier{issuer: issuer, keys: keys, named: named}
	err := eachBatch(db.WithContext(ctx), v.batch)
	return Report{Entries: v.sound, First: v.problem}, err
}

// verifier holds one row after the other against the rules.
type verifier struct {
	issuer  string
	keys    jose.JSONWebKeySet
	named   map[string]int64
	sound   int64 // the number of the last sound entry, and their count
	problem *Problem
}

// batch judges the next rows; false when one is bad, which ends the reading. What does
// not depend on the rows before is judged on all processors at once: it takes longest.
func (v *verifier) batch(rows []row) bool {
	problems := make([]error, len(rows))
	var workers sync.WaitGroup
	count := runtime.GOMAXPROCS(0)
	for worker := range count {
		workers.Go(func() {
			for i := worker; i < len(rows); i += count {
				problems[i] = v.entry(rows[i])
			}
		})
	}
	workers.Wait()
	for i, r := range rows {
		if !v.row(r, problems[i]) {
			return false
		}
	}
	return true
}

// row judges a row's place in the order; problem is what else is wrong with it.
func (v *verifier) row(r row, problem error) bool {
	seq, err := strconv.ParseInt(r.text("seq"), 10, 64)
	if err != nil {
		return v.bad(v.sound+1, "seq is not a number")
	}
	if next := v.sound + 1; seq > next {
		return v.bad(next, "missing")
	}
	if seq < 1 {
		return v.bad(seq, "seq is before the first entry")
	}
	if seq <= v.sound {
		return v.bad(seq, "seq is used twice")
	}
	if problem != nil {
		return v.bad(seq, problem.Error())
	}
	v.sound = seq
	return true
}

func (v *verifier) bad(seq int64, reason string) bool {
	v.problem = &Problem{Seq: seq, Reason: reason}
	return false
}

// entry judges everything but the row's place in the order.
func (v *verifier) entry(r row) error {
	seq, err := strconv.ParseInt(r.text("seq"), 10, 64)
	if err != nil {
		return err
	}
	set := Entry{SET: r.text("set_jwt")}
	signed, err := parseSET(set.Bytes())
	if err != nil {
		return err
	}
	kid := signed.Signatures[0].Protected.KeyID
	if after, known := v.named[kid]; v.named != nil && len(v.keys.Key(kid)) > 0 && (!known || seq <= after) {
		return UnnamedKeyError(kid)
	}
	payload, err := v.signature(signed, kid)
	if err != nil {
		return err
	}
	c, err := parseClaims(payload)
	if err != nil {
		return err
	}
	event, err := v.event(seq, c)
	if err != nil {
		return err
	}
	return r.equals(newEntry(c, seq, event, kid, set.SET))
}

// signature gives the payload that the key named kid has signed.
func (v *verifier) signature(signed *jose.JSONWebSignature, kid string) ([]byte, error) {
	candidates := v.keys.Key(kid)
	if kid == "" || len(candidates) == 0 {
		return nil, fmt.Errorf("kid %q is not a key of this log", kid)
	}
	for _, key := range candidates {
		if payload, err := signed.Verify(key.Public()); err == nil {
			return payload, nil
		}
	}
	return nil, fmt.Errorf("signature is not of key %q", kid)
}

// event checks the claims of the SET and gives the event they state.
func (v *verifier) event(seq int64, c claims) (Event, error) {
	switch {
	case c.Issuer != v.issuer:
		return Event{}, fmt.Errorf("iss is not %s", v.issuer)
	case c.ID == "":
		return Event{}, fmt.Errorf("jti missing")
	case c.IssuedAt != c.OccurredAt:
		return Event{}, fmt.Errorf("iat and toe are not the same moment")
	case c.Subject != nil && (c.Subject.Format != subjectFormat || c.Subject.Issuer != v.issuer):
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

package audit

import (
	"context"
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
	return Verification{Issuer: issuer, Keys: keys}.Run(ctx, db)
}

// Verification is what Verify does, for who knows more.
type Verification struct {
	Issuer string
	Keys   jose.JSONWebKeySet

	// Named gives, by key identifier, the number of the entry after which a key may sign, in a log whose events name its keys; a key
	// that it does not know may not. With nil every key may.
	Named map[string]int64

	After    int64            // the number up to which something else vouches for the entries: they are not read
	Progress func(done int64) // hears the number of the last sound entry, after each batch; may be nil
}

// Run is Verify.
func (o Verification) Run(ctx context.Context, db *gorm.DB) (Report, error) {
	v := verifier{judge: NewJudge(o.Issuer, o.Keys, o.Named), sound: o.After}
	err := eachBatch(ctx, db, o.After, func(rows []row) bool {
		sound := v.batch(rows)
		if o.Progress != nil {
			o.Progress(v.sound)
		}
		return sound
	})
	return Report{Entries: v.sound, First: v.problem}, err
}

// verifier holds one row after the other against the rules.
type verifier struct {
	judge   *Judge
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
	if r, err = r.unpacked(); err != nil {
		return &FaultError{FaultToken, err}
	}
	judged, err := v.judge.Judge(seq, r.text(columnSET))
	if err != nil {
		return err
	}
	if err := r.equals(judged.Entry); err != nil {
		return &FaultError{FaultRow, err}
	}
	return nil
}

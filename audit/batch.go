package audit

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"gorm.io/gorm"
)

// Batch takes the events that several writes append in one transaction. Each is checked and gets its number at once; it is signed
// by whoever calls Sign, and Insert puts all of them into the table (docs/decisions/0082-signed-beside.md). The zero
// value is ready. Its methods are for the one goroutine that has the transaction; only Sign is for others as well.
type Batch struct {
	events   []*batched
	inserted int // so many of events are in the table

	mu    sync.Mutex // guards taken, and events against those who sign
	taken int        // so many of events somebody signs or has signed
}

// batched is an event that has its number.
type batched struct {
	log     *Log
	claims  claims
	entry   Entry // without its token
	details []DetailRow

	signed chan struct{} // closed: what follows is final
	token  token
	err    error
}

// BatchMark is how many events a batch had, and how many of them were in the table.
type BatchMark struct{ events, inserted int }

// Later is Append, except that the entry is signed and inserted later, and the one that is returned has no token. Errors: as
// Append's, but those of signing and inserting, which are Insert's.
func (b *Batch) Later(tx *gorm.DB, log *Log, now time.Time, e Event) (Entry, error) {
	e, details, err := log.setAside(e)
	if err != nil {
		return Entry{}, err
	}
	facts, err := log.checked(e)
	if err != nil {
		return Entry{}, err
	}
	seq, err := b.nextSeq(tx)
	if err != nil {
		return Entry{}, err
	}
	c, err := log.claims(seq, now, e, facts)
	if err != nil {
		return Entry{}, err
	}
	next := &batched{
		log: log, claims: c, entry: newEntry(c, seq, e, log.Signer.KeyID, ""), details: details, signed: make(chan struct{}),
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, next)
	return next.entry, nil
}

// nextSeq is the number behind the batch's last event, or behind the table's where the batch has nothing that is not in it.
func (b *Batch) nextSeq(tx *gorm.DB) (int64, error) {
	if last := len(b.events); last > b.inserted {
		return b.events[last-1].entry.Seq + 1, nil
	}
	return nextSeq(tx)
}

// Unsigned is how many events nobody signs or has signed.
func (b *Batch) Unsigned() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events) - b.taken
}

// Sign signs what nobody has begun to sign, one after the other. It may be called by several goroutines at once, also while the
// transaction's own goes on.
func (b *Batch) Sign() {
	for e := b.take(); e != nil; e = b.take() {
		e.sign()
	}
}

func (b *Batch) take() *batched {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.taken == len(b.events) {
		return nil
	}
	b.taken++
	return b.events[b.taken-1]
}

// sign makes the token. A panic is its error: nobody looks after the goroutine that it may be in.
func (e *batched) sign() {
	defer close(e.signed)
	defer func() {
		if p := recover(); p != nil {
			e.err = fmt.Errorf("sign audit event: panic: %v\n%s", p, debug.Stack())
		}
	}()
	set, err := sign(e.claims, e.log.Signer)
	if err != nil {
		e.err = fmt.Errorf("sign audit event: %w", err)
		return
	}
	e.token = packedOrText(set)
}

// Inserted reports whether all of its events are in the table.
func (b *Batch) Inserted() bool { return b.inserted == len(b.events) }

// Insert puts all that is not in the table into it, in the order of the numbers, and signs before what is not signed, several by
// two goroutines. The error is a fault, of signing or of the database: the transaction is then to be rolled back, as a whole or to a mark.
func (b *Batch) Insert(tx *gorm.DB) error {
	if b.Unsigned() > 1 {
		go b.Sign()
	}
	b.Sign()
	for ; b.inserted < len(b.events); b.inserted++ {
		e := b.events[b.inserted]
		<-e.signed
		if e.err != nil {
			return e.err
		}
		if err := e.entry.insert(tx, e.token); err != nil {
			return fmt.Errorf("insert audit event: %w", err)
		}
		if err := keepDetails(tx, e.entry, e.details); err != nil {
			return err
		}
	}
	return nil
}

// Mark is where Back leads to: how far the batch is now.
func (b *Batch) Mark() BatchMark { return BatchMark{len(b.events), b.inserted} }

// Back follows a transaction that was rolled back to where it was at the mark: what came since is gone, and what was inserted
// since is to be inserted again.
func (b *Batch) Back(to BatchMark) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events, b.inserted, b.taken = b.events[:to.events], to.inserted, min(b.taken, to.events)
}

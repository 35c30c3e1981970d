package models

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// writtenTogether is how many short writes share one transaction at most: it bounds how long others wait for the lock, and how
// long the first one waits for its answer.
const writtenTogether = 32

// A group waits for more than half of those whom the group before it has answered, where these were so many: who asks in turns comes
// back at once, and shares the COMMIT in the place of one of its own. The others are on their way meanwhile, and mostly come before the
// COMMIT: who waits for all leaves a processor idle. returning is how long after their answer they are waited for. A group begins its
// transaction after that: what another process writes meanwhile need not wait as well.
const (
	manyAtOnce = 3
	returning  = 5 * time.Millisecond
)

// together lets short writes of this process share transactions on SQLite, which has one writer and waits for the disk at each
// COMMIT (docs/decisions/0057-group-commit.md). What arrives while one transaction commits runs in the next one, one after the
// other. Nobody is told before the COMMIT that all of them share. The zero value is ready.
type together struct {
	mu      sync.Mutex // guards the rest
	waiting []*shared
	running bool // a goroutine takes from waiting

	joining    chan struct{} // has one when somebody has joined
	answered   int           // how many the last group answered
	answeredAt time.Time
	joined     int           // how many have joined since
	patience   time.Duration // in place of returning, for tests
}

// shared is one write of several in a transaction.
type shared struct {
	ctx      context.Context
	run      func(db *gorm.DB, later *audit.Batch) error
	done     chan struct{} // closed: what follows is final
	err      error         // until then: its own
	panicked any
}

// inShared is inTransaction for what is short: a few rows, found by keys. On SQLite what others write at the same moment is
// committed with it; each write has a savepoint, so that one that fails harms no other. run is called in another goroutine, with
// a context that does not end in the middle: an interrupted statement would end everybody's transaction. A caller that goes
// away before its turn leaves; afterwards it waits for the end. later takes events for the trail, which the whole group inserts at
// its end; it is nil where there is no group.
func (d *Database) inShared(ctx context.Context, run func(db *gorm.DB, later *audit.Batch) error) error {
	if d.dialect != "sqlite" {
		return d.inTransaction(ctx, func(db *gorm.DB) error { return run(db, nil) })
	}
	w := &shared{ctx: ctx, run: run, done: make(chan struct{})}
	d.join(w)
	select {
	case <-w.done:
	case <-ctx.Done():
		if d.leave(w) {
			return ctx.Err()
		}
		<-w.done
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return w.err
}

// inTransaction runs something in a transaction of its own.
func (d *Database) inTransaction(ctx context.Context, run func(db *gorm.DB) error) error {
	return d.write.WithContext(ctx).Transaction(run)
}

func (d *Database) join(w *shared) {
	d.together.mu.Lock()
	defer d.together.mu.Unlock()
	d.together.waiting = append(d.together.waiting, w)
	d.together.joined++
	select {
	case d.together.bell() <- struct{}{}:
	default:
	}
	if !d.together.running {
		d.together.running = true
		go d.writeWaiting()
	}
}

// leave takes a write back, unless its turn has come.
func (d *Database) leave(w *shared) bool {
	d.together.mu.Lock()
	defer d.together.mu.Unlock()
	for i, waits := range d.together.waiting {
		if waits == w {
			d.together.waiting = append(d.together.waiting[:i], d.together.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes who waits longest, nil when nobody does. last says that nobody takes any further one then.
func (t *together) next(last bool) *shared {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.running = t.running && !last
		return nil
	}
	w := t.waiting[0]
	t.waiting[0] = nil
	t.waiting = t.waiting[1:]
	return w
}

// bell is joining, made when it is first needed. The caller has mu.
func (t *together) bell() chan struct{} {
	if t.joining == nil {
		t.joining = make(chan struct{}, 1)
	}
	return t.joining
}

// gather waits for those who are coming back, before the first one's transaction begins.
func (t *together) gather() {
	for wait, joining := t.lull(beginning()); wait > 0; wait, joining = t.lull(beginning()) {
		timer := time.NewTimer(wait)
		select {
		case <-joining:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// lull is how long to wait for those whom the last group has answered and who have not come back: not at all where they were few,
// where more than half as many have come or a group is full without them, or where their time is over.
func (t *together) lull(now time.Time) (time.Duration, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const first = 1 // who was taken already
	if t.answered < manyAtOnce || 2*t.joined > t.answered || first+len(t.waiting) >= writtenTogether {
		return 0, nil
	}
	return cmp.Or(t.patience, returning) - now.Sub(t.answeredAt), t.bell()
}

// answers is called before so many are answered.
func (t *together) answers(number int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answered, t.answeredAt, t.joined = number, beginning(), 0
}

// writeWaiting commits what waits, until nothing does.
func (d *Database) writeWaiting() {
	for first := d.together.next(true); first != nil; first = d.together.next(true) {
		d.together.gather()
		d.writeGroup(first)
	}
}

// writeGroup commits the first write, and those that have come until it and they have run.
func (d *Database) writeGroup(first *shared) {
	before := d.together.count()
	db := d.write.WithContext(context.WithoutCancel(first.ctx)).Begin()
	if db.Error != nil { // busy for as long as anybody waits: those who came before have waited as long
		first.end(db.Error)
		for range before {
			if w := d.together.next(false); w != nil {
				w.end(db.Error)
			}
		}
		return
	}
	var later audit.Batch
	// The first one needs no savepoint: when it fails the transaction has nothing else.
	if err := d.runShared(db, &later, first); err != nil {
		db.Rollback()
		first.end(err)
		return
	}
	group, broken := d.runWaiting(db, &later, first)
	if broken != nil {
		db.Rollback()
	} else {
		broken = db.Commit().Error
	}
	if broken == nil {
		d.observer.group(len(group))
	}
	d.together.answers(len(group))
	for _, w := range group {
		w.end(cmp.Or(broken, w.err))
	}
}

// signedBeside is how many events another goroutine begins to sign while writes go on: to wake it for each costs more than it saves.
const signedBeside = 3

// runWaiting runs those who have come after the first one, and has in the trail what all of them have recorded. It is signed
// meanwhile; who comes while the last events are inserted is of the group, too.
func (d *Database) runWaiting(db *gorm.DB, later *audit.Batch, first *shared) (group []*shared, broken error) {
	group = []*shared{first}
	for broken == nil {
		var w *shared
		if len(group) < writtenTogether {
			w = d.together.next(false)
		}
		switch {
		case w == nil && later.Inserted():
			return group, nil
		case w == nil:
			broken = d.insertLater(db, later)
		default:
			if later.Unsigned() >= signedBeside {
				go later.Sign()
			}
			group = append(group, w)
			broken = d.runAfter(db, later, w)
		}
	}
	return group, broken
}

// runAfter runs a write after others in their transaction. Its own error is kept for after the COMMIT, since it may rest on what
// the others wrote, and they go on. broken says that the transaction is over for all, as when the disk is full: SQLite has
// rolled it back.
func (d *Database) runAfter(db *gorm.DB, later *audit.Batch, w *shared) (broken error) {
	if err := savepoint(db, "SAVEPOINT write"); err != nil {
		return d.unavailable(err)
	}
	before := later.Mark()
	w.err = d.runShared(db, later, w)
	end := "RELEASE write"
	if w.err != nil {
		end = "ROLLBACK TO write; RELEASE write"
		later.Back(before)
	}
	if err := savepoint(db, end); err != nil {
		return cmp.Or(w.err, d.unavailable(err))
	}
	return nil
}

func savepoint(db *gorm.DB, statement string) error {
	_, err := unwatched(db.Statement.ConnPool).ExecContext(context.Background(), statement)
	return err
}

// runShared runs it unless its caller has gone, and keeps a panic for its caller.
func (d *Database) runShared(db *gorm.DB, later *audit.Batch, w *shared) (err error) {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if w.panicked = recover(); w.panicked != nil {
			err = d.writePanicked(w.panicked)
		}
	}()
	return w.run(db.WithContext(context.WithoutCancel(w.ctx)), later)
}

// insertLater has in the trail what the group has recorded so far. An error, or a panic, is one of all of them.
func (d *Database) insertLater(db *gorm.DB, later *audit.Batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = d.writePanicked(p)
		}
	}()
	return insertRecorded(db, later)
}

// writePanicked logs a panic, and is the error of those whose writing it was.
func (d *Database) writePanicked(p any) error {
	d.log.Error("a write panicked", "panic", p, "stack", string(debug.Stack()))
	return fmt.Errorf("a write panicked: %v", p)
}

// end tells the caller.
func (w *shared) end(err error) {
	w.err = err
	close(w.done)
}

func (t *together) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waiting)
}

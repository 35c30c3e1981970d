package models

import "sync"

// Notices are sent by turns: of those that are due, one of a lower turn goes first, however many wait behind it.
const (
	turnSecurity      = iota // what happened to an account: approved, redeemed, declined, revoked
	turnStrangers            // what anybody can cause who knows an identifier
	turnFormerContact        // a file may change thousands of contacts
	turnEnding               // bindings that reach their absolute end: as many a day as were made on that day
)

func turns() []int { return []int{turnSecurity, turnStrangers, turnFormerContact, turnEnding} }

// queueUp gives a notice its turn. What strangers can cause is one waiting notice for an account and channel, so that
// a flood makes no queue; where there is nobody to tell it is done at once, by the same statement.
func (n *Notice) queueUp(now Instant) {
	if n.Occasion == NoticeBindingDeadline {
		n.Turn = turnEnding
	}
	if !n.Occasion.isOneOf(byStrangers()) {
		return
	}
	n.Turn, n.Queue = turnStrangers, deref(n.AccountID)
	if n.AccountID == nil {
		n.Outcome, n.DoneAt = noticeDropped, now
	}
}

// onQueued is what happens to a notice that meets one that waits: a new request takes the place of an earlier one,
// since the notice says how many wait; everything else is there already.
func onQueued(occasion Occasion) string {
	if occasion != NoticeRequested {
		return " ON CONFLICT DO NOTHING"
	}
	return " ON CONFLICT (queue, channel) WHERE " + queued + ` DO UPDATE SET occasion = excluded.occasion,
		device_authorization_id = excluded.device_authorization_id, created_at = excluded.created_at, useful_until = excluded.useful_until`
}

// queued is the condition of the index notices_queue. Both databases want its words as they are.
const queued = "queue <> '' AND outcome = '' AND attempts = 0"

// bell rings when this process has committed what a worker of its own waits for. The zero value is ready.
type bell struct {
	mu   sync.Mutex // guards rung
	rung chan struct{}
}

// next returns a channel that is closed at the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

// NoticeWritten returns a channel that is closed when this process commits the next notice of what happened to an
// account. Ask for it before looking for what is due, or one between the two is noticed late.
func (s *Store) NoticeWritten() <-chan struct{} { return s.notices.next() }

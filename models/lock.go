package models

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Rows are locked in one order everywhere, or PostgreSQL finds a deadlock and one of the
// two transactions begins again:
//
//  1. what oneAtATime keys stand for: the requests of a client, the codes of an account;
//  2. requests, by identifier where there are several; then bindings, likewise;
//  3. the client, then the account. A match locks the account first, because it judges
//     that first. This is safe as long as no transaction that changes a client locks an
//     account after it;
//  4. an operator's wrong codes (oneAtATime); the app;
//  5. rows that are written without being judged: refresh tokens, notices; counted events,
//     of which each transaction has rows of its own;
//  6. the trail: Append locks it until the transaction ends. Nothing is waited for
//     afterwards but rows that nobody holds while they wait for another: opened records,
//     which are written after the event; what rules have called about, and alerts on their way.
//
// What extends the tree over the trail locks nothing else, and appends nothing.
//
// A used proof may be inserted at any place: another transaction waits for it only when
// it brings the very same proof. An import's row is held before its accounts, and by nobody
// else. Sessions, staff, counters, accounts files, initial access tokens and server keys
// are locked by verbs that lock no other row; an app that is made, after its publisher.

// forUpdate reads rows and keeps them as they are until the transaction ends, so that what
// was judged is what is changed: a loser waits and sees what happened. On SQLite the
// immediate transaction does this alone. Rows that refer to a held one can still be
// added.
func (t *tx) forUpdate() *gorm.DB { return t.locking(forUpdate) }

// How a row is held: as by the function forUpdate, or so that it stays as it is until the transaction ends while others may rely on
// it as well: an account and a client while something hangs on them.
const (
	forUpdate = "NO KEY UPDATE"
	forShare  = "SHARE"
)

// holding ends a plain statement that holds the rows that it finds.
func (t *tx) holding(strength string) string {
	if t.reads || t.Dialector.Name() != "postgres" {
		return ""
	}
	return " FOR " + strength
}

// holdingInOrder ends a plain statement that holds the rows that it finds as forUpdate does, in the order of a column. On SQLite,
// where the transaction holds all, they come in any order: to prepare for sorting takes longer there than to find a few rows by
// key, also when there are none.
func (t *tx) holdingInOrder(column string) string {
	if t.Dialector.Name() != "postgres" {
		return ""
	}
	return " ORDER BY " + column + t.holding(forUpdate)
}

func (t *tx) locking(strength string) *gorm.DB {
	if t.reads {
		return t.DB
	}
	return t.Clauses(clause.Locking{Strength: strength})
}

// passingHeld ends a query that holds the rows that it finds, and leaves out what others hold: who waits for nothing is in no
// deadlock. On SQLite the immediate transaction has them all.
func (t *tx) passingHeld() string {
	if t.Dialector.Name() != "postgres" {
		return ""
	}
	return " FOR UPDATE SKIP LOCKED"
}

// waits reports whether a row may be waited for in the middle of a transaction, so that what was read before is to be read again.
func (t *tx) waits() bool { return t.Dialector.Name() == "postgres" }

// readClock reads the clock again, once a row is locked: there may have been a wait for it.
func (t *tx) readClock() { t.now = max(t.now, At(t.store.now())) }

// oneAtATime lets writes of the same key wait for each other until the transaction
// ends. On SQLite the immediate transaction does this alone.
func (t *tx) oneAtATime(key string) error {
	if t.Dialector.Name() != "postgres" {
		return nil
	}
	_, err := t.do("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key)
	t.readClock()
	return err
}

// codesOf lets whoever tries codes for an account and whoever makes a rule of the account wait for each other.
func (t *tx) codesOf(accountID string) error { return t.oneAtATime("codes for " + accountID) }

// requestsOf lets whoever adds requests of a client and whoever ends them all wait for
// each other. It comes before any row is held.
func (t *tx) requestsOf(clientID string) error { return t.oneAtATime("requests of " + clientID) }

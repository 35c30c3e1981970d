package models

import (
	"errors"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// operatorMemory is how long an operator's wrong codes are remembered.
const operatorMemory = time.Hour

// mayTry holds an operator to Policy.WrongCodesPerOperator within an hour, over all
// accounts, counters, sessions and processes; neither a right code nor a supervisor's
// unlocking of an account sets the count back (docs/protocol.md §6 limiter-reset). Error: *TooManyError.
func (t *tx) mayTry(who actor) error {
	limit := t.store.policy.WrongCodesPerOperator
	if limit < 0 {
		return nil
	}
	if err := t.oneAtATime("wrong codes " + who.staff); err != nil {
		return err
	}
	var oldest Instant // of the newest that are as many as the limit
	err := t.ask(askWrongCode+strconv.Itoa(limit-1), []any{who.staff, t.now.Add(-operatorMemory)}, &oldest)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &TooManyError{What: WrongCodes, RetryAfter: oldest.Add(operatorMemory).Time().Sub(t.now.Time())}
}

// askWrongCode finds when somebody entered a wrong code, so many before the newest; the number follows.
const askWrongCode = `SELECT failed_at FROM match_failures WHERE staff_id = $1 AND failed_at > $2 AND NOT while_locked
	ORDER BY failed_at DESC LIMIT 1 OFFSET `

// wrongCodeMemory is the time within which Policy.WrongCodesThatLock wrong codes for an account
// at the console lock its requests until a supervisor looks (RFC 8628 §5.1).
// Wrong codes are counted across sessions, operators and counters, and no success sets
// the count back (docs/protocol.md §6 limiter-reset).
const wrongCodeMemory = 7 * 24 * time.Hour

// triesLeft is how many wrong codes may still be entered; 0 means locked.
func (t *tx) triesLeft(account Account) (int, error) {
	since := max(account.MatchUnlockedAt, t.now.Add(-wrongCodeMemory))
	var failures int64
	err := t.Model(&MatchFailure{}).Where("account_id = ? AND failed_at > ? AND NOT while_locked", account.ID, since).Count(&failures).Error
	return t.store.triesAfter(account, int(failures)), err
}

// triesAfter is how many are left after as many wrong codes; 0 while it is locked.
func (s *Store) triesAfter(account Account, failures int) int {
	if account.MatchLockedAt != 0 {
		return 0
	}
	return max(1, s.policy.WrongCodesThatLock-failures)
}

// wrongCode remembers the failure and returns what to tell the operator. A code that
// is entered while the account is locked is not looked at, only recorded.
func (t *tx) wrongCode(account Account, who actor) (refused, fault error) {
	before, err := t.triesLeft(account)
	if err != nil {
		return nil, err
	}
	facts, left := who.facts(), max(0, before-1)
	facts.TriesLeft = &left
	if before == 0 {
		facts.Reason = string(term.MatchLocked)
	}
	if err := t.rememberFailure(account, who, before == 0); err != nil {
		return nil, err
	}
	if _, err := t.record(audit.Event{Type: audit.CodeMatchFailed, Subject: account.ID, Facts: facts}); err != nil {
		return nil, err
	}
	switch {
	case before == 0:
		return &MatchLockedError{AccountID: account.ID}, nil
	case left > 0:
		return &WrongCodeError{TriesLeft: left}, nil
	}
	if err := t.Model(&Account{}).Where("id = ?", account.ID).Update("match_locked_at", t.now).Error; err != nil {
		return nil, err
	}
	_, err = t.record(audit.Event{Type: audit.MatchLocked, Subject: account.ID, Facts: who.facts()})
	return &MatchLockedError{AccountID: account.ID}, err
}

func (t *tx) rememberFailure(account Account, who actor, locked bool) error {
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	return t.Create(&MatchFailure{ID: id, AccountID: account.ID, StaffID: who.staff, CounterID: who.counter, FailedAt: t.now,
		WhileLocked: locked}).Error
}

// spentCode raises an alert when a wrong code is one that this account had once: spent,
// expired or declined (docs/architecture.md §6, unique codes). It is a wrong code all the same.
func (t *tx) spentCode(account Account, who actor, codeMAC string) error {
	var d DeviceAuthorization
	err := t.Where("account_id = ? AND user_code_mac = ?", account.ID, codeMAC).Limit(1).Find(&d).Error
	if err == nil {
		err = t.obeyRules(&d)
	}
	phase := d.PhaseAt(t.now)
	if err != nil || d.ID == "" || phase.Open() {
		return err // a live one: a presence proof names its code, but not its client
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization = d.ClientID, d.JWKThumbprint, d.ID
	facts.Reason = string(phase)
	if err := t.making(d, &facts); err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.SpentCodeEntered, Subject: account.ID, Transaction: d.ID, Facts: facts})
	return err
}

package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/oauth"
)

// wrongCodesThatLock: the sixth wrong code for an account at the console within
// wrongCodeMemory locks its requests until a supervisor looks (RFC 8628 section 5.1).
// Wrong codes are counted across sessions, operators and counters, and no success sets
// the count back (attacks.md row 12).
const (
	wrongCodesThatLock = 6
	wrongCodeMemory    = 7 * 24 * time.Hour
)

// Match finds the request of this account that has the code, and claims it for the
// session. Somebody who holds the claim in another session of theirs takes it over;
// its proofing is then to be done again. Every refusal is recorded. Errors:
// *WrongCodeError, *MatchLockedError, *ClaimedError, *StateConflictError,
// ErrAccountNotActive, ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
//
// The code is looked for among this account's live requests only, so an expired code
// is a wrong code.
func (s *Store) Match(ctx context.Context, sessionID, accountID string, code oauth.UserCode) (DeviceAuthorization, error) {
	var matched DeviceAuthorization
	var wrong error
	err := s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		matched, wrong = DeviceAuthorization{}, nil
		desk, err := tx.desk(sessionID)
		if err != nil {
			return desk, matched, err
		}
		if wrong, err = tx.match(&matched, desk, accountID, code.MAC(s.keys.userCode)); err == nil {
			return desk, matched, nil
		}
		if matched.ID == "" { // refused before a request was found
			return desk, DeviceAuthorization{AccountID: &accountID}, err
		}
		return desk, matched, err
	})
	if err == nil {
		err = wrong
	}
	return matched, err
}

// match finds and claims. wrong is a wrong code, on record already; err is any other
// refusal, or a fault.
func (t *tx) match(d *DeviceAuthorization, desk desk, accountID, codeMAC string) (wrong, err error) {
	account, err := t.matchableAccount(accountID, desk.staff)
	if err != nil {
		return nil, err
	}
	if account.MatchLockedAt != 0 {
		return t.wrongCode(account, desk)
	}
	err = t.held().Where("account_id = ? AND user_code_mac = ? AND state IN ? AND pending_until > ?",
		accountID, codeMAC, []State{Pending, Matched, Proofed}, t.now).Limit(1).Find(d).Error
	if err != nil {
		return nil, err
	}
	if d.ID == "" {
		return t.wrongCode(account, desk)
	}
	return nil, t.claim(d, desk)
}

// matchableAccount finds an active account that is not the operator's own. It holds
// the account, so that tries at the same moment are counted one after the other.
func (t *tx) matchableAccount(id, staffID string) (Account, error) {
	var account Account
	if err := t.held().Where("id = ?", id).First(&account).Error; err != nil {
		return account, lost(err)
	}
	t.waited()
	if account.Status != AccountActive {
		return account, ErrAccountNotActive
	}
	own, err := t.ownAccount(staffID, id)
	if err == nil && own {
		err = ErrOwnAccount
	}
	return account, err
}

// triesLeft is how many wrong codes may still be entered; 0 means locked.
func (t *tx) triesLeft(account Account) (int, error) {
	if account.MatchLockedAt != 0 {
		return 0, nil
	}
	since := max(account.MatchUnlockedAt, t.now.Add(-wrongCodeMemory))
	var failures int64
	err := t.Model(&MatchFailure{}).Where("account_id = ? AND failed_at > ?", account.ID, since).Count(&failures).Error
	return max(1, wrongCodesThatLock-int(failures)), err
}

// wrongCode remembers the failure and returns what to tell the operator. A code that
// is entered while the account is locked is not looked at, only recorded.
func (t *tx) wrongCode(account Account, desk desk) (refused, fault error) {
	before, err := t.triesLeft(account)
	if err != nil {
		return nil, err
	}
	facts, left := desk.facts(), max(0, before-1)
	facts.TriesLeft = &left
	if before == 0 {
		facts.Reason = "locked"
	} else if err := t.rememberFailure(account, desk); err != nil {
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
	_, err = t.record(audit.Event{Type: audit.MatchLocked, Subject: account.ID, Facts: desk.facts()})
	return &MatchLockedError{AccountID: account.ID}, err
}

func (t *tx) rememberFailure(account Account, desk desk) error {
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	return t.Create(&MatchFailure{ID: id, AccountID: account.ID, StaffID: desk.staff, CounterID: desk.counter, FailedAt: t.now}).Error
}

// claim makes the request this session's for Policy.ClaimLength.
func (t *tx) claim(d *DeviceAuthorization, desk desk) error {
	arrow, demand, args := transitionMatch, "pending_until > ?", []any{t.now}
	if phase := d.PhaseAt(t.now); phase == Phase(Matched) || phase == Phase(Proofed) {
		if deref(d.ClaimStaffID) != desk.staff {
			return &ClaimedError{deref(d.ClaimStaffID), deref(d.ClaimCounterID), d.ClaimUntil.Time()}
		}
		arrow, demand, args = transitionRematch, demand+" AND claim_staff_id = ?", append(args, desk.staff)
	}
	d.ClaimUntil = t.now.Add(t.store.policy.ClaimLength)
	err := t.move(d.ID, arrow, map[string]any{
		"claim_session_id": desk.session, "claim_staff_id": desk.staff, "claim_counter_id": desk.counter,
		"claim_until": d.ClaimUntil, "matched_at": t.now, "proofing_id": nil,
	}, demand, args...)
	if err != nil {
		return err
	}
	facts := desk.facts()
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = d.ClientID, d.ID, d.JWKThumbprint
	facts.Presence, facts.PendingUntil = "code only", d.PendingUntil.secondsPointer()
	_, err = t.record(audit.Event{Type: audit.CodeMatched, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// UnlockMatching lets codes be entered for an account again: a supervisor has looked.
// Never for their own account. Errors: ErrOwnAccount, ErrNotFound, ErrSessionEnded,
// ErrNotAllowed.
func (s *Store) UnlockMatching(ctx context.Context, sessionID, accountID string) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		session, err := tx.session(sessionID, Supervisor)
		acting, about := desk{session: session.ID, staff: session.StaffID}, DeviceAuthorization{AccountID: &accountID}
		if err != nil {
			return acting, about, err
		}
		own, err := tx.ownAccount(session.StaffID, accountID)
		if err != nil {
			return acting, DeviceAuthorization{}, err
		}
		if own {
			return acting, about, ErrOwnAccount
		}
		return acting, about, tx.unlock(session, accountID)
	})
}

func (t *tx) unlock(session StaffSession, accountID string) error {
	err := t.Model(&Account{}).Where("id = ?", accountID).
		Updates(map[string]any{"match_locked_at": 0, "match_unlocked_at": t.now}).Error
	if err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.MatchUnlocked, Subject: accountID,
		Facts: audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID}})
	return err
}

package models

import (
	"context"

	"countersign/audit"
	"countersign/oauth"
)

// wrongCodesThatLock: the sixth wrong code for an account at the console locks its
// requests until a supervisor looks (RFC 8628 section 5.1). Wrong codes are counted
// over the pending window, across sessions, operators and counters, and no success
// sets the count back (attacks.md row 12).
const wrongCodesThatLock = 6

// Match finds the request of this account that has the code, and claims it for the
// session. Errors: *WrongCodeError, *MatchLockedError, *ClaimedError,
// *StateConflictError (expired), ErrAccountNotActive, ErrOwnAccount (recorded as a
// refused decision: the match is where it would begin), ErrNotFound, ErrSessionEnded,
// ErrNotAllowed, ErrNoCounter.
//
// The code is looked for among this account's live requests only, so an expired code
// is a wrong code.
func (s *Store) Match(ctx context.Context, sessionID, accountID string, code oauth.UserCode) (DeviceAuthorization, error) {
	var matched DeviceAuthorization
	var refused error
	err := s.write(ctx, func(tx *tx) error {
		refused = nil
		desk, err := tx.desk(sessionID)
		if err != nil {
			return err
		}
		account, err := tx.matchableAccount(accountID)
		if err != nil {
			return err
		}
		if own, err := tx.ownAccount(desk.staff, accountID); err != nil {
			return err
		} else if own {
			refused = ErrOwnAccount
			return tx.recordRefusal(desk, DeviceAuthorization{AccountID: &accountID}, refusalCode(refused))
		}
		err = tx.held().Where("account_id = ? AND user_code_mac = ? AND state IN ? AND pending_until > ?",
			accountID, code.MAC(s.keys.userCode), []State{Pending, Matched, Proofed}, tx.now).
			Limit(1).Find(&matched).Error
		if err != nil {
			return err
		}
		if matched.ID == "" {
			refused, err = tx.wrongCode(account, desk)
			return err
		}
		return tx.claim(&matched, desk)
	})
	if err == nil {
		err = refused
	}
	return matched, err
}

// matchableAccount finds an active account whose matching is not locked. It holds the
// account, so that tries at the same moment are counted one after the other.
func (t *tx) matchableAccount(id string) (Account, error) {
	var account Account
	if err := t.held().Where("id = ?", id).First(&account).Error; err != nil {
		return account, lost(err)
	}
	if account.Status != AccountActive {
		return account, ErrAccountNotActive
	}
	left, err := t.triesLeft(account)
	if err == nil && left == 0 {
		err = &MatchLockedError{AccountID: id}
	}
	return account, err
}

func (t *tx) triesLeft(account Account) (int, error) {
	since := max(account.MatchUnlockedAt, t.now.Add(-t.store.policy.PendingWindow))
	var failures int64
	err := t.Model(&MatchFailure{}).Where("account_id = ? AND failed_at > ?", account.ID, since).Count(&failures).Error
	return max(0, wrongCodesThatLock-int(failures)), err
}

// wrongCode remembers the failure and returns what to tell the operator.
func (t *tx) wrongCode(account Account, desk desk) (refused, fault error) {
	id, err := newID(t.store.rand)
	if err != nil {
		return nil, err
	}
	if err := t.Create(&MatchFailure{ID: id, AccountID: account.ID, StaffID: desk.staff, CounterID: desk.counter, FailedAt: t.now}).Error; err != nil {
		return nil, err
	}
	left, err := t.triesLeft(account)
	if err != nil {
		return nil, err
	}
	facts := desk.facts()
	facts.TriesLeft = &left
	if _, err := t.record(audit.Event{Type: audit.CodeMatchFailed, Subject: account.ID, Facts: facts}); err != nil {
		return nil, err
	}
	if left > 0 {
		return &WrongCodeError{TriesLeft: left}, nil
	}
	_, err = t.record(audit.Event{Type: audit.MatchLocked, Subject: account.ID, Facts: desk.facts()})
	return &MatchLockedError{AccountID: account.ID}, err
}

// claim makes the request this session's for Policy.ClaimLength. A session that holds
// it already may match again; its proofing is then to be done again.
func (t *tx) claim(d *DeviceAuthorization, desk desk) error {
	arrow, demand, args := transitionMatch, "pending_until > ?", []any{t.now}
	switch phase := d.PhaseAt(t.now); {
	case (phase == Phase(Matched) || phase == Phase(Proofed)) && deref(d.ClaimSessionID) == desk.session:
		arrow, demand, args = transitionRematch, demand+" AND claim_session_id = ?", append(args, desk.session)
	case phase == Phase(Matched) || phase == Phase(Proofed):
		return &ClaimedError{deref(d.ClaimStaffID), deref(d.ClaimCounterID), d.ClaimUntil.Time()}
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
// Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) UnlockMatching(ctx context.Context, sessionID, accountID string) error {
	return s.write(ctx, func(tx *tx) error {
		session, err := tx.session(sessionID, Supervisor)
		if err != nil {
			return err
		}
		result := tx.Model(&Account{}).Where("id = ?", accountID).Update("match_unlocked_at", tx.now)
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 0 {
			return ErrNotFound
		}
		_, err = tx.record(audit.Event{Type: audit.MatchUnlocked, Subject: accountID,
			Facts: audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: sessionID}})
		return err
	})
}

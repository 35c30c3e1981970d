package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
	"countersign/models/keys"
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
// *WrongCodeError, *MatchLockedError, ErrPresenceRequired, *ClaimedError,
// *StateConflictError, ErrAccountNotActive, ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
//
// The code is looked for among this account's live requests only, so an expired code
// is a wrong code. entered, at most one, goes on record with the match.
func (s *Store) Match(ctx context.Context, sessionID, accountID string, code oauth.UserCode, entered ...Entered) (DeviceAuthorization, error) {
	return s.matchBy(ctx, sessionID, accountID, showing{code: code, entered: first(entered)})
}

// Entered is how the operator's page says that its box was filled. A page can say
// anything: it is a note in the trail, and nothing depends on it.
type Entered string

// What a page may say; EnteredUnknown where it has no script.
const (
	EnteredUnknown  Entered = ""
	EnteredByScan   Entered = "scan"
	EnteredByTyping Entered = "typed"
	EnteredByCamera Entered = "camera"
	EnteredBySerial Entered = "serial"
)

// ParseEntered reads what a form says; any other word is EnteredUnknown.
func ParseEntered(word string) Entered {
	switch entered := Entered(word); entered {
	case EnteredByScan, EnteredByTyping, EnteredByCamera, EnteredBySerial:
		return entered
	}
	return EnteredUnknown
}

func first(entered []Entered) Entered {
	if len(entered) == 0 {
		return EnteredUnknown
	}
	return entered[0]
}

// matchBy matches by what the phone showed.
func (s *Store) matchBy(ctx context.Context, sessionID, accountID string, by showing) (DeviceAuthorization, error) {
	var matched DeviceAuthorization
	var wrong error
	err := s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		matched, wrong = DeviceAuthorization{}, nil
		desk, err := tx.desk(sessionID)
		if err != nil {
			return desk, matched, err
		}
		if wrong, err = tx.match(&matched, desk, accountID, by); err == nil {
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

// match finds and claims; tries at the same moment are counted one after the other. wrong is what is on record already: a wrong code, or what else
// was not good enough; err is any other refusal, or a fault.
//
// The request is held before the account, as everywhere, though the account is judged
// first.
func (t *tx) match(d *DeviceAuthorization, desk desk, accountID string, by showing) (wrong, err error) {
	if err := t.oneAtATime("codes for " + accountID); err != nil {
		return nil, err
	}
	codeMAC := by.code.MAC(t.store.keys.MACKey(keys.UserCode))
	waiting, err := t.waitingFor(accountID, codeMAC, by)
	if err != nil {
		return nil, err
	}
	account, err := t.matchableAccount(accountID, desk.staff)
	if err != nil {
		return nil, err
	}
	if account.MatchLockedAt != 0 {
		return t.wrongCode(account, desk)
	}
	if err := t.mayTry(desk); err != nil {
		return nil, err
	}
	if by.proof == nil && account.PresenceRequired {
		return t.presenceRefused(*d, account, desk, ErrPresenceRequired)
	}
	if waiting.ID == "" || waiting.PendingUntil <= t.now {
		if err := t.spentCode(account, desk, codeMAC); err != nil {
			return nil, err
		}
		return t.wrongCode(account, desk)
	}
	*d = waiting
	proved, wrong, err := t.present(d, account, desk, by)
	if wrong != nil || err != nil {
		return wrong, err
	}
	err = t.claim(d, desk, proved, by.entered)
	if errors.Is(err, ErrPresenceReplayed) {
		return t.presenceRefused(*d, account, desk, &PresenceRefusedError{err})
	}
	return nil, err
}

// waitingFor finds the live request of the account that has the code, of the client that
// the proof names, if there is one. An empty row: none.
func (t *tx) waitingFor(accountID, codeMAC string, by showing) (d DeviceAuthorization, err error) {
	query := t.held().Where("account_id = ? AND user_code_mac = ? AND state IN ? AND pending_until > ?",
		accountID, codeMAC, []State{Pending, Matched, Proofed}, t.now)
	if by.proof != nil {
		query = query.Where("client_id = ?", by.clientID)
	}
	return d, query.Limit(1).Find(&d).Error
}

// matchableAccount finds an active account that is not the operator's own, and holds it.
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
	if err == nil {
		err = t.ownAccountKnown(staffID)
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

// claim makes the request this session's for Policy.ClaimLength. A presence proof is used
// up once nothing but its own replay stands against the claim; nil: the code was typed.
func (t *tx) claim(d *DeviceAuthorization, desk desk, proved *UsedProof, entered Entered) error {
	arrow, demand, args := transitionMatch, "pending_until > ?", []any{t.now}
	if phase := d.PhaseAt(t.now); phase == Phase(Matched) || phase == Phase(Proofed) {
		if deref(d.ClaimStaffID) != desk.staff {
			return &ClaimedError{deref(d.ClaimStaffID), deref(d.ClaimCounterID), d.ClaimUntil.Time()}
		}
		arrow, demand, args = transitionRematch, demand+" AND claim_staff_id = ?", append(args, desk.staff)
	}
	d.Presence = PresenceCodeOnly
	if proved != nil {
		if err := t.useProofs([]UsedProof{*proved}); err != nil {
			return err
		}
		d.Presence = PresenceProved
	}
	d.ClaimUntil = t.now.Add(t.store.policy.ClaimLength)
	err := t.move(d.ID, arrow, map[string]any{
		"claim_session_id": desk.session, "claim_staff_id": desk.staff, "claim_counter_id": desk.counter,
		"claim_until": d.ClaimUntil, "matched_at": t.now, "presence": d.Presence, "proofing_id": nil,
	}, demand, args...)
	if err != nil {
		return err
	}
	facts := desk.facts()
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = d.ClientID, d.ID, d.JWKThumbprint
	facts.Presence, facts.Entered, facts.PendingUntil = d.Presence, string(entered), d.PendingUntil.secondsPointer()
	_, err = t.record(audit.Event{Type: audit.CodeMatched, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// UnlockMatching lets codes be entered for an account again: a supervisor has looked.
// Never for their own account. Errors: ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded,
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
		if err := tx.ownAccountKnown(session.StaffID); err != nil {
			return acting, about, err
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

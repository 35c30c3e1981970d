package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/models/keys"
	"countersign/oauth"
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
func (s *Store) Match(
	ctx context.Context, sessionID, accountID string, code oauth.UserCode, entered ...Entered,
) (DeviceAuthorization, error) {
	return s.matchBy(ctx, sessionID, accountID, showing{code: code, entered: first(entered)})
}

// matchBy matches by what the phone showed.
func (s *Store) matchBy(ctx context.Context, sessionID, accountID string, by showing) (DeviceAuthorization, error) {
	var matched DeviceAuthorization
	var wrong error
	err := s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		matched, wrong = DeviceAuthorization{}, nil
		who, err := tx.atCounter(sessionID)
		if err != nil {
			return who, subject{}, err
		}
		if wrong, err = tx.match(&matched, who, accountID, by); err == nil {
			return who, matched.subject(), nil
		}
		if matched.ID == "" { // refused before a request was found
			return who, subject{account: accountID}, err
		}
		return who, matched.subject(), err
	})
	if err == nil {
		err = wrong
	}
	return matched, err
}

// match finds and claims; tries at the same moment are counted one after the other. wrong
// is what is on record already: a wrong code, or what else was not good enough; err is any
// other refusal, or a fault.
//
// The request is held before the account, as everywhere, though the account is judged
// first.
func (t *tx) match(d *DeviceAuthorization, who actor, accountID string, by showing) (wrong, err error) {
	if err := t.codesOf(accountID); err != nil {
		return nil, err
	}
	codeMAC := by.code.MAC(t.store.keys.MACKey(keys.UserCode))
	waiting, err := t.waitingFor(accountID, codeMAC, by)
	if err != nil {
		return nil, err
	}
	account, err := t.matchableAccount(accountID, who)
	if err != nil {
		return nil, err
	}
	if account.MatchLockedAt != 0 {
		return t.wrongCode(account, who)
	}
	if err := t.mayTry(who); err != nil {
		return nil, err
	}
	if by.proof == nil && account.PresenceRequired {
		return t.presenceRefused(*d, account, who, ErrPresenceRequired)
	}
	if waiting.ID == "" || waiting.PendingUntil <= t.now {
		if err := t.spentCode(account, who, codeMAC); err != nil {
			return nil, err
		}
		return t.wrongCode(account, who)
	}
	*d = waiting
	proved, wrong, err := t.present(d, account, who, by)
	if wrong != nil || err != nil {
		return wrong, err
	}
	err = t.claim(d, who, proved, by.entered)
	if errors.Is(err, ErrPresenceReplayed) {
		return t.presenceRefused(*d, account, who, &PresenceRefusedError{err})
	}
	return nil, err
}

const waitingWithCode = `WHERE account_id = $1 AND user_code_mac = $2 AND state IN ('pending', 'matched', 'proofed') AND pending_until > $3`

// waitingFor finds the live request of the account that has the code, of the client that
// the proof names, if there is one. An empty row: none.
func (t *tx) waitingFor(accountID, codeMAC string, by showing) (d DeviceAuthorization, err error) {
	where, values := waitingWithCode, []any{accountID, codeMAC, t.now}
	if by.proof != nil {
		where, values = where+" AND client_id = $4", append(values, by.clientID)
	}
	if d, err = ifAny(rowOf[DeviceAuthorization](t, where+t.holding(forUpdate), values...)); err == nil {
		err = t.obeyRules(&d)
	}
	if d.State == Declined {
		return DeviceAuthorization{}, err
	}
	return d, err
}

// matchableAccount finds an active account that is not the operator's own, and holds it.
func (t *tx) matchableAccount(id string, who actor) (Account, error) {
	account, err := rowOf[Account](t, "WHERE id = $1"+t.holding(forUpdate), id)
	if err != nil {
		return account, notFound(err)
	}
	t.readClock()
	if account.Status != AccountActive {
		return account, ErrAccountNotActive
	}
	return account, t.surelyNotOwnAccount(who, id)
}

const claiming = "claim_session_id = ?, claim_staff_id = ?, claim_counter_id = ?, claim_until = ?, matched_at = ?, presence = ?, " +
	"proofing_id = NULL"

var (
	updateMatched   = transitionMatch.update(claiming, "pending_until > ?")
	updateRematched = transitionRematch.update(claiming, "pending_until > ? AND claim_staff_id = ?")
)

// claim makes the request this session's for Policy.ClaimLength. A presence proof is used
// up once nothing but its own replay stands against the claim; nil: the code was typed.
func (t *tx) claim(d *DeviceAuthorization, who actor, proved *UsedProof, entered Entered) error {
	arrow, demanded := updateMatched, []any{t.now}
	if phase := d.PhaseAt(t.now); phase.Claimed() {
		if deref(d.ClaimStaffID) != who.staff {
			return &ClaimedError{deref(d.ClaimStaffID), deref(d.ClaimCounterID), d.ClaimUntil.Time()}
		}
		arrow, demanded = updateRematched, append(demanded, who.staff)
	}
	d.Presence = PresenceCodeOnly
	if proved != nil {
		if err := t.useProofs([]UsedProof{*proved}); err != nil {
			return err
		}
		d.Presence = PresenceProved
	}
	d.ClaimUntil = t.now.Add(t.store.policy.ClaimLength)
	set := []any{who.session, who.staff, who.counter, d.ClaimUntil, t.now, d.Presence}
	err := t.move(d.ID, arrow, set, demanded...)
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = d.ClientID, d.ID, d.JWKThumbprint
	facts.Presence, facts.Entered, facts.PendingUntil = d.Presence, string(entered), d.PendingUntil.secondsPointer()
	if err := t.makingInFull(*d, &facts); err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.CodeMatched, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// MatchPresence is Match by a presence proof (docs/presence-proof.md) in place of a typed
// code: the request of this account that has the code and whose client's key signed. A
// proof that names no such request, or that another key signed, is a wrong code and
// counted as one. A proof of the right key that is too old, for another server or used
// before costs no try, nor does one that another key signed while the client's key cannot
// be looked up: it names a code that waits, so that nothing was guessed. key is what the
// caller found out of the client's key just now. Errors: *PresenceRefusedError, and those
// of Match but ErrPresenceRequired.
//
// The proof is used up in the transaction that matches.
func (s *Store) MatchPresence(
	ctx context.Context, sessionID, accountID string, proof oauth.PresenceProof, key KeyState, entered ...Entered,
) (DeviceAuthorization, error) {
	clientID, code, _ := proof.Claimed() // what names nothing finds nothing
	return s.matchBy(ctx, sessionID, accountID, showing{code, clientID, &proof, key, first(entered)})
}

package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// GiveSecondApproval says that a second person has looked at the whole record, in this session
// (LookSecondApproval), and agrees. The operator who asked may then approve, while their claim
// lasts and what the second person's page showed is as it was. Errors: *ChangedError,
// ErrSamePerson, ErrNotLooked, ErrOwnAccount, ErrOwnAccountUnknown, ErrAccountNotActive,
// ErrClientNotActive, ErrSecondApprovalOver, ErrStepUp, ErrNotFound, ErrSessionEnded,
// ErrNotAllowed, ErrNoCounter.
func (s *Store) GiveSecondApproval(ctx context.Context, sessionID, secondID string, shown Shown) error {
	return s.secondPersonActs(ctx, sessionID, secondID, func(tx *tx, who actor, d DeviceAuthorization, row SecondApproval) error {
		if err := tx.mustHaveLooked(who, row); err != nil {
			return err
		}
		now, err := tx.mayAgree(who, d, shown)
		if err != nil {
			return err
		}
		return tx.answer(who, d, row, map[string]any{"status": SecondApprovalGiven, "agreed_to": now.Digest()}, audit.SecondApprovalGiven, "")
	})
}

// ReturnSecondApproval gives the visit back to the operator who asked, with one of term.Returns.
// Errors: as GiveSecondApproval, and ErrUnknownReason.
func (s *Store) ReturnSecondApproval(ctx context.Context, sessionID, secondID string, reason term.Return) error {
	if err := oneOf(reason, term.Returns()); err != nil {
		return err
	}
	kind := audit.SecondApprovalReturned
	if reason.Alarming() {
		kind = audit.SecondApprovalRefused
	}
	return s.secondPersonActs(ctx, sessionID, secondID, func(tx *tx, who actor, d DeviceAuthorization, row SecondApproval) error {
		if err := tx.mustHaveLooked(who, row); err != nil {
			return err
		}
		return tx.answer(who, d, row, map[string]any{"status": SecondApprovalReturned, "reason": string(reason)}, kind, reason)
	})
}

// mayAgree holds the second person to what an approval asks of its operator, since that is half
// of an approval, and returns what they agree to. A return needs none of it. The client and
// the account stay as they are until the transaction ends. Errors: ErrOwnAccountUnknown,
// ErrStepUp, ErrClientNotActive, ErrAccountNotActive, *ChangedError.
func (t *tx) mayAgree(who actor, d DeviceAuthorization, shown Shown) (Shown, error) {
	if err := t.ownAccountKnown(who); err != nil {
		return Shown{}, err
	}
	if err := t.steppedUp(who.session); err != nil {
		return Shown{}, err
	}
	if _, err := t.activeClient(d.ClientID); err != nil {
		return Shown{}, err
	}
	account, err := t.activeAccount(*d.AccountID)
	if err != nil {
		return Shown{}, err
	}
	on, err := t.groundsOf(d, account)
	if err != nil {
		return Shown{}, err
	}
	now, err := t.asShown(d, on, shown)
	if err == nil {
		err = wasShown(shown)
	}
	return now, err
}

// answer keeps the second person's word: once.
func (t *tx) answer(who actor, d DeviceAuthorization, row SecondApproval, word map[string]any, kind audit.Type, reason term.Return) error {
	word["answered_at"], word["answered_session_id"], word["answered_staff_id"] = t.now, who.session, who.staff
	result := t.Model(&SecondApproval{}).Where("id = ? AND status = ?", row.ID, SecondApprovalWaiting).Updates(word)
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrSecondApprovalOver
	}
	if result.Error != nil {
		return result.Error
	}
	return t.recordSecondApproval(kind, who, d, row, string(reason))
}

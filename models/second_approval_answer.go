package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// GiveSecondApproval says that a second person has looked at the whole record, in this session
// (LookSecondApproval), and agrees. The operator who asked may then approve, while their claim
// lasts. Errors: ErrSamePerson, ErrNotLooked, ErrOwnAccount, ErrOwnAccountUnknown,
// ErrSecondApprovalOver, ErrStepUp, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) GiveSecondApproval(ctx context.Context, sessionID, secondID string) error {
	return s.answerSecondApproval(ctx, sessionID, secondID, SecondApprovalGiven, "")
}

// ReturnSecondApproval gives the visit back to whoever asked, with one of term.Returns.
// Errors: as GiveSecondApproval, and *UnknownReasonError.
func (s *Store) ReturnSecondApproval(ctx context.Context, sessionID, secondID string, reason term.Return) error {
	if err := oneOf(reason, term.Returns()); err != nil {
		return err
	}
	return s.answerSecondApproval(ctx, sessionID, secondID, SecondApprovalReturned, reason)
}

func (s *Store) answerSecondApproval(ctx context.Context, sessionID, secondID, status string, reason term.Return) error {
	return s.secondPersonActs(ctx, sessionID, secondID, func(tx *tx, who actor, d DeviceAuthorization, row SecondApproval) error {
		if err := tx.mustHaveLooked(who, row); err != nil {
			return err
		}
		if status == SecondApprovalGiven { // half of an approval; a return needs none
			if err := tx.mayAgree(who); err != nil {
				return err
			}
		}
		return tx.answer(who, d, row, status, reason)
	})
}

// mayAgree holds whoever agrees to what an approval asks of its operator. Errors:
// ErrOwnAccountUnknown, ErrStepUp.
func (t *tx) mayAgree(who actor) error {
	if err := t.ownAccountKnown(who.staff); err != nil {
		return err
	}
	return t.steppedUp(who.session)
}

// answer keeps the second person's word: once.
func (t *tx) answer(who actor, d DeviceAuthorization, row SecondApproval, status string, reason term.Return) error {
	result := t.Model(&SecondApproval{}).Where("id = ? AND status = ?", row.ID, SecondApprovalWaiting).Updates(map[string]any{
		"status": status, "reason": string(reason), "answered_at": t.now, "answered_session_id": who.session, "answered_staff_id": who.staff,
	})
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrSecondApprovalOver
	}
	if result.Error != nil {
		return result.Error
	}
	kind := audit.SecondApprovalGiven
	if status == SecondApprovalReturned {
		kind = audit.SecondApprovalReturned
		if reason.Alarming() {
			kind = audit.SecondApprovalRefused
		}
	}
	return t.recordSecondApproval(kind, who, d, row, string(reason))
}

package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// RecallByOperator is how long after their approval an operator may take it back
// themselves; a supervisor may until the phone redeems it.
const RecallByOperator = 15 * time.Minute

// Recall takes an approval back before the phone redeems it: the request is declined
// and its binding revoked. A supervisor's act, never on their own account; and within
// RecallByOperator that of the operator who approved, at the counter where they did. A
// refusal is recorded. Errors: *StateConflictError (redeemed already: revoke the binding
// instead), ErrNotToRecall, ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
func (s *Store) Recall(ctx context.Context, sessionID, id string, reason term.Recall) error {
	if err := oneOf(reason, term.Recalls()); err != nil {
		return err
	}
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.supervisorOrOperator(sessionID)
		if err != nil {
			return who, subject{}, err
		}
		d, err := tx.deviceAuthorization(id)
		if err == nil && d.AccountID == nil { // belongs to nobody: as if it were not there
			err = ErrNotFound
		}
		if err == nil && who.role == Operator && !who.mayRecall(d, tx.now) {
			err = ErrNotToRecall
		}
		if err == nil {
			err = tx.recall(who, d, reason)
		}
		return who, d.subject(), err
	})
}

// mayRecall reports whether the operator approved the request here, a moment ago.
func (a actor) mayRecall(request DeviceAuthorization, now Instant) bool {
	return request.RedeemUntil != 0 && deref(request.DecidedStaffID) == a.staff && deref(request.DecidedCounterID) == a.counter &&
		now < request.DecidedAt.Add(RecallByOperator)
}

// MayRecall reports whether Recall would let this session take the approval back. It only
// spares others the form.
func (s *Store) MayRecall(session Session, request RequestView) bool {
	if !request.Phase.Is(Approved) {
		return false
	}
	at := actor{session: session.ID, staff: session.Staff.ID}
	if session.Counter != nil {
		at.counter = session.Counter.ID
	}
	return session.Has(Supervisor) || session.Has(Operator) && at.mayRecall(request.DeviceAuthorization, At(s.now()))
}

var updateRecalled = transitionRecall.update("decline_reason = ?", "redeem_until > ?")

func (t *tx) recall(by actor, d DeviceAuthorization, reason term.Recall) error {
	if err := t.notOwnAccount(by, *d.AccountID); err != nil {
		return err
	}
	if d.EndedBySeq != 0 { // with its client: nothing is left to take back
		return t.conflict(d.ID, transitionRecall)
	}
	err := t.move(d.ID, updateRecalled, []any{string(term.EndingRecalled)}, t.now)
	if err != nil {
		return err
	}
	var binding Binding
	if err := t.forUpdate().Where("device_authorization_id = ?", d.ID).First(&binding).Error; err != nil {
		return notFound(err)
	}
	facts := by.facts()
	facts.Reason, facts.Client, facts.DeviceAuthorization, facts.Binding = string(reason), binding.ClientID, d.ID, binding.ID
	_, err = t.record(audit.Event{Type: audit.DeviceBindingRecalled, Subject: binding.AccountID, Transaction: d.ID, Facts: facts})
	if err != nil {
		return err
	}
	ended := by.facts()
	ended.Reason = string(term.EndingRecalled)
	return t.revoke(binding, ended)
}

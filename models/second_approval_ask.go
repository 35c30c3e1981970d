package models

import (
	"context"

	"countersign/audit"
)

// AskSecondApproval asks for a second person to look at a visit that this session has proofed.
// Asking again while it waits changes nothing. Errors: ErrSecondApprovalNotNeeded, ErrNotTheClaim,
// ErrDetailsDiffer, *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) AskSecondApproval(ctx context.Context, sessionID, id string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.decidable(sessionID, id, transitionApprove)
		if err == nil {
			err = tx.askSecondApproval(who, d)
		}
		return who, d.subject(), err
	})
}

func (t *tx) askSecondApproval(who actor, d DeviceAuthorization) error {
	if err := t.agreeingDocument(d); err != nil {
		return err
	}
	why, err := t.secondApprovalNeeded(d)
	if err == nil && len(why) == 0 {
		err = ErrSecondApprovalNotNeeded
	}
	if err != nil {
		return err
	}
	var open int64
	err = t.Model(&SecondApproval{}).Where("proofing_id = ? AND status <> ?", deref(d.ProofingID), SecondApprovalReturned).Count(&open).Error
	if err != nil || open > 0 {
		return err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	row := SecondApproval{
		ID: id, DeviceAuthorizationID: d.ID, ProofingID: deref(d.ProofingID), Status: SecondApprovalWaiting,
		AskedSessionID: who.session, AskedStaffID: who.staff, AskedCounterID: who.counter, AskedAt: t.now,
	}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	return t.recordSecondApproval(audit.SecondApprovalAsked, who, d, row, why[0])
}

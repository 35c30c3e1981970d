package models

import (
	"context"

	"countersign/audit"
)

// AskSecond asks for a second person to look at a visit that this session has proofed.
// Asking again while it waits changes nothing. Errors: ErrSecondNotNeeded, ErrNotTheClaim,
// ErrDetailsDiffer, *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) AskSecond(ctx context.Context, sessionID, id string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.decidable(sessionID, id, transitionApprove)
		if err == nil {
			err = tx.askSecond(who, d)
		}
		return who, d.subject(), err
	})
}

func (t *tx) askSecond(who actor, d DeviceAuthorization) error {
	if err := t.agreeingDocument(d); err != nil {
		return err
	}
	why, err := t.secondNeeded(d)
	if err == nil && len(why) == 0 {
		err = ErrSecondNotNeeded
	}
	if err != nil {
		return err
	}
	var open int64
	err = t.Model(&SecondApproval{}).Where("proofing_id = ? AND status <> ?", deref(d.ProofingID), SecondReturned).Count(&open).Error
	if err != nil || open > 0 {
		return err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return err
	}
	row := SecondApproval{
		ID: id, DeviceAuthorizationID: d.ID, ProofingID: deref(d.ProofingID), Status: SecondWaiting,
		AskedSessionID: who.session, AskedStaffID: who.staff, AskedCounterID: who.counter, AskedAt: t.now,
	}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	return t.recordSecond(audit.SecondApprovalAsked, who, d, row, why[0])
}

package models

import (
	"context"

	"countersign/audit"
)

// AskSecondApproval asks for a second person to look at a visit that this session has proofed.
// Asking again while it waits, or once somebody has agreed to what is shown now, changes
// nothing. Errors: ErrRecordChanged, ErrSecondApprovalNotNeeded, ErrNotTheClaim,
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
	account, err := t.activeAccount(*d.AccountID)
	if err != nil {
		return err
	}
	on, err := t.groundsOf(d, account)
	if err == nil {
		err = on.proofing.agreeing()
	}
	if err == nil {
		err = on.ofThisRecord()
	}
	if err != nil {
		return err
	}
	now, err := t.shownNow(d, on)
	if err == nil && now.Second == "" {
		err = ErrSecondApprovalNotNeeded
	}
	if err != nil {
		return err
	}
	var open int64
	err = t.Model(&SecondApproval{}).Where("proofing_id = ? AND (status = ? OR status = ? AND agreed_to = ?)",
		deref(d.ProofingID), SecondApprovalWaiting, SecondApprovalGiven, now.Digest()).Count(&open).Error
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
	return t.recordSecondApproval(audit.SecondApprovalAsked, who, d, row, now.firstSecond())
}

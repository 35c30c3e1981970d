package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm/clause"
)

// LookSecondApproval opens the record of a visit to a second person's session, and records that. It
// opens the record of the account as well, and counts as that. Doing so again changes nothing. Errors:
// *TooManyError, ErrSamePerson, ErrOwnAccount, ErrSecondApprovalOver, ErrNotFound, ErrSessionEnded,
// ErrNotAllowed, ErrNoCounter.
func (s *Store) LookSecondApproval(ctx context.Context, sessionID, secondID string) error {
	return s.secondPersonActs(ctx, sessionID, secondID, func(tx *tx, who actor, d DeviceAuthorization, row SecondApproval) error {
		if err := tx.openRecord(who, *d.AccountID, term.QueryRequest); err != nil {
			return err
		}
		result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&SecondApprovalLook{
			SecondApprovalID: row.ID, SessionID: who.session, StaffID: who.staff, LookedAt: tx.now,
		})
		if result.Error != nil || result.RowsAffected == 0 {
			return result.Error
		}
		return tx.recordSecondApproval(audit.SecondApprovalOpened, who, d, row, "")
	})
}

// LookedSecondApproval reports whether the record is open to this session.
func (s *Store) LookedSecondApproval(ctx context.Context, sessionID, secondID string) (bool, error) {
	return s.reader(ctx).hasLooked(sessionID, secondID)
}

package models

import (
	"context"

	"countersign/audit"

	"gorm.io/gorm/clause"
)

// SecondApprovalLook is that somebody opened the record of a visit as its second person. Nobody
// sees a customer's record in passing, and nobody agrees to what they have not opened
// (docs/decisions/0019-second-person.md).
type SecondApprovalLook struct {
	SecondApprovalID string `gorm:"primaryKey"`
	SessionID        string `gorm:"primaryKey"`
	StaffID          string
	LookedAt         Instant `gorm:"autoCreateTime:false"`
}

// TableName keeps the name that the table has.
func (SecondApprovalLook) TableName() string { return "second_looks" }

// LookSecondApproval opens the record of a visit to a second person's session, and records that.
// Doing so again changes nothing. Errors: ErrSamePerson, ErrOwnAccount, ErrSecondApprovalOver,
// ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) LookSecondApproval(ctx context.Context, sessionID, secondID string) error {
	return s.secondPersonActs(ctx, sessionID, secondID, func(tx *tx, who actor, d DeviceAuthorization, row SecondApproval) error {
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

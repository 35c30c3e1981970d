package models

import (
	"context"
	"errors"

	"countersign/audit"
)

// What became of a question for a second person.
const (
	SecondApprovalWaiting  = "waiting"
	SecondApprovalGiven    = "given"
	SecondApprovalReturned = "returned"
)

// Refusals of the second person's part.
var (
	ErrSecondApprovalRequired  = errors.New("a second person must look first")
	ErrSamePerson              = errors.New("the second person must be somebody else")
	ErrSecondApprovalNotNeeded = errors.New("no second person is needed")
	ErrSecondApprovalOver      = errors.New("this question for a second person is over")
	ErrNotLooked               = errors.New("the second person has not looked at the record")
)

// secondPersonActs lets a second person do something about a question that stands, once it is
// sure that it is theirs to say something to. Errors: ErrSamePerson, ErrOwnAccount,
// ErrSecondApprovalOver, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) secondPersonActs(
	ctx context.Context, sessionID, secondID string, act func(*tx, actor, DeviceAuthorization, SecondApproval) error,
) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.secondPerson(sessionID)
		if err != nil {
			return who, subject{}, err
		}
		var row SecondApproval
		if err := tx.Where("id = ?", secondID).First(&row).Error; err != nil {
			return who, subject{}, notFound(err)
		}
		d, err := tx.deviceAuthorization(row.DeviceAuthorizationID)
		if err == nil { // again: while this waited for the request, another may have answered
			err = tx.Where("id = ?", secondID).First(&row).Error
		}
		if err == nil {
			err = tx.mayAnswer(who, d, row)
		}
		if err == nil {
			err = act(tx, who, d, row)
		}
		return who, d.subject(), err
	})
}

// mayAnswer refuses the person who asked, the person whom it is about, and a question that is over. Errors:
// ErrSamePerson, ErrOwnAccount, ErrSecondApprovalOver.
func (t *tx) mayAnswer(who actor, d DeviceAuthorization, row SecondApproval) error {
	if who.staff == row.AskedStaffID {
		return ErrSamePerson
	}
	if err := t.notOwnAccount(who, deref(d.AccountID)); err != nil {
		return err
	}
	if row.Status != SecondApprovalWaiting || !row.stands(d, t.now) {
		return ErrSecondApprovalOver
	}
	return nil
}

// secondPerson is an operator at an open counter, or a supervisor, who has none.
func (t *tx) secondPerson(sessionID string) (actor, error) {
	row, err := t.session(sessionID, Supervisor)
	if errors.Is(err, ErrNotAllowed) {
		return t.atCounter(sessionID)
	}
	return row.actor(Supervisor, deref(row.CounterID)), err
}

func (t *tx) recordSecondApproval(kind audit.Type, who actor, d DeviceAuthorization, row SecondApproval, reason string) error {
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Proofing, facts.Reason = d.ClientID, d.ID, row.ProofingID, reason
	_, err := t.record(audit.Event{Type: kind, Subject: *d.AccountID, Transaction: d.ID, Facts: facts})
	return err
}

// stands reports whether the visit is still what the second person was asked about.
func (r SecondApproval) stands(d DeviceAuthorization, now Instant) bool {
	return d.PhaseAt(now).Is(Proofed) && deref(d.ProofingID) == r.ProofingID && deref(d.ClaimSessionID) == r.AskedSessionID
}

func (t *tx) hasLooked(sessionID, secondID string) (bool, error) {
	var count int64
	err := t.Model(&SecondApprovalLook{}).Where("second_approval_id = ? AND session_id = ?", secondID, sessionID).Count(&count).Error
	return count > 0, err
}

// mustHaveLooked refuses a word about a record that the session has not opened. Error: ErrNotLooked.
func (t *tx) mustHaveLooked(who actor, row SecondApproval) error {
	has, err := t.hasLooked(who.session, row.ID)
	if err == nil && !has {
		err = ErrNotLooked
	}
	return err
}

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

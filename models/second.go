package models

import (
	"context"
	"errors"
	"slices"
	"strings"

	"countersign/audit"
)

// What became of a question for a second person.
const (
	SecondWaiting  = "waiting"
	SecondGiven    = "given"
	SecondReturned = "returned"
)

// Why an approval needs a second person.
const (
	SecondForAccount = "account"
	SecondForScope   = "scope"
	SecondForName    = "name differs"
	SecondForScan    = "scan overruled" // an earlier scan or check found a difference, and the last one none
	SecondForAsked   = "asked before"   // somebody was asked about this request before: the need stays, whatever is checked since
)

// Refusals of the second person's part.
var (
	ErrSecondRequired  = errors.New("a second person must look first")
	ErrSamePerson      = errors.New("the second person must be somebody else")
	ErrSecondNotNeeded = errors.New("no second person is needed")
	ErrSecondOver      = errors.New("this question for a second person is over")
	ErrNotLooked       = errors.New("the second person has not looked at the record")
)

// NameReasons are the codes for a name on a card that differs and is the same person's
// all the same. They are recorded; the approval then needs a second person.
func NameReasons() []string { return []string{"changed name", "other spelling", "short form"} }

// SecondReturnReasons are the codes with which the second person returns a visit.
func SecondReturnReasons() []string {
	return []string{"look again", "wrong person", "suspicious", "not for us"}
}

// alarming are those of SecondReturnReasons that supervisors must hear of.
func alarming() []string { return []string{"wrong person", Suspicious} }

// secondNeeded says why the approval of a proofed request needs a second person; empty
// when it does not.
func (t *tx) secondNeeded(d DeviceAuthorization) ([]string, error) {
	var account Account
	if err := t.Where("id = ?", deref(d.AccountID)).First(&account).Error; err != nil {
		return nil, lost(err)
	}
	var proofing Proofing
	if err := t.Where("id = ?", deref(d.ProofingID)).Limit(1).Find(&proofing).Error; err != nil {
		return nil, err
	}
	why := t.store.policy.secondNeeded(account, d.Scope, proofing)
	var asked []SecondApproval
	if err := t.Where("device_authorization_id = ?", d.ID).Find(&asked).Error; err != nil {
		return nil, err
	}
	before := func(a SecondApproval) bool { return a.ProofingID != proofing.ID || a.Status == SecondReturned }
	if slices.ContainsFunc(asked, before) || len(asked) > 0 && len(why) == 0 {
		why = append(why, SecondForAsked)
	}
	return why, nil
}

func (p Policy) secondNeeded(account Account, scope string, proofing Proofing) []string {
	var why []string
	if account.TwoPersonRequired {
		why = append(why, SecondForAccount)
	}
	if slices.ContainsFunc(p.TwoPersonScopes, func(name string) bool { return slices.Contains(strings.Fields(scope), name) }) {
		why = append(why, SecondForScope)
	}
	if proofing.NameResult == Differs {
		why = append(why, SecondForName)
	}
	if proofing.Overruled != "" {
		why = append(why, SecondForScan)
	}
	return why
}

// SecondNeeded is why the approval needs a second person, for the page. Error: ErrNotFound.
func (s *Store) SecondNeeded(ctx context.Context, d DeviceAuthorization) ([]string, error) {
	return s.reader(ctx).secondNeeded(d)
}

// seconded refuses an approval that lacks the second person, and names them when there is
// one. Error: ErrSecondRequired.
func (t *tx) seconded(d DeviceAuthorization) (staff string, err error) {
	why, err := t.secondNeeded(d)
	if err != nil || len(why) == 0 {
		return "", err
	}
	return t.secondGiven(d)
}

// secondGiven names the second person who agreed to what the operator has checked now.
// Error: ErrSecondRequired.
func (t *tx) secondGiven(d DeviceAuthorization) (staff string, err error) {
	var row SecondApproval
	err = t.Where("proofing_id = ? AND status = ?", deref(d.ProofingID), SecondGiven).Limit(1).Find(&row).Error
	if err == nil && (row.ID == "" || row.AskedSessionID != deref(d.ClaimSessionID)) {
		err = ErrSecondRequired
	}
	return deref(row.AnsweredStaffID), err
}

// AskSecond asks for a second person to look at a visit that this session has proofed.
// Asking again while it waits changes nothing. Errors: ErrSecondNotNeeded, ErrNotTheClaim,
// ErrDetailsDiffer, *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) AskSecond(ctx context.Context, sessionID, id string) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		desk, d, err := tx.decidable(sessionID, id, transitionApprove)
		if err == nil {
			err = tx.askSecond(desk, d)
		}
		return desk, d, err
	})
}

func (t *tx) askSecond(desk desk, d DeviceAuthorization) error {
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
		AskedSessionID: desk.session, AskedStaffID: desk.staff, AskedCounterID: desk.counter, AskedAt: t.now,
	}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	return t.recordSecond(audit.SecondApprovalAsked, desk, d, row, why[0])
}

// GiveSecond says that a second person has looked at the whole record, in this session
// (LookSecond), and agrees. The operator who asked may then approve, while their claim
// lasts. Errors: ErrSamePerson, ErrNotLooked, ErrOwnAccount, ErrOwnAccountUnknown, ErrSecondOver, ErrStepUp, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) GiveSecond(ctx context.Context, sessionID, secondID string) error {
	return s.answerSecond(ctx, sessionID, secondID, SecondGiven, "")
}

// ReturnSecond gives the visit back to whoever asked, with one of SecondReturnReasons.
// Errors: as GiveSecond.
func (s *Store) ReturnSecond(ctx context.Context, sessionID, secondID, reason string) error {
	return s.answerSecond(ctx, sessionID, secondID, SecondReturned, reason)
}

func (s *Store) answerSecond(ctx context.Context, sessionID, secondID, status, reason string) error {
	return s.secondActs(ctx, sessionID, secondID, func(tx *tx, who desk, d DeviceAuthorization, row SecondApproval) error {
		if err := tx.looked(who, row); err != nil {
			return err
		}
		if status == SecondGiven { // half of an approval; a return needs none
			if err := tx.mayAgree(who); err != nil {
				return err
			}
		}
		return tx.answer(who, d, row, status, reason)
	})
}

// secondActs lets a second person do something about a question that stands, once it is
// sure that it is theirs to say something to. Errors: ErrSamePerson, ErrOwnAccount,
// ErrSecondOver, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) secondActs(ctx context.Context, sessionID, secondID string, act func(*tx, desk, DeviceAuthorization, SecondApproval) error) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		who, err := tx.secondPerson(sessionID)
		if err != nil {
			return who, DeviceAuthorization{}, err
		}
		var row SecondApproval
		if err := tx.Where("id = ?", secondID).First(&row).Error; err != nil {
			return who, DeviceAuthorization{}, lost(err)
		}
		d, err := tx.deviceAuthorization(row.DeviceAuthorizationID)
		if err == nil {
			err = tx.theirsToSay(who, d, row)
		}
		if err == nil {
			err = act(tx, who, d, row)
		}
		return who, d, err
	})
}

// theirsToSay refuses whoever asked, whoever it is about, and what is over. Errors:
// ErrSamePerson, ErrOwnAccount, ErrSecondOver.
func (t *tx) theirsToSay(who desk, d DeviceAuthorization, row SecondApproval) error {
	if who.staff == row.AskedStaffID {
		return ErrSamePerson
	}
	if err := t.notTheirOwn(who, deref(d.AccountID)); err != nil {
		return err
	}
	if row.Status != SecondWaiting || !row.stands(d, t.now) {
		return ErrSecondOver
	}
	return nil
}

// mayAgree holds whoever agrees to what an approval asks of its operator. Errors:
// ErrOwnAccountUnknown, ErrStepUp.
func (t *tx) mayAgree(who desk) error {
	if err := t.ownAccountKnown(who.staff); err != nil {
		return err
	}
	return t.steppedUp(who.session)
}

// secondPerson is an operator at an open counter, or a supervisor, who has none.
func (t *tx) secondPerson(sessionID string) (desk, error) {
	row, err := t.session(sessionID, Supervisor)
	if err == nil {
		return desk{session: row.ID, staff: row.StaffID, counter: deref(row.CounterID)}, nil
	}
	if errors.Is(err, ErrNotAllowed) {
		return t.desk(sessionID)
	}
	return desk{}, err
}

// answer keeps the second person's word: once.
func (t *tx) answer(who desk, d DeviceAuthorization, row SecondApproval, status, reason string) error {
	result := t.Model(&SecondApproval{}).Where("id = ? AND status = ?", row.ID, SecondWaiting).Updates(map[string]any{
		"status": status, "reason": reason, "answered_at": t.now, "answered_session_id": who.session, "answered_staff_id": who.staff,
	})
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrSecondOver
	}
	if result.Error != nil {
		return result.Error
	}
	kind := audit.SecondApprovalGiven
	if status == SecondReturned {
		kind = audit.SecondApprovalReturned
		if slices.Contains(alarming(), reason) {
			kind = audit.SecondApprovalRefused
		}
	}
	return t.recordSecond(kind, who, d, row, reason)
}

func (t *tx) recordSecond(kind audit.Type, who desk, d DeviceAuthorization, row SecondApproval, reason string) error {
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Proofing, facts.Reason = d.ClientID, d.ID, row.ProofingID, reason
	_, err := t.record(audit.Event{Type: kind, Subject: *d.AccountID, Transaction: d.ID, Facts: facts})
	return err
}

// stands says whether the visit is still what the second person was asked about.
func (r SecondApproval) stands(d DeviceAuthorization, now Instant) bool {
	return d.PhaseAt(now) == Phase(Proofed) && deref(d.ProofingID) == r.ProofingID && deref(d.ClaimSessionID) == r.AskedSessionID
}

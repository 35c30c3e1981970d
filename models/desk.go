package models

import (
	"slices"

	"countersign/audit"
)

// session finds a live session that carries the role, inside the transaction that
// acts on its word. Errors: ErrSessionEnded, ErrNotAllowed.
func (t *tx) session(sessionID string, role Role) (StaffSession, error) {
	var row StaffSession
	if err := t.Where("id = ?", sessionID).Limit(1).Find(&row).Error; err != nil {
		return row, err
	}
	if !row.live(t.now, t.store.policy.SessionIdle) {
		return row, ErrSessionEnded
	}
	if !slices.Contains(splitRoles(row.Roles), role) {
		return row, ErrNotAllowed
	}
	return row, nil
}

// desk is an operator at an open counter, proved inside the transaction.
type desk struct{ session, staff, counter string }

// desk finds who acts and where. Errors: ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (t *tx) desk(sessionID string) (desk, error) {
	row, err := t.session(sessionID, Operator)
	if err != nil {
		return desk{}, err
	}
	open, err := t.mayOpen(row.StaffID, deref(row.CounterID))
	if err == nil && !open {
		err = ErrNoCounter
	}
	if err != nil {
		return desk{}, err
	}
	return desk{row.ID, row.StaffID, *row.CounterID}, nil
}

// mayOpen says whether a counter is in use and this member of staff may work there: an
// administrator's word on either counts from the next step on, whatever was opened before.
func (t *tx) mayOpen(staffID, counterID string) (bool, error) {
	if counterID == "" {
		return false, nil
	}
	var count int64
	err := openTo(t.Model(&Counter{}), staffID).Where("id = ?", counterID).Count(&count).Error
	return count > 0, err
}

// holds says whether the claim is this session's, at the counter where it was made: the
// card check and the decision are at one place.
func (d desk) holds(request DeviceAuthorization) bool {
	return deref(request.ClaimSessionID) == d.session && deref(request.ClaimCounterID) == d.counter
}

// facts are the members that every event of an operator at a counter carries.
func (d desk) facts() audit.Facts {
	return audit.Facts{Actor: &audit.Actor{Staff: d.staff}, Session: d.session, Counter: d.counter}
}

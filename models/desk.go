package models

import (
	"errors"

	"countersign/audit"
)

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

// holds says whether the claim is this session's, at the counter where it was made: the
// card check and the decision are at one place.
func (d desk) holds(request DeviceAuthorization) bool {
	return deref(request.ClaimSessionID) == d.session && deref(request.ClaimCounterID) == d.counter
}

// facts are the members that every event of an operator at a counter carries.
func (d desk) facts() audit.Facts {
	return audit.Facts{Actor: &audit.Actor{Staff: d.staff}, Session: d.session, Counter: d.counter}
}

// labelling finds who acts: a supervisor, or an operator at their desk.
func (t *tx) labelling(sessionID string) (audit.Facts, desk, error) {
	session, err := t.session(sessionID, Supervisor)
	if errors.Is(err, ErrNotAllowed) {
		desk, err := t.desk(sessionID)
		return desk.facts(), desk, err
	}
	return audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID}, desk{}, err
}

// actor is who acts, for the record of a refusal: labelling gives supervisors no desk.
func (d desk) actor(facts audit.Facts) desk {
	if d.session == "" && facts.Actor != nil {
		return desk{session: facts.Session, staff: facts.Actor.Staff}
	}
	return d
}

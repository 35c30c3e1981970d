package models

import (
	"context"
	"errors"
	"slices"

	"countersign/audit"
)

// decidable finds a request that this session may decide. Errors, all of them
// refusals that are recorded: ErrOwnAccount, ErrNotTheClaim, ErrAccountNotActive (to
// approve), *StateConflictError; and those of desk.
//
// Expiry is judged first, then who decides, then the state.
func (t *tx) decidable(sessionID, id string, arrow transition) (desk, DeviceAuthorization, error) {
	desk, err := t.desk(sessionID)
	if err != nil {
		return desk, DeviceAuthorization{}, err
	}
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return desk, d, err
	}
	if d.AccountID == nil { // belongs to nobody: as if it were not there
		return desk, DeviceAuthorization{}, ErrNotFound
	}
	phase := d.PhaseAt(t.now)
	allowed := slices.ContainsFunc(arrow.from, func(s State) bool { return Phase(s) == phase })
	claimed := phase == Phase(Matched) || phase == Phase(Proofed)
	switch {
	case !allowed && !claimed:
		return desk, d, t.conflict(id, arrow)
	case claimed && !desk.holds(d):
		return desk, d, ErrNotTheClaim
	case !allowed:
		return desk, d, t.conflict(id, arrow)
	}
	own, err := t.ownAccount(desk.staff, *d.AccountID)
	if err == nil && own {
		err = ErrOwnAccount
	}
	return desk, d, err
}

// refusalCode is the word that the trail keeps for a refused decision, "" when the
// error is no refusal.
func refusalCode(err error) string {
	var conflict *StateConflictError
	var claimed *ClaimedError
	var tooMany *TooManyError
	switch {
	case errors.Is(err, ErrOwnAccount):
		return "own account"
	case errors.Is(err, ErrOwnAccountUnknown):
		return "own account unknown"
	case errors.Is(err, ErrOwnAlert):
		return "own alert"
	case errors.Is(err, ErrNotTheClaim):
		return "not the claim"
	case errors.Is(err, ErrAccountNotActive):
		return "account not active"
	case errors.Is(err, ErrClientNotActive):
		return "client disabled"
	case errors.As(err, &tooMany):
		return "too many " + tooMany.What
	case errors.As(err, &claimed):
		return "claimed by another"
	case errors.Is(err, ErrMatchingLocked):
		return "matching locked"
	case errors.Is(err, ErrPresenceRequired):
		return "presence required"
	case errors.Is(err, ErrScopeWithdrawn):
		return "scope withdrawn"
	case errors.Is(err, ErrSecondRequired):
		return "second person required"
	case errors.Is(err, ErrNotLooked):
		return "not looked"
	case errors.Is(err, ErrSamePerson):
		return "same person"
	case errors.Is(err, ErrDetailsDiffer):
		return "details differ"
	case errors.Is(err, ErrNoVisit):
		return "no visit"
	case errors.Is(err, ErrNotProofed):
		return "no proofing"
	case errors.Is(err, ErrNotToRecall):
		return "not theirs to recall"
	case errors.As(err, &conflict):
		return string(conflict.Phase)
	}
	return ""
}

// refusable is a write whose refusal is recorded and then returned, after the commit.
// step says who acts and on which request, also when it refuses.
func (s *Store) refusable(ctx context.Context, step func(tx *tx) (desk, DeviceAuthorization, error)) error {
	var refused error
	err := s.write(ctx, func(tx *tx) error {
		refused = nil
		desk, d, err := step(tx)
		if err != nil {
			refused, err = tx.refuse(err, desk, d)
		}
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

// refuse records a refused decision. It gives back the refusal to be returned after
// the commit, or the fault that forbids one. A refusal comes before the first change,
// so that there is nothing else to commit.
func (t *tx) refuse(err error, desk desk, d DeviceAuthorization) (refusal, fault error) {
	code := refusalCode(err)
	if code == "" || d.AccountID == nil {
		return nil, err
	}
	return err, t.recordRefusal(desk, d, code)
}

func (t *tx) recordRefusal(desk desk, d DeviceAuthorization, code string) error {
	facts := desk.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = d.ClientID, d.ID, code
	_, err := t.record(audit.Event{Type: audit.DecisionRefused, Subject: *d.AccountID, Transaction: d.ID, Facts: facts})
	return err
}

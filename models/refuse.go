package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
)

// refusable is a write whose refusal is recorded and then returned, after the commit.
// step says who acts and on which request, also when it refuses.
func (s *Store) refusable(ctx context.Context, step func(tx *tx) (actor, subject, error)) error {
	var refused error
	err := s.write(ctx, func(tx *tx) error {
		refused = nil
		who, about, err := step(tx)
		if err != nil {
			refused, err = tx.refuse(err, who, about)
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
func (t *tx) refuse(err error, who actor, about subject) (refusal, fault error) {
	code := refusalCode(err)
	if code == "" || about.account == "" {
		return nil, err
	}
	return err, t.recordRefusal(who, about, code)
}

// refusalCode is the word that the trail keeps for a refused decision, "" when the
// error is no refusal.
func refusalCode(err error) term.Refusal {
	var conflict *StateConflictError
	var claimed *ClaimedError
	var tooMany *TooManyError
	var changed *ChangedError
	switch {
	case errors.Is(err, ErrOwnAccount):
		return term.RefusalOwnAccount
	case errors.Is(err, ErrOwnAccountUnknown):
		return term.RefusalOwnAccountUnknown
	case errors.Is(err, ErrOwnAlert):
		return term.RefusalOwnAlert
	case errors.Is(err, ErrNotTheClaim):
		return term.RefusalNotTheClaim
	case errors.Is(err, ErrAccountNotActive):
		return term.RefusalAccountNotActive
	case errors.Is(err, ErrClientNotActive):
		return term.RefusalClientDisabled
	case errors.As(err, &tooMany):
		return term.Refusal("too many " + tooMany.What)
	case errors.As(err, &claimed):
		return term.RefusalClaimedByAnother
	case errors.Is(err, ErrMatchingLocked):
		return term.RefusalMatchingLocked
	case errors.Is(err, ErrPresenceRequired):
		return term.RefusalPresenceRequired
	case errors.Is(err, ErrScopeWithdrawn):
		return term.RefusalScopeWithdrawn
	case errors.Is(err, ErrSecondApprovalRequired):
		return term.RefusalSecondRequired
	case errors.Is(err, ErrNotLooked):
		return term.RefusalNotLooked
	case errors.Is(err, ErrSamePerson):
		return term.RefusalSamePerson
	case errors.Is(err, ErrDetailsDiffer):
		return term.RefusalDetailsDiffer
	case errors.As(err, &changed):
		return term.RefusalChanged
	case errors.Is(err, ErrOwnWrongCodes):
		return term.RefusalOwnWrongCodes
	case errors.Is(err, ErrRecordChanged):
		return term.RefusalRecordChanged
	case errors.Is(err, ErrNoVisit):
		return term.RefusalNoVisit
	case errors.Is(err, ErrNotProofed):
		return term.RefusalNotProofed
	case errors.Is(err, ErrNotToRecall):
		return term.RefusalNotToRecall
	case errors.As(err, &conflict):
		return term.Refusal(conflict.Phase)
	}
	return ""
}

func (t *tx) recordRefusal(who actor, about subject, code term.Refusal) error {
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = about.client, about.request, string(code)
	_, err := t.record(audit.Event{Type: audit.DecisionRefused, Subject: about.account, Transaction: about.request, Facts: facts})
	return err
}

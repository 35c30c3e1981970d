package models

import (
	"context"
	"errors"

	"countersign/audit"
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
	case errors.Is(err, ErrSecondApprovalRequired):
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

func (t *tx) recordRefusal(who actor, about subject, code string) error {
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = about.client, about.request, code
	_, err := t.record(audit.Event{Type: audit.DecisionRefused, Subject: about.account, Transaction: about.request, Facts: facts})
	return err
}

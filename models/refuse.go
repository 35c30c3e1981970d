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
	err := s.writeTogether(ctx, func(tx *tx) error {
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

// refusals are the words that the trail keeps for refusals that are nothing but their name.
var refusals = []struct {
	err  error
	code term.Refusal
}{
	{ErrOwnAccount, term.RefusalOwnAccount},
	{ErrOwnAccountUnknown, term.RefusalOwnAccountUnknown},
	{ErrOwnAlert, term.RefusalOwnAlert},
	{ErrNotTheClaim, term.RefusalNotTheClaim},
	{ErrAccountNotActive, term.RefusalAccountNotActive},
	{ErrClientNotActive, term.RefusalClientDisabled},
	{ErrMatchingLocked, term.RefusalMatchingLocked},
	{ErrPresenceRequired, term.RefusalPresenceRequired},
	{ErrScopeWithdrawn, term.RefusalScopeWithdrawn},
	{ErrSecondApprovalRequired, term.RefusalSecondRequired},
	{ErrNotLooked, term.RefusalNotLooked},
	{ErrSamePerson, term.RefusalSamePerson},
	{ErrDetailsDiffer, term.RefusalDetailsDiffer},
	{ErrOwnWrongCodes, term.RefusalOwnWrongCodes},
	{ErrRecordChanged, term.RefusalRecordChanged},
	{ErrNoVisit, term.RefusalNoVisit},
	{ErrNotProofed, term.RefusalNotProofed},
	{ErrNotToRecall, term.RefusalNotToRecall},
}

// refusalCode is the word that the trail keeps for a refused decision, "" when the
// error is no refusal.
func refusalCode(err error) term.Refusal {
	for _, refusal := range refusals {
		if errors.Is(err, refusal.err) {
			return refusal.code
		}
	}
	var conflict *StateConflictError
	var claimed *ClaimedError
	var tooMany *TooManyError
	var changed *ChangedError
	switch {
	case errors.As(err, &tooMany):
		return term.Refusal("too many " + tooMany.What)
	case errors.As(err, &claimed):
		return term.RefusalClaimedByAnother
	case errors.As(err, &changed):
		return term.RefusalChanged
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

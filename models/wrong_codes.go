package models

import (
	"fmt"
	"time"
)

// WrongCodes is what a TooManyError counts when it is about an operator's wrong codes.
const WrongCodes = "wrong codes"

// TooManyError says that somebody has to wait: a limit is reached.
type TooManyError struct {
	What       string // in plain words: "wrong codes", "searches"
	RetryAfter time.Duration
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many %s, wait %s", e.What, e.RetryAfter)
}

// operatorMemory is how long an operator's wrong codes are remembered.
const operatorMemory = time.Hour

// mayTry holds an operator to Policy.WrongCodesPerOperator within an hour, over all
// accounts, counters, sessions and processes; neither a right code nor a supervisor's
// unlocking of an account sets the count back (attacks.md row 12). Error: *TooManyError.
func (t *tx) mayTry(desk desk) error {
	limit := t.store.policy.WrongCodesPerOperator
	if limit < 0 {
		return nil
	}
	if err := t.oneAtATime("wrong codes " + desk.staff); err != nil {
		return err
	}
	var failures []MatchFailure
	err := t.Where("staff_id = ? AND failed_at > ?", desk.staff, t.now.Add(-operatorMemory)).
		Order("failed_at DESC").Limit(limit).Find(&failures).Error
	if err != nil || len(failures) < limit {
		return err
	}
	oldest := failures[len(failures)-1].FailedAt
	return &TooManyError{What: WrongCodes, RetryAfter: oldest.Add(operatorMemory).Time().Sub(t.now.Time())}
}

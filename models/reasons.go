package models

import (
	"fmt"
	"slices"
)

// UnknownReasonError says that a reason is not one of the set that the act takes (package
// audit/term). Nothing was done, and nothing is recorded.
type UnknownReasonError struct{ Reason string }

func (e *UnknownReasonError) Error() string { return fmt.Sprintf("%q is no reason for this", e.Reason) }

// oneOf refuses a reason that is not of its set. Error: *UnknownReasonError.
func oneOf[T ~string](reason T, set []T) error {
	if slices.Contains(set, reason) {
		return nil
	}
	return &UnknownReasonError{Reason: string(reason)}
}

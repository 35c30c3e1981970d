package models

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknownReason says that a reason is not one of the set that the act takes (package
// audit/term). Nothing was done, and nothing is recorded.
var ErrUnknownReason = errors.New("no reason for this")

// oneOf refuses a reason that is not of its set. Error: ErrUnknownReason.
func oneOf[T ~string](reason T, set []T) error {
	if slices.Contains(set, reason) {
		return nil
	}
	return fmt.Errorf("%q is %w", reason, ErrUnknownReason)
}

package models

import (
	"context"
	"errors"
	"slices"
	"time"
)

// StepUp is what an approval asks of the operator's sign-in (RFC 9470 terms). The zero
// value asks nothing more than the session.
type StepUp struct {
	MaxAge time.Duration // since they authenticated at the provider; 0: however long ago
	ACR    []string      // one of these authentication context classes; empty: any
}

// ErrStepUp says that an approval needs a fresh or stronger sign-in at the provider. The
// visit stays as it is: Store.BeginStepUp and Store.StepUp keep the session.
var ErrStepUp = errors.New("an approval needs a fresh sign-in")

// Required reports whether any approval may need more than a session.
func (s StepUp) Required() bool { return s.MaxAge > 0 || len(s.ACR) > 0 }

// suffices judges a session. Whole seconds count: auth_time has no finer ones.
func (s StepUp) suffices(row StaffSession, now Instant) bool {
	if s.MaxAge > 0 && now >= row.AuthenticatedAt.Add(s.MaxAge) {
		return false
	}
	return len(s.ACR) == 0 || slices.Contains(s.ACR, row.ACR)
}

// SteppedUp reports whether the session may approve as it is, for the page that offers the
// step-up. The approval judges it again. Error: ErrSessionEnded.
func (s *Store) SteppedUp(ctx context.Context, sessionID string) (bool, error) {
	var row StaffSession
	err := s.reading(ctx).Where("id = ?", sessionID).Limit(1).Find(&row).Error
	if err == nil && !row.live(At(s.now()), s.policy.SessionIdle) {
		err = ErrSessionEnded
	}
	return s.policy.StepUp.suffices(row, At(s.now())), err
}

// steppedUp holds an approval to the policy. Error: ErrStepUp.
func (t *tx) steppedUp(sessionID string) error {
	if !t.store.policy.StepUp.Required() {
		return nil
	}
	row, err := rowOf[StaffSession](t, "WHERE id = $1", sessionID)
	if err != nil {
		return notFound(err)
	}
	if !t.store.policy.StepUp.suffices(row, t.now) {
		return ErrStepUp
	}
	return nil
}

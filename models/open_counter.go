package models

import (
	"cmp"
	"context"
	"net/netip"

	"countersign/audit"
)

// OpenCounter says at which counter the session works. Errors: ErrNotFound (no such
// counter in use), ErrOtherCounters, ErrCounterNetwork, ErrSessionEnded, ErrNotAllowed.
func (s *Store) OpenCounter(ctx context.Context, sessionID, counterID string, address netip.Addr) error {
	return s.write(ctx, func(tx *tx) error {
		row, err := tx.session(sessionID, Operator)
		if err != nil {
			return err
		}
		var counter Counter
		if err := tx.Where("id = ? AND closed_at = 0", counterID).First(&counter).Error; err != nil {
			return notFound(err)
		}
		if open, err := tx.mayOpen(row.StaffID, counterID); err != nil || !open {
			return cmp.Or(err, ErrOtherCounters)
		}
		if !counter.Allows(address) {
			return ErrCounterNetwork
		}
		if err := tx.Model(&StaffSession{}).Where("id = ?", sessionID).Update("counter_id", counterID).Error; err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.CounterOpened, Facts: audit.Facts{
			Actor: &audit.Actor{Staff: row.StaffID}, Session: sessionID, Counter: counterID, Address: addressText(address),
		}})
		return err
	})
}

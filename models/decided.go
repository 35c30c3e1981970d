package models

import "context"

// Decided says which of these device authorizations wait for a counter no more: somebody
// decided, a rule ended it, or the pending window is over. What became of them is for a poll to hear. One
// read, whatever the number; it writes nothing.
func (s *Store) Decided(ctx context.Context, ids []string) ([]string, error) {
	var decided []string
	err := s.reading(ctx).Table("device_authorizations AS d").
		Where("d.id IN ? AND (d.state NOT IN ? OR d.pending_until <= ? OR "+endedByRule+")", ids, openStates(), At(s.now())).
		Order("d.id").Pluck("d.id", &decided).Error
	return decided, err
}

package models

import "context"

// Decided says which of these device authorizations wait for a counter no more: somebody
// decided, or the pending window is over. What became of them is for a poll to hear. One
// read, whatever the number; it writes nothing.
func (s *Store) Decided(ctx context.Context, ids []string) ([]string, error) {
	var decided []string
	err := s.reading(ctx).Model(&DeviceAuthorization{}).
		Where("id IN ? AND (state NOT IN ? OR pending_until <= ?)", ids, openStates(), At(s.now())).
		Order("id").Pluck("id", &decided).Error
	return decided, err
}

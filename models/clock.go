package models

import (
	"context"
	"fmt"
	"time"
)

// ClockAhead returns how far PostgreSQL's clock is ahead of ours, and is off by half of the time that the question takes.
// SQLite has our clock: 0. Error: *UnavailableError.
func (s *Store) ClockAhead(ctx context.Context) (time.Duration, error) {
	if s.dialect != "postgres" {
		return 0, nil
	}
	var there int64
	asked := s.now()
	err := s.reader(ctx).ask("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)", nil, &there)
	if err != nil {
		return 0, fmt.Errorf("the database's clock: %w", s.unavailable(err))
	}
	took := s.now().Sub(asked)
	return Instant(there).Time().Sub(asked.Add(took / 2)), nil
}

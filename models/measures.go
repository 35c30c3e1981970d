package models

import (
	"context"
	"time"

	"countersign/audit/term"
)

// MeasuredTo is where counts of requests and of notices stop: a count of so many is so many or more. One day of requests is
// counted by itself. What is counted are steps along an index, each with a look at its row: some 2 µs on SQLite.
const MeasuredTo = 10_000

// MeasuredPast is how many undecided requests are looked at for that: whatever ended before its window was over, by those who asked
// or in a flood, is stepped over, and the steps have a bound too.
const MeasuredPast = 5 * MeasuredTo

// Measures are what a monitoring system is told of what all processes share. Nothing in it is about an account.
type Measures struct {
	// Waiting are requests that can still be decided, by whole days since they came. A request that a rule
	// ended (ending_rule.go) counts until its window is over.
	Waiting []int

	MissedDecisions   int // requests that ended undecided within a day
	MissedRedemptions int // approvals that lapsed within a day

	Due     map[Channel]Due // notices, by the channels of this deployment
	GivenUp int             // notices within a day; OutboxCounted or fewer

	// Undelivered are notices that were given up, and that nobody has seen to: by each of the channels and causes, also where there
	// are none.
	Undelivered []UndeliveredGroup

	Alerts    []AlertsWaiting
	Log       LogState
	Cosigned  map[string]int64 // entries that a witness has cosigned, by its name; 0: none
	Verified  *TrailVerification
	Processes int // that have looked at the database lately
}

// Due are notices that could be sent now.
type Due struct {
	Count int
	Since Instant // when the one that waits longest could have been sent; zero when none waits
}

// Measures reads them, by a number of statements that depends on the policy alone and that each look at a bounded part of an
// index. Error: *UnavailableError.
func (s *Store) Measures(ctx context.Context) (m Measures, err error) {
	for _, read := range []func(context.Context, *Measures) error{
		s.measureWaiting, s.measureMissed, s.measureNotices, s.measureLog, s.measureServer,
	} {
		if err := read(ctx, &m); err != nil {
			return Measures{}, s.unavailable(err)
		}
	}
	return m, nil
}

const (
	oneDay        = 24 * time.Hour
	beyondWindows = 8 * oneDay // no window is longer than 7 days, and the clock of another process may be ahead
)

// undecidedUntil counts requests whose pending window ends after one moment and not after another.
const undecidedUntil = `SELECT count(*) FROM (SELECT 1 FROM (SELECT state FROM device_authorizations
		WHERE redeem_until = 0 AND pending_until > $1 AND pending_until <= $2 LIMIT $3) AS looked
	WHERE state IN ('pending', 'matched', 'proofed') LIMIT $4) AS counted`

// lapsedUntil counts approvals whose redemption window ended after one moment and not after another.
const lapsedUntil = `SELECT count(*) FROM (SELECT 1 FROM device_authorizations
	WHERE state = 'approved' AND redeem_until > $1 AND redeem_until <= $2 LIMIT $3) AS counted`

// measureWaiting tells the age of a request by the end of its window, which the index has.
func (s *Store) measureWaiting(ctx context.Context, m *Measures) error {
	tx, window := s.reader(ctx), s.policy.PendingWindow
	for age := time.Duration(0); age < window; age += oneDay {
		oldest, newest := tx.now.Add(window-age-oneDay), tx.now.Add(window-age)
		if age == 0 {
			newest = tx.now.Add(beyondWindows)
		}
		var count int
		if err := tx.ask(undecidedUntil, []any{max(oldest, tx.now), newest, MeasuredPast, MeasuredTo}, &count); err != nil {
			return err
		}
		m.Waiting = append(m.Waiting, count)
	}
	return nil
}

func (s *Store) measureMissed(ctx context.Context, m *Measures) error {
	tx := s.reader(ctx)
	yesterday := tx.now.Add(-oneDay)
	if err := tx.ask(undecidedUntil, []any{yesterday, tx.now, MeasuredPast, MeasuredTo}, &m.MissedDecisions); err != nil {
		return err
	}
	return tx.ask(lapsedUntil, []any{yesterday, tx.now, MeasuredTo}, &m.MissedRedemptions)
}

// dueUntil counts notices of one turn and channel that could be sent at a moment, and says which could first.
const dueUntil = `SELECT count(*), coalesce(min(next_try_at), 0) FROM (SELECT next_try_at FROM notices
	WHERE outcome = '' AND channel = $1 AND turn = $2 AND next_try_at <= $3 ORDER BY next_try_at LIMIT $4) AS counted`

func (s *Store) measureNotices(ctx context.Context, m *Measures) (err error) {
	tx := s.reader(ctx)
	m.Due = map[Channel]Due{}
	for _, channel := range s.policy.NoticeChannels {
		due := m.Due[channel]
		for _, turn := range turns() {
			var count int
			var since Instant
			if err := tx.ask(dueUntil, []any{channel, turn, tx.now, MeasuredTo}, &count, &since); err != nil {
				return err
			}
			due.Count = min(due.Count+count, MeasuredTo)
			if since > 0 && (due.Since == 0 || since < due.Since) {
				due.Since = since
			}
		}
		m.Due[channel] = due
	}
	for _, channel := range s.policy.NoticeChannels {
		for _, cause := range term.Undelivereds() {
			group, err := s.reader(ctx).undelivered(channel, cause, MeasuredTo)
			if err != nil {
				return err
			}
			m.Undelivered = append(m.Undelivered, group)
		}
	}
	m.GivenUp, err = s.givenUp(ctx)
	return err
}

func (s *Store) measureLog(ctx context.Context, m *Measures) error {
	rows, err := s.cosignatures(ctx)
	if err != nil {
		return err
	}
	m.Cosigned = map[string]int64{}
	for _, witness := range s.policy.Witnesses {
		m.Cosigned[witness.Name()] = 0
		for _, row := range rows {
			if row.Witness == witness.String() {
				m.Cosigned[witness.Name()] = row.Size
			}
		}
	}
	var state ServerState
	err = s.logState(ctx, &state)
	m.Log = state.Log
	return err
}

func (s *Store) measureServer(ctx context.Context, m *Measures) error {
	var state ServerState
	if err := s.alertsWaiting(ctx, &state); err != nil {
		return err
	}
	if err := s.verifiedState(ctx, &state); err != nil {
		return err
	}
	m.Alerts, m.Verified = state.Alerts, state.Verified
	return s.reader(ctx).ask("SELECT count(*) FROM readiness WHERE probed_at > $1", []any{At(s.now()).Add(-probeGoodFor)}, &m.Processes)
}

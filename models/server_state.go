package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"

	"gorm.io/gorm"
)

// ServerState is what says whether a server is well.
type ServerState struct {
	Outbox    OutboxState
	Alerts    []AlertsWaiting // by channel, where some wait: also one that this server does not have
	Log       LogState
	Keys      []ServerKeyState // that are or will be used, by purpose
	Processes []Process        // that have looked at the database lately, the newest last
	Schema    string           // the newest migration
	Verified  *TrailVerification
}

// OutboxCounted is how many notices are counted.
const OutboxCounted = 1000

// OutboxState is what waits to be sent.
type OutboxState struct {
	Waiting  int     // OutboxCounted or fewer
	Retried  int     // among them, that failed before
	DueSince Instant // since when the one that waits longest could have been sent; zero when none could
	GivenUp  int     // within a day; OutboxCounted or fewer

	Undelivered int // given up, and nobody has seen to them; OutboxCounted or fewer
}

// AlertsWaiting is what waits for supervisors who look at no page, by one channel.
type AlertsWaiting struct {
	Channel  Channel
	Waiting  int64   // alerts
	Since    Instant // when the oldest was raised, or the ones before it were told
	Attempts int     // since something was told, of the kind with the most
}

// LogState is how far the tree is.
type LogState struct {
	Entries  int64
	Size     int64   // of the newest checkpoint
	SignedAt Instant // zero: there is none
	Since    Instant // when the oldest entry happened that no checkpoint has; zero: every one has
}

// ServerKeyState is a key of the server.
type ServerKeyState struct {
	Purpose term.ServerKey
	Use     KeyUse
	Since   Instant // when it came into this use
	Until   Instant // of a retired one: what it signed ends then
	Turns   bool    // by the clock, when it is old enough
}

// KeyUse is where a key is in its life.
type KeyUse string

// The uses. A retired key is told while something may live that it signed.
const (
	KeyInUse   KeyUse = "in use"
	KeyNext    KeyUse = "next"
	KeyRetired KeyUse = "retired"
)

// Process is one of the server.
type Process struct {
	Version  string // of the program; "" of one from before there was a word of it
	ProbedAt Instant
}

// Verdict is what a verification came to.
type Verdict string

// The verdicts.
const (
	VerdictSound      Verdict = "sound"
	VerdictConsistent Verdict = "consistent" // with the database's own keys
	VerdictNotSound   Verdict = "not sound"
)

// TrailVerification is the newest that somebody recorded. Anybody who can write to the database can make one up.
type TrailVerification struct {
	EndedAt Instant
	Entries int64
	Verdict Verdict
	Problem string // the first; "" for none
}

// RecordVerification keeps a verdict in place of the one before. Error: *UnavailableError, also when this program is too old by now.
func (d *Database) RecordVerification(ctx context.Context, v TrailVerification) error {
	err := d.inTransaction(ctx, func(db *gorm.DB) error {
		return db.Exec(`INSERT INTO trail_verifications (id, ended_at, entries, verdict, problem) VALUES (1, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, entries = excluded.entries, verdict = excluded.verdict,
				problem = excluded.problem`, v.EndedAt, v.Entries, v.Verdict, v.Problem).Error
	})
	if err != nil {
		return fmt.Errorf("record the verification: %w", d.unavailable(err))
	}
	return nil
}

// ServerState reads it. Nothing in it is about an account.
func (s *Store) ServerState(ctx context.Context) (state ServerState, err error) {
	for _, read := range []func(context.Context, *ServerState) error{
		s.outboxState, s.alertsWaiting, s.logState, s.keyState, s.processState, s.verifiedState,
	} {
		if err := read(ctx, &state); err != nil {
			return ServerState{}, err
		}
	}
	return state, nil
}

// outboxState looks at a few steps of the index of what waits, however much that is.
func (s *Store) outboxState(ctx context.Context, state *ServerState) error {
	out := &state.Outbox
	err := s.reading(ctx).Raw(`SELECT count(*) AS waiting, coalesce(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) AS retried
		FROM (SELECT attempts FROM notices WHERE outcome = '' LIMIT ?) AS waiting`, OutboxCounted).Scan(out).Error
	if err != nil {
		return err
	}
	next, err := s.reader(ctx).dueNotice(s.reading(ctx), turns(), Channels())
	if err != nil {
		return err
	}
	if next.ID != "" {
		out.DueSince = next.NextTryAt
	}
	if out.Undelivered, err = s.reader(ctx).undeliveredWaiting(); err != nil {
		return err
	}
	out.GivenUp, err = s.givenUp(ctx)
	return err
}

// givenUp counts notices within a day.
func (s *Store) givenUp(ctx context.Context) (count int, err error) {
	failed, err := audit.List(s.reading(ctx), audit.Filter{Type: audit.NoticeFailed, Limit: OutboxCounted})
	for _, entry := range failed {
		if Instant(entry.OccurredAt) > At(s.now()).Add(-24*time.Hour) {
			count++
		}
	}
	return count, err
}

// alertsWaiting reads a table that has a row for each kind of alert and channel.
func (s *Store) alertsWaiting(ctx context.Context, state *ServerState) error {
	return s.reading(ctx).Raw(`SELECT channel, sum(waiting) AS waiting, min(first_at) AS since, max(attempts) AS attempts
		FROM alert_outbox WHERE waiting > 0 GROUP BY channel ORDER BY channel`).Scan(&state.Alerts).Error
}

func (s *Store) logState(ctx context.Context, state *ServerState) error {
	newest, entries, err := s.logHead(ctx)
	if err != nil {
		return err
	}
	state.Log = LogState{Entries: entries, Size: newest.Size, SignedAt: newest.SignedAt}
	return s.reading(ctx).Raw("SELECT occurred_at FROM audit_events WHERE seq = ?", newest.Size+1).Scan(&state.Log.Since).Error
}

// keyState leaves out retired keys that nothing in use was signed with.
func (s *Store) keyState(ctx context.Context, state *ServerState) error {
	all, err := s.Keys(ctx)
	for _, key := range all {
		told := ServerKeyState{
			Purpose: term.ServerKey(key.Purpose), Use: KeyInUse, Since: max(key.ActivatedAt, key.CreatedAt), Until: key.InUseUntil,
			Turns: slices.Contains(keys.TurningPurposes(), key.Purpose),
		}
		switch {
		case key.Status == keys.Next:
			told.Use = KeyNext
		case key.Status == keys.Retired && key.InUseUntil <= At(s.now()):
			continue
		case key.Status == keys.Retired:
			told.Use, told.Since = KeyRetired, key.RetiredAt
		}
		state.Keys = append(state.Keys, told)
	}
	return err
}

func (s *Store) processState(ctx context.Context, state *ServerState) error {
	list, err := s.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	for _, migration := range list {
		if migration.Applied {
			state.Schema = migration.Name
		}
	}
	return s.reading(ctx).Raw("SELECT version, probed_at FROM readiness WHERE probed_at > ? ORDER BY probed_at, process",
		At(s.now()).Add(-probeGoodFor)).Scan(&state.Processes).Error
}

func (s *Store) verifiedState(ctx context.Context, state *ServerState) error {
	var found []TrailVerification
	err := s.reading(ctx).Raw("SELECT ended_at, entries, verdict, problem FROM trail_verifications").Scan(&found).Error
	if len(found) > 0 {
		state.Verified = &found[0]
	}
	return err
}

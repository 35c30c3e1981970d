package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// ProbeInterval is how long a process waits between two probes of its database.
const ProbeInterval = 30 * time.Second

// ProbeAgain is how long it waits after a probe that failed.
const ProbeAgain = 2 * time.Second

const (
	probeLimit    = 10 * time.Second  // how long one probe may take
	probeGoodFor  = 3 * ProbeInterval // how old the last probe may be
	forgetProcess = 24 * time.Hour    // how long the row of a process that is no more is kept
)

// ErrNotProbed says that nobody knows whether the database can be used: no probe has
// ended yet, or none for a while.
var ErrNotProbed = errors.New("the database was not looked at lately")

// readiness is what one process knows of its database.
type readiness struct {
	process string // of this process's row; made by the first probe, which is alone

	mu      sync.Mutex // guards the rest
	probed  time.Time
	problem error
	lost    lost
}

// lost is an outage that was told and is not over. Its zero value is none.
type lost struct {
	outages []Outage // as they were told, each once
	since   time.Time
	failed  int // requests
}

// Probe looks whether the database can be read and written: it writes one row of this
// process, so that a full disk, a file or role that may only read, or a demoted primary is
// known before a phone finds out. A database that is merely busy is ready. The result is what
// Readiness returns until the next probe. One probe at a time. Errors: ErrSchemaBehind,
// *UnavailableError.
func (s *Store) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	problem := s.hangs(s.Ready(ctx))
	if problem == nil {
		problem = s.hangs(s.schemaIsCurrent(ctx))
	}
	busy := false
	if problem == nil {
		problem = s.writeProbe(ctx)
		outage, is := errors.AsType[*UnavailableError](problem)
		if busy = is && outage.Outage == Busy || errors.Is(problem, context.DeadlineExceeded); busy {
			problem = nil // somebody else writes
		}
	}
	if problem == nil && s.HasOldMasterKey() {
		problem = s.hangs(s.hasKeysOfNow(ctx))
	}
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	s.ready.problem, s.ready.probed = problem, s.now()
	if outage, is := errors.AsType[*UnavailableError](problem); is {
		s.ready.lost.begin(s.now(), outage, func() { s.logLost(ctx, outage) })
	}
	if problem == nil && !busy && len(s.ready.lost.outages) > 0 {
		s.log.WarnContext(ctx, "the database works again", "was", string(s.ready.lost.outages[0]),
			"lasted", s.now().Sub(s.ready.lost.since).Round(time.Second), "requests_failed", s.ready.lost.failed)
		s.ready.lost = lost{}
	}
	return problem
}

// hangs makes a database that says nothing for as long as a probe may take one that does not answer.
func (d *Database) hangs(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &UnavailableError{Unreachable, d.file, err}
	}
	return err
}

// begin tells of an outage, unless it was told.
func (l *lost) begin(now time.Time, err *UnavailableError, tell func()) {
	if slices.Contains(l.outages, err.Outage) {
		return
	}
	if len(l.outages) == 0 {
		l.since = now
	}
	l.outages = append(l.outages, err.Outage)
	tell()
}

// Readiness returns nil when the last probe found the database ready and no newer program has
// ended this one's work, and asks nothing of the database. Errors: those of Probe, ErrNotProbed.
func (s *Store) Readiness() error {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	if err := s.Outdated(); err != nil {
		return err
	}
	if s.ready.probed.IsZero() || s.now().Sub(s.ready.probed).Abs() >= probeGoodFor {
		return ErrNotProbed
	}
	return s.ready.problem
}

// TellOutage counts a request that met an outage, and logs the outage, each kind once until a probe has written again. How
// long it was and how many requests failed is logged then.
func (s *Store) TellOutage(ctx context.Context, err *UnavailableError, attributes ...slog.Attr) {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	s.ready.lost.failed++
	s.ready.lost.begin(s.now(), err, func() {
		if err.Outage == TooOld || err.Outage == OldMasterKey {
			s.logLost(ctx, err)
			return
		}
		s.log.LogAttrs(ctx, slog.LevelError, "the database is lost: requests are answered 503",
			append(attributes, slog.String("error", err.Error()))...)
	})
}

// logLost says once that an outage begins.
func (s *Store) logLost(ctx context.Context, err *UnavailableError) {
	switch err.Outage {
	case TooOld:
		s.log.ErrorContext(ctx, "stopped working: a newer program is needed", "error", err)
		return
	case OldMasterKey:
		s.log.ErrorContext(ctx, "stopped working: the new master key is needed", "error", err,
			"next", "start this process anew with the new COUNTERSIGN_MASTER_KEY or COUNTERSIGN_MASTER_KEY_FILE")
		return
	}
	s.log.ErrorContext(ctx, "the database is lost", "error", err)
}

// FailsOfOutage reports whether a request that had no answer in time had none because of an outage that was told, and counts it.
func (s *Store) FailsOfOutage() bool {
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	if len(s.ready.lost.outages) == 0 {
		return false
	}
	s.ready.lost.failed++
	return true
}

// MetOutage reports whether work beside requests failed by an outage, and has that logged, once as by TellOutage: it need not
// be said by each that meets it.
func (s *Store) MetOutage(ctx context.Context, err error) bool {
	outage, is := errors.AsType[*UnavailableError](s.unavailable(err))
	if !is {
		return false
	}
	s.ready.mu.Lock()
	defer s.ready.mu.Unlock()
	s.ready.lost.begin(s.now(), outage, func() { s.logLost(ctx, outage) })
	return true
}

// writeProbe writes this process's row, and forgets those of processes that are no more.
func (s *Store) writeProbe(ctx context.Context) error {
	if s.ready.process == "" {
		id, err := newID(s.rand)
		if err != nil {
			return err
		}
		s.ready.process = id
	}
	db, now := s.Database.write.WithContext(ctx), s.now()
	err := db.Exec(`INSERT INTO readiness (process, probed_at, version, knows) VALUES (?, ?, ?, ?)
		ON CONFLICT (process) DO UPDATE SET probed_at = excluded.probed_at`, s.ready.process, At(now), s.version, newestMigration()).Error
	if err == nil {
		err = db.Exec("DELETE FROM readiness WHERE probed_at < ?", At(now.Add(-forgetProcess))).Error
	}
	return err
}

// schemaIsCurrent is CheckSchema on the read pool, which a blocked writer does not hold up.
// Errors: ErrSchemaBehind, *UnavailableError.
func (d *Database) schemaIsCurrent(ctx context.Context) error {
	provider, err := d.provider()
	if err != nil {
		return err
	}
	have, err := d.appliedMigrations(ctx, newestMigration())
	if err != nil {
		return err
	}
	for _, source := range provider.ListSources() {
		if !have[source.Version] {
			return fmt.Errorf("%w: %s is not applied", ErrSchemaBehind, nameOf(source))
		}
	}
	return d.CheckOldest(ctx)
}

package models

import (
	"context"
	"time"
)

// sweepMargin is how long after its end something is kept: the clock of another process
// may be behind ours, and there the proof or the token is good for that much longer.
const sweepMargin = 5 * time.Minute

// sweptTogether is how many rows one transaction of a sweep removes: few, since nobody else writes to SQLite meanwhile.
const sweptTogether = 200

// Sweep removes what has no further use: replay memory, revocations, sign-ins, accounts files and notices past their
// end; and rows that a stranger or the years would pile up (docs/decisions/0029-sweeping.md). The server calls it now
// and then; nothing depends on when. Removing the latter is an event with their number, written before the first of
// them goes, so that the trail accounts for every row that is not there. What was counted in an hour that is over is told
// first, and what nobody has asked for yet is made searchable and counted. In the end a write-ahead log that has grown gives its disk
// back.
func (s *Store) Sweep(ctx context.Context) error {
	for _, kind := range ephemerals() {
		if err := s.sweepEphemeral(ctx, kind, At(s.now()).Add(-kind.keeps)); err != nil {
			return err
		}
	}
	if err := s.sweepSortedProofs(ctx); err != nil {
		return err
	}
	if err := s.removeAbandoned(ctx); err != nil {
		return err
	}
	if err := s.adoptAlerts(ctx); err != nil {
		return err
	}
	if err := s.tellCounted(ctx); err != nil {
		return err
	}
	if err := s.fillDerived(Telling(ctx, LogProgress(s.log, s.now))); err != nil {
		return err
	}
	for _, kind := range s.sweepers() {
		if err := s.sweepKind(ctx, kind); err != nil {
			return err
		}
	}
	return s.shrinkLog(ctx)
}

// ephemeral is a kind of row whose end is no event.
type ephemeral struct {
	table string
	key   string // the columns of its primary key
	over  string // a condition with one argument, the moment, which an index answers
	keeps time.Duration
}

func ephemerals() []ephemeral {
	const aDay = 24 * time.Hour
	return []ephemeral{
		{"used_proofs", "key", plainKeyOver, sweepMargin},
		{"revoked_access_tokens", "jti", "expires_at <= ?", sweepMargin},
		{"sign_ins", "cookie_hash", "expires_at <= ?", sweepMargin},
		{"account_files", "session_id", "expires_at <= ?", sweepMargin},
		{"account_imports", "id", importsOver, importKept},
		{"account_openings", "session_id, account_id", "used_at <= ?", openingsKept},
		{"account_listings", "staff_id, listed_at", "listed_at <= ?", openingsKept},
		{"notices", "id", "former_contact <> '' AND useful_until <= ?", aDay}, // there was no channel for it
		{"notices", "id", "created_at <= ?", RepudiationLife},                 // its link is over
		{"notices_told", "notice_id", "told_at <= ?", aDay},
		{"alert_calls", "rule, about", "called_at <= ?", callsKept},
		{"operator_days", "staff_id, day_began, counter_id", "day_began <= ?", daysKept},
	}
}

// importsOver are imports that ended, and of which no line is left.
const importsOver = `finished_at > 0 AND finished_at <= ?
	AND NOT EXISTS (SELECT 1 FROM account_import_chunks AS c WHERE c.import_id = account_imports.id)`

// sweepEphemeral removes what is over, a few rows in a transaction: a large file of accounts alone leaves a million notices
// of one day. It looks before it writes, and waits for no row: one that somebody writes right now is not over, or goes next time.
func (s *Store) sweepEphemeral(ctx context.Context, kind ephemeral, before any) error {
	for more := true; more; {
		var one []int
		err := s.reading(ctx).Raw("SELECT 1 FROM "+kind.table+" WHERE "+kind.over+" LIMIT 1", before).Scan(&one).Error
		if err != nil || len(one) == 0 {
			return err
		}
		err = s.write(ctx, func(tx *tx) error {
			result := tx.Exec("DELETE FROM "+kind.table+" WHERE ("+kind.key+") IN (SELECT "+kind.key+" FROM "+kind.table+
				" WHERE "+kind.over+" LIMIT ?"+tx.passingHeld()+")", before, sweptTogether)
			more = result.RowsAffected == sweptTogether
			return result.Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}

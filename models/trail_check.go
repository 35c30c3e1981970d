package models

import (
	"context"
	"fmt"
	"strings"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
)

// TrailReport is what CheckTrail found: the entries, and what the database itself does
// for them.
type TrailReport struct {
	audit.Report
	Rooted      bool     // keys that were kept elsewhere, or that the master key vouches for, are what it rests on
	Keys        []string // rows of the key table that are not what the trail says, a line each
	Unprotected []string // where the database does not refuse changes as the migrations made it, a line each
	Unaccounted []string // rows that the trail does not account for, a line each
	Search      audit.SearchReport
	Tallies     audit.TallyReport
	Details     audit.DetailReport
}

// OK reports whether every entry is sound, the database still refuses changes, and the trail accounts for what strangers
// made.
func (r TrailReport) OK() bool {
	return r.Report.OK() && len(r.Keys) == 0 && len(r.Unprotected) == 0 && len(r.Unaccounted) == 0 &&
		r.Search.Wrong == 0 && r.Tallies.Wrong == 0 && r.Details.Wrong == 0
}

// Problems says for people what is wrong, a line each.
func (r TrailReport) Problems() []string {
	var lines []string
	if r.First != nil {
		lines = append(lines, fmt.Sprintf("first bad entry: %d: %s", r.First.Seq, r.First.Reason))
	}
	if len(r.Unprotected) > 0 {
		lines = append(lines, "the database does not refuse every change: "+strings.Join(r.Unprotected, "; "))
	}
	if r.Search.Wrong > 0 {
		lines = append(lines, r.Search.Problem())
	}
	if r.Tallies.Wrong > 0 {
		lines = append(lines, r.Tallies.Problem())
	}
	if r.Details.Wrong > 0 {
		lines = append(lines, r.Details.Problem())
	}
	return append(append(lines, r.Keys...), r.Unaccounted...)
}

// CheckTrail checks the whole audit trail with audit.VerifyNamed. Beside its entries it wants
// that there are any once the server has keys, since making a key is an event, that the
// rows of the keys are what the trail says, that the database refuses changes as the
// migrations made it, that each client and request has an event or was counted, and that
// the search table, the tallies and the details beside the log say what the events say.
//
// kept are the audit keys to trust, which were kept elsewhere; of those that took over
// since, the ones that the trail names by their thumbprint. Without any it rests on the
// keys that the database has itself: somebody who can write to it could have made them and
// signed everything anew. Newest entries that were deleted leave no trace here: CheckLog
// holds them against a kept checkpoint.
func (d *Database) CheckTrail(ctx context.Context, issuer string, kept jose.JSONWebKeySet) (TrailReport, error) {
	report := TrailReport{Rooted: len(kept.Keys) > 0}
	held, err := d.readTrailKeys(ctx, issuer, kept) // before the entries are read: a key that is made meanwhile is no sign
	if err != nil {
		return report, err
	}
	named := held.history.signers
	if held.history.broken != nil {
		named = nil
	}
	if report.Report, err = audit.VerifyNamed(ctx, d.read, issuer, held.trusted, named); err != nil {
		return report, err
	}
	if report.First == nil && report.Entries == 0 && len(held.rows) > 0 {
		report.First = &audit.Problem{Seq: 1, Reason: "missing: the trail is empty, but the server has keys, and making them is an event"}
	}
	if bad := held.first(kept); bad != nil && (report.First == nil || bad.Seq < report.First.Seq) {
		report.First, report.Entries = bad, bad.Seq-1
	}
	report.Keys = held.problems()
	if report.Unprotected, err = d.unprotected(ctx); err != nil {
		return report, err
	}
	if report.Search, err = audit.VerifySearch(ctx, d.read); err != nil {
		return report, err
	}
	if report.Tallies, err = audit.VerifyTallies(ctx, d.read); err != nil {
		return report, err
	}
	if report.Details, err = audit.VerifyDetails(ctx, d.read); err != nil {
		return report, err
	}
	report.Unaccounted, err = d.unaccounted(ctx)
	return report, err
}

// VerifyTrail is CheckTrail with the audit keys that the master key vouches for.
func (s *Store) VerifyTrail(ctx context.Context) (TrailReport, error) {
	keys, err := s.AuditKeys(ctx)
	if err != nil {
		return TrailReport{}, err
	}
	return s.CheckTrail(ctx, s.issuer, keys)
}

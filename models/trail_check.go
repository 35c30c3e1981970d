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
	Records     RecordsReport // rows that are not what the trail says, by name
}

// OK reports whether every entry is sound, the database still refuses changes, and the trail accounts for what strangers
// made.
func (r TrailReport) OK() bool {
	return r.Report.OK() && len(r.Keys) == 0 && len(r.Unprotected) == 0 && len(r.Unaccounted) == 0 &&
		r.Search.Wrong == 0 && r.Tallies.Wrong == 0 && r.Details.Wrong == 0 && r.Records.Wrong == 0
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
	return append(append(append(lines, r.Keys...), r.Unaccounted...), r.Records.Problems()...)
}

// TrailCheck is what CheckTrailAs is asked.
type TrailCheck struct {
	Issuer   string
	Kept     jose.JSONWebKeySet    // audit keys to trust; none: the database's own
	Since    int64                 // entries up to this number are vouched for (LogReport.Since): the trail is read from there on
	Progress func(done, all int64) // hears how many entries were verified; may be nil
	Held     func(done, all int64) // hears how many rows were held against their events; may be nil
}

// CheckTrail checks the whole audit trail with audit.Verification. Beside its entries it wants
// that there are any once the server has keys, since making a key is an event, that the
// rows of the keys are what the trail says, that the database refuses changes as the
// migrations made it, that each client and request has an event or was counted, and that
// the search table, the tallies and the details beside the log say what the events say, as do the rows (CheckRecords).
//
// kept are the audit keys to trust, which were kept elsewhere; of those that took over
// since, the ones that the trail names by their thumbprint. Without any it rests on the
// keys that the database has itself: somebody who can write to it could have made them and
// signed everything anew. Newest entries that were deleted leave no trace here: CheckLog
// holds them against a kept checkpoint.
func (d *Database) CheckTrail(ctx context.Context, issuer string, kept jose.JSONWebKeySet) (TrailReport, error) {
	return d.CheckTrailAs(ctx, TrailCheck{Issuer: issuer, Kept: kept})
}

// CheckTrailAs is CheckTrail for who knows more. Since spares the entries that a kept checkpoint vouches for; what is held against
// the trail beside them is held whole.
func (d *Database) CheckTrailAs(ctx context.Context, check TrailCheck) (TrailReport, error) {
	kept := check.Kept
	report := TrailReport{Rooted: len(kept.Keys) > 0}
	held, err := d.readTrailKeys(ctx, check.Issuer, kept) // before the entries are read: a key that is made meanwhile is no sign
	if err != nil {
		return report, err
	}
	if report.Report, err = check.entries(ctx, d, held); err != nil {
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
	if report.Unaccounted, err = d.unaccounted(ctx); err != nil {
		return report, err
	}
	report.Records, err = d.CheckRecords(ctx, check.Held)
	return report, err
}

// entries verifies each of them.
func (c TrailCheck) entries(ctx context.Context, d *Database, held trailKeys) (audit.Report, error) {
	v := audit.Verification{Issuer: c.Issuer, Keys: held.trusted, Named: held.history.signers, After: c.Since}
	if held.history.broken != nil {
		v.Named = nil
	}
	if c.Progress != nil {
		var all int64
		if err := d.read.WithContext(ctx).Raw("SELECT coalesce(max(seq), 0) FROM audit_events").Scan(&all).Error; err != nil {
			return audit.Report{}, err
		}
		v.Progress = func(done int64) { c.Progress(min(done, all), all) }
	}
	return v.Run(ctx, d.read)
}

// VerifyTrail is CheckTrail with the audit keys that the master key vouches for.
func (s *Store) VerifyTrail(ctx context.Context) (TrailReport, error) {
	keys, err := s.AuditKeys(ctx)
	if err != nil {
		return TrailReport{}, err
	}
	return s.CheckTrail(ctx, s.issuer, keys)
}

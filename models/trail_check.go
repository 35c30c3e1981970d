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
	Unprotected []string // where the database does not refuse changes as the migrations made it, a line each
	Unaccounted []string // rows that the trail does not account for, a line each
	Search      audit.SearchReport
}

// OK reports whether every entry is sound, the database still refuses changes, and the trail accounts for what strangers
// made.
func (r TrailReport) OK() bool {
	return r.Report.OK() && len(r.Unprotected) == 0 && len(r.Unaccounted) == 0 && r.Search.Wrong == 0
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
	return append(lines, r.Unaccounted...)
}

// CheckTrail checks the whole audit trail with audit.Verify. Beside its entries it wants
// that there are any once the server has keys, since making a key is an event, that the
// triggers stand by which the database refuses changes, and that each client and request
// has an event or was counted, and that the search table says what the events say. keys are the audit keys to
// trust: AuditKeys, or a copy kept elsewhere. Newest entries that were deleted leave no
// trace: only an earlier count can show that.
func (d *Database) CheckTrail(ctx context.Context, issuer string, keys jose.JSONWebKeySet) (TrailReport, error) {
	var report TrailReport
	var keysMade int64 // before the entries are read: a key that is made meanwhile is no sign
	err := d.read.WithContext(ctx).Model(&ServerKey{}).Count(&keysMade).Error
	if err != nil {
		return report, err
	}
	if report.Report, err = audit.Verify(ctx, d.read, issuer, keys); err != nil {
		return report, err
	}
	if report.First == nil && report.Entries == 0 && keysMade > 0 {
		report.First = &audit.Problem{Seq: 1, Reason: "missing: the trail is empty, but the server has keys, and making them is an event"}
	}
	if report.Unprotected, err = d.unprotected(ctx); err != nil {
		return report, err
	}
	if report.Search, err = audit.VerifySearch(ctx, d.read); err != nil {
		return report, err
	}
	report.Unaccounted, err = d.unaccounted(ctx)
	return report, err
}

// VerifyTrail is CheckTrail with the database's own keys.
func (s *Store) VerifyTrail(ctx context.Context) (TrailReport, error) {
	keys, err := s.AuditKeys(ctx)
	if err != nil {
		return TrailReport{}, err
	}
	return s.CheckTrail(ctx, s.issuer, keys)
}

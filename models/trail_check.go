package models

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
)

// TrailReport is what CheckTrail found: the entries, and what the database itself does
// for them.
type TrailReport struct {
	audit.Report
	Unprotected []string // append-only triggers that are gone, switched off or changed
	Unaccounted []string // rows that the trail does not account for, a line each
}

// OK reports whether every entry is sound, the database still refuses changes, and the trail accounts for what strangers
// made.
func (r TrailReport) OK() bool {
	return r.Report.OK() && len(r.Unprotected) == 0 && len(r.Unaccounted) == 0
}

// Problems says for people what is wrong, a line each.
func (r TrailReport) Problems() []string {
	var lines []string
	if r.First != nil {
		lines = append(lines, fmt.Sprintf("first bad entry: %d: %s", r.First.Seq, r.First.Reason))
	}
	if len(r.Unprotected) > 0 {
		lines = append(lines, "the database does not refuse every change: missing, switched off or changed: "+strings.Join(r.Unprotected, ", "))
	}
	return append(lines, r.Unaccounted...)
}

// CheckTrail checks the whole audit trail with audit.Verify. Beside its entries it wants
// that there are any once the server has keys, since making a key is an event, that the
// triggers stand by which the database refuses changes, and that each client and request
// has an event or was counted. keys are the audit keys to
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

// unprotected names the append-only triggers that are not there as the migrations made
// them: what each does has to stand word for word in a migration.
func (d *Database) unprotected(ctx context.Context) ([]string, error) {
	wanted := []string{"audit_events_no_update", "audit_events_no_delete", "audit_events_append_only"}
	query := "SELECT name, sql AS does FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
	if d.dialect == "postgres" {
		wanted = append(wanted, "audit_events_no_truncate")
		query = `SELECT t.tgname AS name, p.prosrc AS does FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
			WHERE t.tgrelid = 'audit_events'::regclass AND t.tgenabled IN ('O', 'A')`
	}
	var rows []struct{ Name, Does string }
	if err := d.read.WithContext(ctx).Raw(query).Scan(&rows).Error; err != nil {
		return nil, err
	}
	written, err := d.migrationText()
	if err != nil {
		return nil, err
	}
	stands := map[string]bool{}
	for _, row := range rows {
		stands[row.Name] = row.Does != "" && strings.Contains(written, row.Does)
	}
	var missing []string
	for _, name := range wanted {
		if !stands[name] {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// migrationText is all migrations of this database's kind.
func (d *Database) migrationText() (string, error) {
	folder := "migrations/" + d.dialect
	files, err := fs.ReadDir(migrations, folder)
	var all strings.Builder
	for _, file := range files {
		text, failed := fs.ReadFile(migrations, folder+"/"+file.Name())
		if failed != nil {
			return "", failed
		}
		all.Write(text)
	}
	return all.String(), err
}

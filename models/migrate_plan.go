package models

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
)

// MigrationPlan is what MigrateUp would do.
type MigrationPlan struct {
	From, To int64    // the newest migration of the database, 0 for a new one, and of this program
	Waiting  []string // the names of those that are not applied
	Asked    int64    // the database asks for a program that knows this migration; 0: it is from before it said so
	Oldest   int64    // what it asks for afterwards
}

// Beside reports whether a program that knows no more than what the database has now may go on beside this one afterwards.
func (p MigrationPlan) Beside() bool { return p.Oldest <= p.From }

// PlanMigrations reads what there is to do, and changes nothing, also where this program is too old. Error: *UnavailableError.
func (d *Database) PlanMigrations(ctx context.Context) (plan MigrationPlan, err error) {
	if plan.From, plan.To, err = d.SchemaVersions(ctx); err != nil {
		return plan, fmt.Errorf("migrate: %w", d.unavailable(err))
	}
	provider, err := d.provider()
	if err != nil {
		return plan, err
	}
	have, err := d.appliedMigrations(ctx, plan.From)
	if err != nil {
		return plan, err
	}
	for _, source := range provider.ListSources() {
		if have[source.Version] {
			continue
		}
		plan.Waiting = append(plan.Waiting, nameOf(source))
		asked, err := d.askedBy(source.Path)
		if err != nil {
			return plan, err
		}
		plan.Oldest = max(plan.Oldest, asked)
	}
	if plan.From < versionOldest {
		return plan, nil
	}
	plan.Asked, err = d.askedOldest(ctx)
	plan.Oldest = max(plan.Oldest, plan.Asked)
	return plan, err
}

// appliedMigrations are the numbers that the database has.
func (d *Database) appliedMigrations(ctx context.Context, newest int64) (map[int64]bool, error) {
	have := map[int64]bool{}
	if newest == 0 {
		return have, nil
	}
	var applied []int64
	err := d.read.WithContext(ctx).Raw("SELECT version_id FROM goose_db_version WHERE is_applied").Scan(&applied).Error
	for _, version := range applied {
		have[version] = true
	}
	return have, err
}

// programAsked is the statement by which a migration asks for a program that knows it (models/migrations/README.md).
var programAsked = regexp.MustCompile(`(?m)^(?:UPDATE oldest_program SET knows = |INSERT INTO oldest_program .*, )(\d+)\)?;$`)

// askedBy returns what a migration asks for, 0 for nothing.
func (d *Database) askedBy(path string) (int64, error) {
	if path == "" { // in Go
		return 0, nil
	}
	text, err := fs.ReadFile(migrations, "migrations/"+d.dialect+"/"+path)
	if err != nil {
		return 0, err
	}
	found := programAsked.FindSubmatch(text)
	if found == nil {
		return 0, nil
	}
	return strconv.ParseInt(string(found[1]), 10, 64)
}

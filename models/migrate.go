package models

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// ErrSchemaBehind says that migrations wait to be applied; "countersign migrate up"
// applies them.
var ErrSchemaBehind = errors.New("the database's schema is behind this program")

// MigrationStatus is one migration and whether it is applied.
type MigrationStatus struct {
	Version int64
	Name    string
	Applied bool
}

// MigrateUp applies every migration that is not applied yet, in order, each in its
// own transaction, and returns their names. On PostgreSQL several processes may call it at
// once, also through PgBouncer in transaction mode: see alone. Errors: *UnavailableError,
// errMigrating.
func (d *Database) MigrateUp(ctx context.Context) (names []string, err error) {
	err = d.alone(ctx, func(provider *goose.Provider) error {
		version, err := provider.GetDBVersion(ctx)
		if err == nil && version >= versionOldest {
			err = d.CheckOldest(ctx)
		}
		if err == nil {
			err = d.checkSpellings(ctx, version)
		}
		if err != nil {
			return err
		}
		names, err = applyAll(whileMigrating(ctx), provider)
		return err
	})
	if err == nil { // behind the migrations, since it takes a minute for each million events, and nobody has to wait for it
		d.guard.on.Store(true) // a newer program may migrate meanwhile
		err = d.fillDerived(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", d.unavailable(err))
	}
	return names, nil
}

// applyAll applies what waits, one after the other, and tells whoever hears of it.
func applyAll(ctx context.Context, provider *goose.Provider) (names []string, err error) {
	status, err := provider.Status(ctx)
	if err != nil {
		return nil, err
	}
	waiting := int64(0)
	for _, migration := range status {
		if migration.State != goose.StateApplied {
			waiting++
		}
	}
	for {
		if waiting > 0 {
			tell(ctx, "migrations applied", int64(len(names)), waiting)
		}
		result, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return names, nil
		}
		if err != nil {
			return names, err
		}
		names = append(names, nameOf(result.Source))
	}
}

// MigrationStatus lists every migration that this program has.
func (d *Database) MigrationStatus(ctx context.Context) ([]MigrationStatus, error) {
	provider, err := d.provider()
	if err != nil {
		return nil, err
	}
	rows, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", d.unavailable(err))
	}
	var list []MigrationStatus
	for _, row := range rows {
		list = append(list, MigrationStatus{row.Source.Version, nameOf(row.Source), row.State == goose.StateApplied})
	}
	return list, nil
}

// CheckSchema returns ErrSchemaBehind unless every migration is applied, and an *UnavailableError when the database has further
// ones that ask for a newer program. From then on each write looks at that again.
func (d *Database) CheckSchema(ctx context.Context) error {
	list, err := d.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		if !m.Applied {
			return fmt.Errorf("%w: %s is not applied", ErrSchemaBehind, m.Name)
		}
	}
	d.guard.on.Store(true)
	return d.CheckOldest(ctx)
}

// provider knows the migrations without taking the lock: servers that start together do
// not wait for each other.
func (d *Database) provider() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations/"+d.dialect)
	if err != nil {
		return nil, err
	}
	pool, err := d.write.DB()
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	if d.dialect == "postgres" {
		dialect = goose.DialectPostgres
	}
	return goose.NewProvider(dialect, pool, folder, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(d.migrationOfSpelling()))
}

// nameOf returns a migration's name for people: its file, or for one in Go what it does.
func nameOf(source *goose.Source) string {
	if source.Type == goose.TypeGo {
		return fmt.Sprintf("%05d_spelling_of_identifiers.go", source.Version)
	}
	return source.Path
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"countersign/models"
)

// MigrateCmd changes the database's schema, and nothing else does.
type MigrateCmd struct {
	Up     MigrateUpCmd     `cmd:"" help:"Apply every migration that is not applied yet. Several processes may do it at once."`
	Status MigrateStatusCmd `cmd:"" help:"List the migrations. Exit code 0 when all are applied, 1 otherwise."`
	Grants MigrateGrantsCmd `cmd:"" help:"Print the SQL that lets a PostgreSQL role serve without owning the tables."`
}

// MigrateUpCmd is countersign migrate up.
type MigrateUpCmd struct {
	DatabaseFlags
	NoBackup bool `help:"Make no copy of a SQLite database beside it before it is changed." env:"COUNTERSIGN_NO_BACKUP"`

	address string `kong:"-"`
}

// Check is part of checker.
func (m *MigrateUpCmd) Check(c *checks) { m.address = c.database(m.Database, m.DatabaseFile) }

// Run makes a SQLite database that is not there. One that is there is copied first.
func (m *MigrateUpCmd) Run(env *Environment) error {
	return withDatabase(env, m.address, func(database *models.Database) error {
		meter := meterOf(env)
		work := &migration{address: m.address, backup: !m.NoBackup, say: func(line string) { _, _ = fmt.Fprintln(env.Stdout, line) }}
		names, err := work.up(models.Telling(env.Context, meter.hear), env, database)
		meter.end()
		for _, name := range names {
			_, _ = fmt.Fprintln(env.Stdout, "applied", name)
		}
		if err == nil && len(names) == 0 {
			_, _ = fmt.Fprintln(env.Stdout, "nothing to do: the schema is up to date")
		}
		return err
	})
}

// MigrateStatusCmd is countersign migrate status.
type MigrateStatusCmd struct {
	DatabaseFlags
	address string `kong:"-"`
}

// Check is part of checker.
func (m *MigrateStatusCmd) Check(c *checks) { m.address = c.database(m.Database, m.DatabaseFile) }

// Run lists every migration that this program has.
func (m *MigrateStatusCmd) Run(env *Environment) error {
	database, err := openDatabase(env, m.address, quietLog(env))
	if err != nil {
		return err
	}
	list, err := database.MigrationStatus(env.Context)
	waiting := 0
	for _, migration := range list {
		state := "applied"
		if !migration.Applied {
			state, waiting = "waiting", waiting+1
		}
		_, _ = fmt.Fprintf(env.Stdout, "%-8s %s\n", state, migration.Name)
	}
	if err == nil {
		err = m.tellNumbers(env, database)
	}
	if waiting > 0 {
		_, _ = fmt.Fprintf(env.Stdout, "%d to apply.\nNext: countersign migrate up\n", waiting)
		err = errors.Join(err, &exitError{code: exitFailed})
	}
	return errors.Join(err, database.Close())
}

// tellNumbers says how the database and this program stand to each other.
func (m *MigrateStatusCmd) tellNumbers(env *Environment, database *models.Database) error {
	plan, err := database.PlanMigrations(env.Context)
	if err != nil {
		return err
	}
	oldest := "It does not say which programs are too old for it."
	if plan.Asked > 0 {
		oldest = fmt.Sprintf("The oldest program that may go on with it knows migration %d.", plan.Asked)
	}
	_, err = fmt.Fprintf(env.Stdout, "The database has migration %d, and this program knows them up to %d. %s\n", plan.From, plan.To, oldest)
	return err
}

// MigrateGrantsCmd is countersign migrate grants. It asks no database.
type MigrateGrantsCmd struct {
	Role   string `arg:"" help:"The role that serves. It exists already, and owns nothing."`
	Schema string `help:"Where the tables are." default:"public"`
}

// Run prints the statements for the owner of the tables, after "migrate up".
func (m *MigrateGrantsCmd) Run(env *Environment) error {
	_, err := fmt.Fprint(env.Stdout, models.Grants(m.Schema, m.Role))
	return err
}

// migrateUp is for the commands that bring the schema up to date on their way.
func migrateUp(env *Environment, address string, backup bool, log *slog.Logger) error {
	return withDatabase(env, address, func(database *models.Database) error {
		work := &migration{address: address, backup: backup, say: func(line string) {
			log.Info(line) //nolint:sloglint // "migrate up" prints the same lines
		}}
		names, err := work.up(models.Telling(env.Context, models.LogProgress(log, env.Now)), env, database)
		for _, name := range names {
			log.Info("migration applied", "name", name)
		}
		return err
	})
}

// noFolder says why a file could not be made: the folder is not there, or it is one in which nobody makes files (/proc).
func noFolder(folder string, err error) error {
	if _, there := os.Stat(folder); there == nil {
		return fmt.Errorf("%w.\nNext: correct --database: no file can be made there", err)
	}
	return fmt.Errorf("the folder %s does not exist.\nNext: make it first: mkdir -p %s", folder, quoted(folder))
}

// withDatabase makes a SQLite file that is not there, for its owner's eyes only.
func withDatabase(env *Environment, address string, work func(*models.Database) error) error {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrNotExist) {
			return noFolder(filepath.Dir(path), err)
		}
		if err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
	}
	database, err := models.Connect(env.Context, address, quietLog(env))
	if err != nil {
		return err
	}
	return errors.Join(work(database), database.Close())
}

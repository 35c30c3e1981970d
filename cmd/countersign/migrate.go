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
	address string `kong:"-"`
}

// Check is part of checker.
func (m *MigrateUpCmd) Check(c *checks) { m.address = c.database(m.Database, m.DatabaseFile) }

// Run makes a SQLite database that is not there.
func (m *MigrateUpCmd) Run(env *Environment) error {
	return withDatabase(env, m.address, func(database *models.Database) error {
		meter := meterOf(env)
		names, err := database.MigrateUp(models.Telling(env.Context, meter.hear))
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
	if waiting > 0 {
		_, _ = fmt.Fprintf(env.Stdout, "%d to apply.\nNext: countersign migrate up\n", waiting)
		err = errors.Join(err, &exitError{code: exitFailed})
	}
	return errors.Join(err, database.Close())
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
func migrateUp(env *Environment, address string, log *slog.Logger) error {
	return withDatabase(env, address, func(database *models.Database) error {
		names, err := database.MigrateUp(models.Telling(env.Context, models.LogProgress(log, env.Now)))
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

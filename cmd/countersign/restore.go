package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"countersign/models"
)

// RestoreCmd is countersign restore.
type RestoreCmd struct {
	StoreFlags
	CheckpointFlags
	File   string `arg:"" help:"The backup, which is only read. It is copied to where --database says, and nothing may be there yet."`
	DryRun bool   `help:"Check everything, say what would be done, and write nothing." env:"COUNTERSIGN_RESTORE_DRY_RUN"`

	settings   storeSettings  `kong:"-"`
	checkpoint checkpointFile `kong:"-"`
}

// Check is part of checker.
func (r *RestoreCmd) Check(c *checks) {
	r.settings = r.StoreFlags.check(c)
	r.checkpoint = r.CheckpointFlags.check(r.MasterKeyFile)
	c.onlySQLite(r.settings.database, "Restore it with its own programs: pg_restore --dbname=ADDRESS FILE into an empty database. "+
		"Then check it: countersign audit verify")
}

// target is the file that the database becomes.
func (r *RestoreCmd) target() string { return strings.TrimPrefix(r.settings.database, "sqlite:") }

// Run checks the backup, copies it, checks the copy, and gives it its name.
func (r *RestoreCmd) Run(env *Environment) error {
	found, err := r.look(env)
	if err == nil {
		err = r.nothingThere(env)
	}
	if err == nil && !r.DryRun {
		err = r.write(env, &found)
	}
	if err != nil {
		return err
	}
	did := "restored"
	if r.DryRun {
		did = "nothing was written; could be restored:"
	}
	_, _ = fmt.Fprintf(env.Stdout, "%s %s from %s: %s; %s\n", did, r.target(), r.File, headText(found.head), found.verdict())
	r.tellKept(env, found.head)
	return nil
}

// look opens the backup, and refuses what can be refused before anything is written. A dry run verifies its trail, too;
// otherwise that is done with the copy.
func (r *RestoreCmd) look(env *Environment) (found copyFound, err error) {
	if err := r.isAlone(); err != nil {
		return found, err
	}
	backup, err := models.ConnectCopy(env.Context, r.File, quietLog(env))
	if err != nil {
		return found, r.refused(err)
	}
	defer func() { err = errors.Join(err, backup.Close()) }()
	if found, err = r.checkBackup(env, backup); err != nil {
		return found, r.refused(err)
	}
	return found, r.sound(found)
}

func (r *RestoreCmd) checkBackup(env *Environment, backup *models.Database) (found copyFound, err error) {
	if found.problems, err = backup.CheckFile(env.Context); err != nil || len(found.problems) > 0 {
		return found, err
	}
	if err := checkVersion(env, backup); err != nil {
		return found, err
	}
	if found.head, err = backup.Head(env.Context); err != nil {
		return found, err
	}
	if found.behind = backup.CheckSchema(env.Context); errors.Is(found.behind, models.ErrSchemaBehind) {
		return found, backup.CheckIssuer(env.Context, r.settings.issuer) // its keys are read after the migrations
	}
	if err := errors.Join(found.behind, backup.CheckOwner(env.Context, r.owner(env))); err != nil || !r.DryRun {
		return found, err
	}
	return checkOpened(env, backup, r.settings.issuer)
}

// owner is who the backup is for.
func (r *RestoreCmd) owner(env *Environment) models.Config {
	return models.Config{Issuer: r.settings.issuer, MasterKey: r.settings.masterKey, Now: env.Now, Rand: env.Rand}
}

// isAlone refuses a file that a write-ahead log belongs to: without it, it is not whole.
func (r *RestoreCmd) isAlone() error {
	info, err := os.Stat(r.File)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return &fs.PathError{Op: "restore", Path: r.File, Err: errors.New("is a folder, not a file")}
	}
	if log, err := os.Stat(r.File + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%s is a database in use, or was copied without countersign backup: what was written last is in %s-wal.\n"+
			"Next: countersign backup --database sqlite:%s OTHER-FILE, and restore that", r.File, r.File, r.File)
	}
	return nil
}

// refused says which file an error is about, and that nothing was written.
func (r *RestoreCmd) refused(err error) error {
	if withStep := withNextStep(err); withStep != nil {
		err = withStep
	}
	return fmt.Errorf("%s is not restored: %w", r.File, err)
}

// sound refuses a copy that did not pass its checks.
func (r *RestoreCmd) sound(found copyFound) error {
	if len(found.problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s is NOT SOUND, and is not restored:\n%s\nNext: take an earlier backup", r.File, strings.Join(found.problems, "\n"))
}

// tellKept says what keeps the server from starting, before it does: signed entries that the restored database has not.
func (r *RestoreCmd) tellKept(env *Environment, head models.TrailHead) {
	note, err := r.checkpoint.read()
	if err != nil || len(note) == 0 {
		return
	}
	switch kept := keptSize(r.settings.issuer, note); {
	case kept <= head.Checkpoint:
	case kept <= head.Entries:
		_, _ = fmt.Fprintf(env.Stdout, "a checkpoint of %d entries was signed, which %s keeps, and %d are there: none is missing. "+
			"serve compares them with it, and starts when they are the same\n", kept, r.checkpoint.name, head.Entries)
	default:
		_, _ = fmt.Fprintf(env.Stdout, "a checkpoint of %d entries was signed, which %s keeps: at least %d are lost, and serve does not start.\n"+
			"Next: bring back a newer copy; if there is none, countersign audit accept-loss, and tell the auditors and witnesses "+
			"(docs/operations.md)\n", kept, r.checkpoint.name, kept-head.Entries)
	}
}

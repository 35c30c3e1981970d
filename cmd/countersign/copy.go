package main

import (
	"errors"
	"fmt"
	"strings"

	"countersign/models"
)

// CopyCmd is countersign copy.
type CopyCmd struct {
	From     string `help:"The SQLite database, sqlite:PATH: what --database is to the server." placeholder:"ADDRESS" env:"COUNTERSIGN_DATABASE"`
	FromFile string `help:"File that holds that address." placeholder:"FILE" env:"COUNTERSIGN_DATABASE_FILE"`
	To       string `help:"The database on PostgreSQL, which is empty: a postgres:// address of the role that is to own the tables." placeholder:"ADDRESS" env:"COUNTERSIGN_COPY_TO"`
	ToFile   string `help:"File that holds that address." placeholder:"FILE" env:"COUNTERSIGN_COPY_TO_FILE"`

	Issuer        string `help:"The server's own address, which every entry of the trail carries." placeholder:"URL"`
	MasterKey     string `help:"32 bytes in base64 that open the server's keys. The copy has the same." placeholder:"KEY"`
	MasterKeyFile string `help:"File that holds the master key." placeholder:"FILE"`
	CheckpointFlags

	Back       bool `help:"Go back: make the SQLite database the one to serve again, as long as nothing was written to the copy." env:"COUNTERSIGN_COPY_BACK"`
	AcceptLoss bool `help:"With --back: also when the copy was written to, or, without --to, is there no more. What was written to it is lost." env:"COUNTERSIGN_COPY_ACCEPT_LOSS"`

	settings   storeSettings  `kong:"-"` // of the SQLite database
	to         string         `kong:"-"`
	checkpoint checkpointFile `kong:"-"`
}

// Check is part of checker.
func (y *CopyCmd) Check(c *checks) {
	y.settings = storeSettings{
		database:  c.databaseOf("from", y.From, y.FromFile, "Give sqlite:PATH; only SQLite is copied so, PostgreSQL has pg_dump", "sqlite:"),
		issuer:    c.issuer(y.Issuer),
		masterKey: c.masterKey(y.MasterKey, y.MasterKeyFile),
	}
	if !y.AcceptLoss || !y.Back || y.To != "" || y.ToFile != "" {
		y.to = c.databaseOf("to", y.To, y.ToFile, "Give postgres://user@host/name", "postgres://", "postgresql://")
	}
	if y.AcceptLoss && !y.Back {
		c.refuse("accept-loss", "belongs to --back", "Leave it out: nothing is lost by a copy")
	}
	y.checkpoint = y.CheckpointFlags.check(y.MasterKeyFile)
}

// Run copies and compares, or goes back.
func (y *CopyCmd) Run(env *Environment) error {
	if path, missing := missingFile(y.settings.database); missing {
		return fmt.Errorf("there is no database %s.\nNext: correct --from", path)
	}
	source, err := models.ConnectAlone(env.Context, strings.TrimPrefix(y.settings.database, "sqlite:"), quietLog(env))
	if err != nil {
		return inUse(err)
	}
	if err := checkVersion(env, source); err != nil {
		return errors.Join(err, source.Close())
	}
	if err := source.CheckSchema(env.Context); err != nil {
		return errors.Join(withNextStep(err), source.Close())
	}
	work := y.copy
	if y.Back {
		work = y.goBack
	}
	return errors.Join(work(env, source), source.Close())
}

// inUse says what it means that a database cannot be had alone.
func inUse(err error) error {
	if outage, is := errors.AsType[*models.UnavailableError](err); is && outage.Outage == models.Busy {
		return fmt.Errorf("another program has the database open, a server or a command: %w.\n"+
			"Next: stop the server, so that nothing is written any more, and copy then", err)
	}
	return err
}

// owner is whose the database is.
func (y *CopyCmd) owner(env *Environment) models.Config {
	return models.Config{Issuer: y.settings.issuer, MasterKey: y.settings.masterKey, Now: env.Now, Rand: env.Rand}
}

func (y *CopyCmd) copy(env *Environment, source *models.Database) error {
	if err := y.inOrder(env, source); err != nil {
		return err
	}
	meter := meterOf(env)
	defer meter.end()
	report, err := source.CopyToPostgres(models.Telling(env.Context, meter.hear), models.Copying{
		Address: y.to, Now: env.Now, Log: quietLog(env),
		Migrated: func(names []string) { _, _ = fmt.Fprintf(env.Stdout, "applied %d migrations there\n", len(names)) },
		Copied:   func(done, all int64) { meter.tell(done, all, "rows copied") },
		Compared: func(done, all int64) { meter.tell(done, all, "rows compared") },
	})
	meter.end()
	if err != nil {
		return y.notCopied(env, source, err)
	}
	_, _ = fmt.Fprintf(env.Stdout, "copied to %s: %d rows in %d tables, each table compared. Nobody else had the database open meanwhile\n",
		report.To, report.Rows, report.Tables)
	if err := y.verify(env, source); err != nil {
		return notVerified(env, err)
	}
	_, err = fmt.Fprintf(env.Stdout, "Next: start the server with --database and that address, as a role that owns nothing (countersign migrate grants ROLE), "+
		"and with the same master key, issuer and checkpoint file. Keep %s as it is: no server starts on it any more. "+
		"To go back, as long as nothing was written to the copy: countersign copy --back\n", strings.TrimPrefix(y.settings.database, "sqlite:"))
	return err
}

// inOrder checks the source as a backup is checked before it is copied, but for the trail, which is verified in the copy.
func (y *CopyCmd) inOrder(env *Environment, source *models.Database) error {
	if err := source.CheckOwner(env.Context, y.owner(env)); err != nil {
		return err
	}
	vouched, err := source.VouchedAuditKeys(env.Context, y.owner(env))
	if err != nil {
		return err
	}
	if len(vouched.Keys) == 0 {
		return errors.New("no server has run on this database with this version of the program, which vouches for its keys.\n" +
			"Next: start the server with it once, stop it, and copy then")
	}
	if err := y.holdsKept(env, source); err != nil {
		return err
	}
	problems, err := source.CheckFile(env.Context)
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("the database is damaged, and is not copied:\n%s\nNext: restore a backup (countersign restore), and copy that",
			strings.Join(problems, "\n"))
	}
	return err
}

// holdsKept refuses a database that has fewer entries than were signed, before it is copied: no server would start on the copy.
func (y *CopyCmd) holdsKept(env *Environment, source *models.Database) error {
	note, err := y.checkpoint.read()
	if err != nil || len(note) == 0 {
		return err
	}
	head, err := source.Head(env.Context)
	if err != nil {
		return err
	}
	if kept := keptSize(y.settings.issuer, note); kept > head.Entries {
		return fmt.Errorf("a checkpoint of %d entries was signed, which %s keeps, and the database has %d: it is not the newest.\n"+
			"Next: copy the newest one; if there is none, countersign audit accept-loss", kept, y.checkpoint.name, head.Entries)
	}
	return nil
}

// notCopied adds to an error what to do about it. Of a database that has rows already it says how the two belong together.
func (y *CopyCmd) notCopied(env *Environment, source *models.Database, err error) error {
	full, isFull := errors.AsType[*models.TargetInUseError](err)
	_, isRow := errors.AsType[*models.CopyRowError](err)
	isAhead := errors.Is(err, models.ErrSchemaAhead)
	_, isUncertain := errors.AsType[*models.UncertainCopyError](err)
	outage, isOutage := errors.AsType[*models.UnavailableError](err)
	switch {
	case isOutage && outage.File == "" && !isUncertain && env.Context.Err() == nil: // PostgreSQL's
		return fmt.Errorf("%w. Nothing was copied.\nNext: %s", err, strings.ReplaceAll(nextAfterOutage(err), "--database", "--to"))
	case isUncertain:
		return fmt.Errorf("%w.\nNext: copy again: nothing is copied over a copy that is there, and it is said how many entries it has", err)
	case env.Context.Err() != nil:
		return fmt.Errorf("ended before it was whole (%w). Nothing was copied.\nNext: countersign copy, as before", err)
	case isFull && full.Ours:
		return fmt.Errorf("%w.\n%s\nNext: where it is not the copy that you want, make an empty database, and copy to that", err, y.compared(env, source))
	case isFull:
		return fmt.Errorf("%w.\nNext: make an empty database, and copy to that", err)
	case isRow:
		return fmt.Errorf("%w. Nothing was copied.\nNext: correct that row, or restore a backup and copy that", err)
	case isAhead:
		return fmt.Errorf("%w.\nNext: copy with the program that migrated it", err)
	}
	return err
}

// compared says how the source and what is there belong together.
func (y *CopyCmd) compared(env *Environment, source *models.Database) string {
	there, err := models.Connect(env.Context, y.to, quietLog(env))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = there.Close() }()
	text, err := compared(env.Context, there, source)
	if err != nil {
		return fmt.Sprintf("It cannot be compared with this one: %v", err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "backup:", "here:  "), "The backup is", "This one is")
}

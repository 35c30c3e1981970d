package main

import (
	"errors"
	"fmt"
	"strings"

	"countersign/models"
)

// BackupCmd is countersign backup. It needs no master key, so that whoever makes backups has none.
type BackupCmd struct {
	DatabaseFlags
	Issuer string `help:"The server's own address, which every entry of the trail carries." placeholder:"URL"`
	File   string `arg:"" help:"Where the copy goes; a file that is there is never overwritten. Until it is whole and checked it has .part behind its name, and one that is not sound keeps .not-sound."`

	address string `kong:"-"`
	issuer  string `kong:"-"`
}

// unsoundName is behind the name of a copy that did not pass its checks.
const unsoundName = ".not-sound"

// Check is part of checker.
func (b *BackupCmd) Check(c *checks) {
	b.address, b.issuer = c.database(b.Database, b.DatabaseFile), c.issuer(b.Issuer)
	c.onlySQLite(b.address, `Back it up with its own programs, while the server runs: pg_dump --format=custom --file=FILE "ADDRESS", `+
		`or pg_basebackup --pgdata=FOLDER with a WAL archive. Then check what was restored of it: countersign audit verify`)
}

// onlySQLite refuses PostgreSQL, of which no copy is a file.
func (c *checks) onlySQLite(address, todo string) {
	if address != "" && !strings.HasPrefix(address, "sqlite:") {
		c.refuse("database", "it is PostgreSQL, which this command does not copy", todo)
	}
}

// Run copies, checks, and gives the copy its name.
func (b *BackupCmd) Run(env *Environment) (err error) {
	part, err := newPart(b.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, part.end()) }()
	if err := b.copy(env, part); err != nil {
		return err
	}
	found, err := checkCopy(env, part.Name(), b.issuer)
	if err != nil {
		return err
	}
	if len(found.problems) > 0 {
		return b.keepUnsound(env, part, found)
	}
	if err := part.publish(b.File); err != nil {
		return err
	}
	info, err := part.Stat()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "backed up to %s, %s: %s; %s. The master key is not in it, and without that nothing opens it\n",
		b.File, mebibytes(info.Size()), headText(found.head), found.verdict())
	return err
}

// copy copies the database as it is now.
func (b *BackupCmd) copy(env *Environment, part *partFile) error {
	database, err := openDatabase(env, b.address, quietLog(env))
	if err != nil {
		return err
	}
	meter := meterOf(env)
	defer meter.end()
	if err = database.CheckIssuer(env.Context, b.issuer); err == nil {
		err = database.CopyTo(env.Context, part.Name(), func(done, all int64) { meter.tell(done, all, "pages copied") })
	}
	if full, is := errors.AsType[*models.NoRoomError](err); is {
		err = fmt.Errorf("%w. Nothing was backed up.\nNext: make room there, or name a file on another disk", full)
	}
	return errors.Join(err, database.Close())
}

// keepUnsound keeps what may be all that is left, under a name that says so.
func (b *BackupCmd) keepUnsound(env *Environment, part *partFile, found copyFound) error {
	name := b.File + unsoundName
	if err := part.publish(name); err != nil {
		return err
	}
	for _, line := range found.problems {
		_, _ = fmt.Fprintln(env.Stdout, line)
	}
	return fmt.Errorf("the copy is NOT SOUND, and so is the database: it was kept as %s.\n"+
		"Next: countersign audit verify; keep the backups from before, and find out what happened", name)
}

// mebibytes is a size for people.
func mebibytes(size int64) string { return fmt.Sprintf("%.1f MiB", float64(size)/(1<<20)) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"countersign/models"
)

// migration brings a schema up to date, and says first what that will do.
type migration struct {
	address string
	backup  bool              // copy a SQLite database before it is changed
	say     func(line string) // what will be done, before it is
}

// up says what is to be done, backs up, and does it; ctx is of that. A new database has nothing to lose.
func (m *migration) up(ctx context.Context, env *Environment, database *models.Database) ([]string, error) {
	plan, err := database.PlanMigrations(env.Context)
	if err == nil && plan.From > 0 && len(plan.Waiting) > 0 {
		err = m.before(env, database, plan)
	}
	if err != nil {
		return nil, err
	}
	return database.MigrateUp(ctx)
}

func (m *migration) before(env *Environment, database *models.Database, plan models.MigrationPlan) error {
	m.say(fmt.Sprintf("from migration %d to %d: %s", plan.From, plan.To, besideWords(plan)))
	file, is := strings.CutPrefix(m.address, "sqlite:")
	switch {
	case !is:
		m.say("no backup of PostgreSQL is made here: pg_dump makes one (docs/operations.md, Update)")
		return nil
	case !m.backup:
		return m.tidy(file + copyBeforeName)
	}
	if err := m.tidy(file + copyBeforeName); err != nil {
		return notBackedUp(err)
	}
	name := fmt.Sprintf("%s%s%d.%s", file, copyBeforeName, plan.From, env.Now().UTC().Format("2006-01-02T150405Z"))
	size, err := copyBefore(env, database, file, name)
	if err != nil {
		return err
	}
	m.say(fmt.Sprintf("backed up to %s, %s; nothing removes it: do so when the update has proved itself", name, mebibytes(size)))
	return nil
}

// copyBeforeName stands between the names of a database and of its copy.
const copyBeforeName = ".schema-"

// tidy removes what runs before left that were killed as they copied.
func (m *migration) tidy(prefix string) error {
	removed, err := removeLeft(prefix)
	for _, name := range removed {
		m.say("removed " + name + ": a copy that was cut off, and not whole")
	}
	return err
}

// besideWords says what becomes of programs that know no more than the database has now.
func besideWords(plan models.MigrationPlan) string {
	if plan.Beside() {
		return fmt.Sprintf("programs that know migration %d may go on, and be started again", plan.From)
	}
	return fmt.Sprintf("stop programs that do not know migration %d first: they cannot go on", plan.Oldest)
}

// copyBefore copies the database into a new file, and reads all of that. It is not changed where that is not sound.
func copyBefore(env *Environment, database *models.Database, file, name string) (size int64, err error) {
	part, err := newPart(name)
	if err != nil {
		return 0, notBackedUp(err)
	}
	defer func() { err = errors.Join(err, part.end()) }()
	meter := meterOf(env)
	defer meter.end()
	err = database.CopyTo(env.Context, part.Name(), func(done, all int64) { meter.tell(done, all, "pages copied") })
	if full, is := errors.AsType[*models.NoRoomError](err); is {
		return 0, fmt.Errorf("%w. Nothing was changed.\nNext: make room for %s beside the database, or leave this copy out by --no-backup",
			full, mebibytes(sizeOf(file)+sizeOf(file+"-wal")))
	}
	if err != nil {
		return 0, notBackedUp(err)
	}
	problems, err := checkPages(env, part.Name())
	if err != nil {
		return 0, notBackedUp(err)
	}
	if len(problems) > 0 {
		return 0, fmt.Errorf("the database is NOT SOUND, and was not changed:\n%s\n"+
			"Next: find out what happened, and bring back a backup that is sound", strings.Join(problems, "\n"))
	}
	if err := part.publish(name); err != nil {
		return 0, notBackedUp(err)
	}
	return sizeOf(name), nil
}

func notBackedUp(err error) error {
	return fmt.Errorf("the backup before the update: %w. Nothing was changed.\nNext: mend that, or leave this copy out by --no-backup", err)
}

// checkPages reads a copy that nobody writes to, and returns what is wrong with it, a line each.
func checkPages(env *Environment, file string) (problems []string, err error) {
	copied, err := models.ConnectCopy(env.Context, file, quietLog(env))
	if err != nil {
		return nil, err
	}
	problems, err = copied.CheckFile(env.Context)
	return problems, errors.Join(err, copied.Close())
}

// sizeOf is a file's size, 0 for one that is not there.
func sizeOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

package main

import (
	"errors"
	"fmt"
	"time"

	"countersign/models"
)

// copyFound is what the checks of a copy came to.
type copyFound struct {
	problems []string // a line each; none: it is sound
	head     models.TrailHead
	behind   error // models.ErrSchemaBehind: an earlier program made it, so that trail and log cannot be read by this one
}

// verdict says what a copy without problems was checked for.
func (f copyFound) verdict() string {
	if f.behind != nil {
		return "whole, but its trail and log were not verified, since " + f.behind.Error()
	}
	return "whole, trail and log consistent with its own keys"
}

// checkCopy reads a copy that nobody writes to: each page, what rows refer to, and trail and log as audit verify does.
func checkCopy(env *Environment, file, issuer string) (copyFound, error) {
	database, err := models.ConnectCopy(env.Context, file, quietLog(env))
	if err != nil {
		return copyFound{}, err
	}
	found, err := checkOpened(env, database, issuer)
	return found, errors.Join(err, database.Close())
}

func checkOpened(env *Environment, database *models.Database, issuer string) (found copyFound, err error) {
	if found.problems, err = database.CheckFile(env.Context); err != nil || len(found.problems) > 0 {
		return found.unread(env, err)
	}
	if err := checkVersion(env, database); err != nil {
		return found, err
	}
	if found.head, err = database.Head(env.Context); err != nil {
		return found.unread(env, err)
	}
	if err := database.CheckSchema(env.Context); errors.Is(err, models.ErrSchemaBehind) {
		found.behind = err
		return found, nil
	} else if err != nil {
		return found, err
	}
	verify := &AuditVerifyCmd{issuer: issuer}
	report, log, err := verify.look(env, database)
	if err != nil {
		return found.unread(env, err)
	}
	if !report.OK() || !log.OK() {
		found.problems = append(report.Problems(), logProblems(log)...)
	}
	return found, nil
}

// unread turns an error of reading a copy into a problem of the copy: what cannot be read is not sound, and is kept. An end that
// somebody asked for, and a disk or file that cannot be read now, stay errors.
func (f copyFound) unread(env *Environment, err error) (copyFound, error) {
	outage, is := errors.AsType[*models.UnavailableError](err)
	if err == nil || env.Context.Err() != nil || is && outage.Outage != models.Damaged {
		return f, err
	}
	f.problems = append(f.problems, err.Error())
	return f, nil
}

// checkVersion refuses what this program cannot read: another kind of database, or one that asks for a newer program.
func checkVersion(env *Environment, database *models.Database) error {
	has, known, err := database.SchemaVersions(env.Context)
	switch {
	case err != nil:
		return err
	case has == 0:
		return errors.New("it is a database, but none of Countersign.\nNext: name a file that countersign backup made")
	case has > known:
		if err := database.CheckOldest(env.Context); err != nil {
			return fmt.Errorf("%w.\nNext: use the program that wrote it, or a newer one", err)
		}
	}
	return nil
}

// headText says how far a trail is.
func headText(head models.TrailHead) string {
	if head.Entries == 0 {
		return "no entries"
	}
	log := "no checkpoint yet"
	if head.Checkpoint > 0 {
		log = fmt.Sprintf("newest checkpoint of %d entries, signed %s", head.Checkpoint, momentText(head.SignedAt))
	}
	return fmt.Sprintf("%d entries, the newest of %s, %s", head.Entries, momentText(head.Newest), log)
}

func momentText(moment models.Instant) string {
	return moment.Time().UTC().Format(time.DateTime + " UTC")
}

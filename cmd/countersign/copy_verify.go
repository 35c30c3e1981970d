package main

import (
	"errors"
	"fmt"

	"countersign/models"
)

// verify verifies the trail and the log of the copy as audit verify does, with the audit keys that the master key vouches for and the
// kept checkpoint, and holds its head against the source's.
func (y *CopyCmd) verify(env *Environment, source *models.Database) (err error) {
	there, err := models.Connect(env.Context, y.to, quietLog(env))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, there.Close()) }()
	is, err := there.Head(env.Context)
	if err != nil {
		return err
	}
	was, err := source.Head(env.Context)
	if err != nil {
		return err
	}
	if is != was {
		return fmt.Errorf("the copy's trail is another one than the source's.\nthere: %s\nhere:  %s\n"+
			"Next: find out who wrote to the copy; go back with countersign copy --back --accept-loss", headText(is), headText(was))
	}
	verify := &AuditVerifyCmd{issuer: y.settings.issuer}
	if verify.kept, err = y.checkpoint.read(); err != nil {
		return err
	}
	if verify.trusted, err = there.VouchedAuditKeys(env.Context, y.owner(env)); err != nil {
		return err
	}
	report, log, err := verify.look(env, there)
	if err != nil {
		return err
	}
	if report.OK() && log.OK() {
		_, err = fmt.Fprintf(env.Stdout, "verdict: sound, with the keys that the master key vouches for; %s\n", headText(is))
		return err
	}
	for _, line := range append(report.Problems(), logProblems(log)...) {
		_, _ = fmt.Fprintln(env.Stdout, line)
	}
	return errors.New("the copy is the same as the SQLite database, row for row, and both are NOT SOUND.\n" +
		"Next: find out what happened. To go back meanwhile: countersign copy --back")
}

// notVerified says of what was ended while the copy was verified that there is a copy.
func notVerified(env *Environment, err error) error {
	if env.Context.Err() == nil {
		return err
	}
	return fmt.Errorf("the copy is the site from now on; only its trail was not verified to the end: %w.\n"+
		"Next: countersign audit verify, with --database and the copy's address", err)
}

// goBack makes the SQLite database the site again.
func (y *CopyCmd) goBack(env *Environment, source *models.Database) error {
	meter := meterOf(env)
	defer meter.end()
	err := source.TakeBack(env.Context, models.TakingBack{
		Address: y.to, AcceptLoss: y.AcceptLoss, Now: env.Now, Log: quietLog(env),
		Compared: func(done, all int64) { meter.tell(done, all, "rows compared") },
	})
	differs, is := errors.AsType[*models.CopyDiffersError](err)
	_, isOther := errors.AsType[*models.OtherCopyError](err)
	switch {
	case isOther:
		return fmt.Errorf("%w. Nothing was changed.\nNext: give the copy's address as it was given then (--to); "+
			"where the copy is gone altogether, --accept-loss without --to", err)
	case is:
		return fmt.Errorf("the copy was written to: %w. What was written there is not here, and would be lost.\n"+
			"Next: go on with the copy. If its loss is accepted: countersign copy --back --accept-loss, then countersign audit accept-loss, "+
			"and tell the auditors (docs/operations.md)", differs)
	case errors.Is(err, models.ErrCopyInUse):
		return fmt.Errorf("%w.\nNext: stop it, wait for that time, and try again", err)
	case errors.Is(err, models.ErrNotCopied):
		return fmt.Errorf("%w.\nNext: nothing: the server starts on it", err)
	case err != nil:
		return err
	}
	what := "The copy was given up: no server starts on it any more"
	if y.to == "" {
		what = "The copy was not looked at: see to it that no server ever starts on it"
	}
	_, err = fmt.Fprintf(env.Stdout, "the SQLite database is the one to serve again. %s\nNext: start the server with --database %s\n", what,
		y.settings.database)
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"countersign/audit"
	"countersign/models"
)

const (
	importsInterval = 5 * time.Second // how often a server looks for an import that another process left
	longestPace     = 100 * time.Millisecond
	paceFactor      = 2
)

// pace waits twice as long as the last transaction of an import took: other programs that write to SQLite try again now and
// then, and find it free two times out of three.
func pace(env *Environment) models.ImportPace {
	return func(ctx context.Context, took time.Duration) error {
		return env.Wait(ctx, min(paceFactor*max(took, time.Millisecond), longestPace))
	}
}

// goOn applies an import to its end. told hears of each step.
func goOn(env *Environment, store *models.Store, id string, told func(models.ImportProgress)) (models.ImportProgress, error) {
	wait := pace(env)
	for {
		began := env.Now()
		progress, err := store.ContinueImport(env.Context, id)
		if err != nil || progress.Finished {
			return progress, err
		}
		told(progress)
		if err := wait(env.Context, env.Now().Sub(began)); err != nil {
			return progress, err
		}
	}
}

// applyImports finishes what pages of the console begin, and what other processes left, until the context ends. What keeps it
// from that is logged when it begins.
func applyImports(env *Environment, store *models.Store, log *slog.Logger) {
	known := ""
	for env.Context.Err() == nil {
		begun := store.ImportBegun()
		found, err := applyNext(env, store, log)
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		if problem != "" && problem != known && env.Context.Err() == nil {
			log.Error("importing accounts was interrupted: it goes on when the database answers again", "error", err)
		}
		if known = problem; !found || err != nil {
			waitFor(env, begun)
		}
	}
}

// applyNext applies an import that nobody is at, to its end; false when there is none.
func applyNext(env *Environment, store *models.Store, log *slog.Logger) (found bool, err error) {
	id, err := store.NextImport(env.Context)
	if err != nil || id == "" {
		return false, err
	}
	log.Info("importing accounts", "import", id)
	progress, err := goOn(env, store, id, func(models.ImportProgress) {})
	if err == nil {
		log.Info("accounts imported", "import", id, "added", progress.Added, "changed", progress.Changed, "passed_over", progress.PassedOver)
	}
	return true, err
}

// waitFor waits until an import begins here, or until it is time to look for one that another process left.
func waitFor(env *Environment, begun <-chan struct{}) {
	ctx, cancel := context.WithCancel(env.Context)
	defer cancel()
	go func() {
		select {
		case <-begun:
			cancel()
		case <-ctx.Done():
		}
	}()
	_ = env.Wait(ctx, importsInterval)
}

// importAll begins an import, after one that is under way, and applies it. What it says on the way goes to the error output.
func importAll(env *Environment, store *models.Store, list []models.ImportedAccount) (models.ImportProgress, error) {
	meter := meterOf(env)
	defer meter.end()
	told := func(progress models.ImportProgress) { meter.tell(int64(progress.Done), int64(progress.Lines), "lines") }
	for waited := false; ; waited = true {
		id, err := store.BeginImport(env.Context, list, audit.Actor{System: "command"}, pace(env))
		if err == nil {
			progress, err := goOn(env, store, id, told)
			if err == nil {
				meter.full()
			}
			return progress, interrupted(progress, err)
		}
		if !errors.Is(err, models.ErrImportRunning) {
			return models.ImportProgress{}, err
		}
		if !waited {
			_, _ = fmt.Fprintln(env.Stderr, "Another import is under way. This one begins after it.")
		}
		if err := finishOther(env, store); err != nil {
			return models.ImportProgress{}, err
		}
	}
}

// finishOther applies an import that another process left, or waits a little for one that is at work.
func finishOther(env *Environment, store *models.Store) error {
	id, err := store.NextImport(env.Context)
	if err != nil {
		return err
	}
	if id == "" {
		return env.Wait(env.Context, time.Second)
	}
	_, err = goOn(env, store, id, func(models.ImportProgress) {})
	return err
}

// interrupted says what has become of an import that could not be applied to its end.
func interrupted(progress models.ImportProgress, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the import was interrupted after %d of %d lines: %w\nNext: nothing is lost. A server, or the next import, finishes it",
		progress.Done, progress.Lines, err)
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"countersign/audit/tree"
	"countersign/models"
)

// keepCheckpointInterval is how old the kept checkpoint may get while the server runs.
const keepCheckpointInterval = time.Minute

// CheckpointFlags say where the last checkpoint is kept outside the database.
type CheckpointFlags struct {
	CheckpointFile string `help:"Where the server keeps the log's last checkpoint, outside the database: it does not start with one that is older. none: nowhere. Without it, the master key's file with .checkpoint behind its name, if there is such a file." placeholder:"FILE"`
}

// checkpointFile is where the last checkpoint is kept.
type checkpointFile struct {
	name   string // "": nowhere
	chosen bool   // by whoever runs the server: then it must be possible
}

func (f *CheckpointFlags) check(masterKeyFile string) checkpointFile {
	switch {
	case f.CheckpointFile == "none" || f.CheckpointFile == "" && masterKeyFile == "":
		return checkpointFile{}
	case f.CheckpointFile == "":
		return checkpointFile{name: masterKeyFile + ".checkpoint"}
	}
	return checkpointFile{name: f.CheckpointFile, chosen: true}
}

// read gives the kept checkpoint, nothing when there is none.
func (f *checkpointFile) read() ([]byte, error) {
	if f.name == "" {
		return nil, nil
	}
	note, err := os.ReadFile(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the log's kept checkpoint cannot be read: %w.\n"+
			"Next: let this program read and write the file, or name another one with --checkpoint-file", err)
	}
	return note, nil
}

// hold refuses a database that does not continue the kept checkpoint, and keeps the newest one.
func (f *checkpointFile) hold(ctx context.Context, store *models.Store, log *slog.Logger) error {
	note, err := f.read()
	if err == nil && len(note) > 0 {
		err = f.explain(store.HoldCheckpoint(ctx, note))
	}
	if err != nil {
		return err
	}
	err = f.keep(ctx, store)
	if err == nil || f.chosen {
		return f.unwritten(err)
	}
	log.WarnContext(ctx, "the log's last checkpoint is kept nowhere outside the database: an older one would not be noticed", "error", err,
		"next", "name a file that this program may write with --checkpoint-file, or none")
	f.name = ""
	return nil
}

// unwritten says of a file or folder that takes no checkpoint what to do about it; other errors stay as they are.
func (f *checkpointFile) unwritten(err error) error {
	if _, is := errors.AsType[*fs.PathError](err); !is {
		return err
	}
	return fmt.Errorf("the log's last checkpoint cannot be kept: %w.\nNext: let this program make files in %s, or name another file "+
		"with --checkpoint-file", err, filepath.Dir(f.name))
}

// takes reports why the first checkpoint cannot be kept there, where somebody has chosen the place; nothing is left in it.
func (f *checkpointFile) takes() error {
	if _, err := os.Stat(f.name); !f.chosen || err == nil {
		return nil
	}
	return f.unwritten(tryFile(filepath.Dir(f.name)))
}

// explain adds to an error of a kept checkpoint what to do about it.
func (f *checkpointFile) explain(err error) error {
	_, behind := errors.AsType[*models.LogBehindError](err)
	switch {
	case err == nil:
		return nil
	case behind:
		return fmt.Errorf("%w (%s).\nNext: bring back a newer copy of the database. If entries are lost for good, countersign audit accept-loss "+
			"lets the log go on from what is there; tell the auditors (docs/decisions/0046-merkle-log.md)", err, f.name)
	case errors.Is(err, tree.ErrNotACheckpoint):
		return fmt.Errorf("%s is not a checkpoint.\nNext: name another file with --checkpoint-file; the server makes it", f.name)
	}
	return fmt.Errorf("%s: %w.\nNext: name another file with --checkpoint-file", f.name, err)
}

// keep writes the newest checkpoint, where it is not there already. It goes over nothing but an earlier one of the same log: under a
// server that runs, too, the database may become an older one; and of a restored one the newest checkpoint may be earlier than the
// kept one, until the log has grown over the entries that are there.
func (f *checkpointFile) keep(ctx context.Context, store *models.Store) error {
	if f.name == "" {
		return nil
	}
	kept, err := f.read()
	if err == nil && len(kept) > 0 {
		err = f.explain(store.HoldCheckpoint(ctx, kept))
	}
	if err != nil {
		return err
	}
	note, err := store.LogCheckpoint(ctx)
	if errors.Is(err, models.ErrNotFound) || err == nil && bytes.Equal(note, kept) {
		return nil
	}
	if err != nil || keptSize(store.Issuer(), note) < keptSize(store.Issuer(), kept) {
		return err
	}
	return replaceFile(f.name, note)
}

// keepOn keeps the newest checkpoint now and then, and once more at the end. A problem is logged when it begins.
func (f *checkpointFile) keepOn(env *Environment, store *models.Store, log *slog.Logger) {
	known := ""
	for {
		ended := env.Wait(env.Context, keepCheckpointInterval) != nil
		ctx, cancel := context.WithTimeout(context.WithoutCancel(env.Context), keepCheckpointInterval)
		err := f.keep(ctx, store)
		cancel()
		problem := keepProblem(err)
		if problem != "" && problem != known && !store.MetOutage(env.Context, err) {
			log.Error("the log's last checkpoint is not kept outside the database", "error", err)
		}
		if known = problem; ended {
			return
		}
	}
}

// keepProblem is what kind of error it is, so that another number, or name of a part, in its text is nothing new.
func keepProblem(err error) string {
	_, behind := errors.AsType[*models.LogBehindError](err)
	file, is := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil:
		return ""
	case behind:
		return "behind"
	case is:
		return file.Err.Error()
	}
	return err.Error()
}

// replaceFile writes a file whole or not at all.
func replaceFile(name string, text []byte) error {
	part, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return err
	}
	if _, err = part.Write(text); err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}

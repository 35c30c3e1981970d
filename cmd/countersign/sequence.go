package main

import (
	"log/slog"
	"time"

	"countersign/models"
)

const (
	sequenceInterval = time.Second // how often the tree over the trail grows
	sequenceProgress = 100_000     // entries that wait or were added, of which a line of the log tells
)

// sequence lets the tree over the trail grow until the context ends, whichever process appends. What keeps it from that is
// logged when it begins.
func sequence(env *Environment, store *models.Store, log *slog.Logger) {
	known, told := "", int64(-1)
	for env.Context.Err() == nil {
		done, err := store.Sequence(env.Context)
		if env.Context.Err() != nil {
			return
		}
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		switch {
		case problem == known:
		case problem == "":
			log.Info("the log grows again", "size", done.Size)
		default:
			log.Error("the log was not extended", "error", err, "size", done.Size, "entries", done.Entries)
		}
		known = problem
		told = tellProgress(log, done, told)
		if err == nil && done.Behind() {
			continue // each step holds the write lock for a few inserts only
		}
		if env.Wait(env.Context, sequenceInterval) != nil {
			return
		}
	}
}

// tellProgress tells of a long trail that is sequenced, and returns the size that it told of last; -1 when there is none.
func tellProgress(log *slog.Logger, done models.Sequenced, told int64) int64 {
	waiting := done.Entries - done.Size
	switch {
	case told < 0 && waiting >= sequenceProgress, told >= 0 && waiting > 0 && done.Size-told >= sequenceProgress:
		log.Info("sequencing the log", "size", done.Size, "entries", done.Entries)
		return done.Size
	case told >= 0 && waiting == 0:
		log.Info("the log is sequenced", "size", done.Size)
		return -1
	}
	return told
}

package main

import (
	"errors"
	"log/slog"
	"time"

	"countersign/models"
)

const (
	sequenceInterval = time.Second // how often the tree over the trail grows
	sequenceReminder = time.Hour   // how often it is told that it does not grow
	sequenceProgress = 100_000     // entries that wait or were added, of which a line of the log tells
)

// sequence lets the tree over the trail grow until the context ends, whichever process appends.
func sequence(env *Environment, store *models.Store, log *slog.Logger) {
	tell := sequenceLog{Logger: log, now: env.Now, size: -1}
	for env.Context.Err() == nil {
		done, err := store.Sequence(env.Context)
		if env.Context.Err() != nil {
			return
		}
		if !store.MetOutage(env.Context, err) { // which the store has logged, as it will the end
			tell.problem(env.Now(), done, err)
		}
		tell.progress(done)
		if err == nil && done.Behind() {
			continue // each step holds the write lock for a few inserts only
		}
		if env.Wait(env.Context, sequenceInterval) != nil {
			return
		}
	}
}

// sequenceLog tells how the tree grows.
type sequenceLog struct {
	*slog.Logger
	now  func() time.Time
	pace models.Pace
	kind string    // of what keeps it from growing; "" when nothing does
	told time.Time // when that was told last
	size int64     // that was told of last, of a long trail; -1: there is none
}

// problem tells what keeps the tree from growing when it begins, once an hour while it goes on, and when it is over.
func (l *sequenceLog) problem(now time.Time, done models.Sequenced, err error) {
	kind, next := sequenceProblem(err)
	switch {
	case kind == "" && l.kind != "":
		l.Info("the log grows again", "size", done.Size)
	case kind != "" && (kind != l.kind || now.Sub(l.told).Abs() >= sequenceReminder):
		l.Error("the log was not extended", "error", err, "size", done.Size, "entries", done.Entries, "next", next)
		l.told = now
	}
	l.kind = kind
}

// sequenceProblem is what kind of error it is, so that another number in its text is nothing new, and what to do about it.
func sequenceProblem(err error) (kind, next string) {
	_, refused := errors.AsType[*models.LogRefusedError](err)
	switch {
	case err == nil:
		return "", ""
	case refused:
		return "refused", "countersign audit verify names what was changed; when a backup was restored, " +
			"docs/decisions/0046-merkle-log.md says what follows; entries go on being written"
	}
	return err.Error(), "it is tried again each second"
}

// progress tells of a long trail that is sequenced.
func (l *sequenceLog) progress(done models.Sequenced) {
	waiting, pace := done.Entries-done.Size, []any{"size", done.Size, "entries", done.Entries}
	if rate, left := l.pace.Of("entries", done.Size, done.Entries, l.now()); rate > 0 {
		pace = append(pace, "per_second", int64(rate), "left", left.Round(time.Second))
	}
	switch {
	case l.size < 0 && waiting >= sequenceProgress, l.size >= 0 && waiting > 0 && done.Size-l.size >= sequenceProgress:
		l.Info("sequencing the log", pace...)
		l.size = done.Size
	case l.size >= 0 && waiting == 0:
		l.Info("the log is sequenced", "size", done.Size)
		l.size = -1
	}
	if waiting == 0 {
		l.pace = models.Pace{}
	}
}

package main

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/metrics"
	"countersign/models"
	"countersign/models/modelstest"
)

// What goes on beside requests meets an outage of the database again and again. It is one line in the log, and one when a
// probe has written again, whoever met it first.
func TestAnOutageBesideRequestsIsTwoLines(t *testing.T) {
	s := newSequenced(t)
	var lines textBuffer
	log := slog.New(slog.NewTextHandler(&lines, nil))
	address := "sqlite:" + s.file
	database, err := models.ConnectWaiting(t.Context(), address, 20*time.Millisecond, log)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	store, err := models.Open(t.Context(), database,
		models.Config{Issuer: "https://id.example", Now: s.env.Now, Rand: s.env.Rand, MasterKey: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	told := metrics.New("test")
	s.append()
	release := modelstest.Hold(t, address)
	kept := checkpointFile{name: filepath.Join(t.TempDir(), "checkpoint")}
	for _, work := range []func(*Environment){
		func(env *Environment) { sequence(env, store, log) },
		func(env *Environment) { keepKeys(env, store, time.Hour, log) },
		func(env *Environment) { kept.keepOn(env, store, log) },
		func(env *Environment) { probe(env, store, log) },
		func(env *Environment) { sweep(env, store, told, log) },
	} {
		turns := 0
		env := *s.env
		ctx, cancel := context.WithCancel(t.Context())
		env.Context, env.Wait = ctx, func(context.Context, time.Duration) error {
			if turns++; turns == 3 {
				cancel()
			}
			return ctx.Err()
		}
		work(&env)
		cancel()
	}
	s.now = s.now.Add(2 * time.Minute)
	release()
	if err := store.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	lost := []string{}
	for line := range strings.Lines(lines.String()) {
		if !strings.Contains(line, "level=INFO") {
			lost = append(lost, line)
		}
	}
	requireLines(t, strings.Join(lost, ""), []string{
		`level=ERROR msg="the database is lost"`, `msg="the database works again" was="the database is busy" lasted=2m0s requests_failed=0`,
	})
}

// A process that is not ready looks again every two seconds, so that a balancer sends to it again soon after its database is back.
func TestProbesComeSoonerWhileNotReady(t *testing.T) {
	s := newSequenced(t)
	other, err := sql.Open("sqlite3", "file:"+s.file)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	rename := func(table, name string) {
		if _, err := other.ExecContext(t.Context(), "ALTER TABLE "+table+" RENAME TO "+name); err != nil {
			t.Fatal(err)
		}
	}
	waits := []time.Duration{}
	env := *s.env
	env.Wait = func(_ context.Context, pause time.Duration) error {
		waits = append(waits, pause)
		switch len(waits) {
		case 2:
			rename("readiness", "away")
		case 4:
			rename("away", "readiness")
		case 5:
			return context.Canceled
		}
		return nil
	}
	probe(&env, s.store, slog.New(slog.DiscardHandler))
	want := []time.Duration{models.ProbeInterval, models.ProbeInterval, models.ProbeAgain, models.ProbeAgain, models.ProbeInterval}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
}

package main

import (
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// A start asks the database as often with many clients, requests and events as with few, and asks nothing that walks over them.
// Only the proof that the log continues a kept checkpoint, where that is not the newest one, reads with the logarithm of the entries.
func TestAStartAsksNoMoreWithMoreRows(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			env := modelstest.Open(t, modelstest.Migrated(t, dialect), models.Policy{})
			env.Account(t, "K-1")
			kept := checkpointFile{name: filepath.Join(t.TempDir(), "checkpoint"), chosen: true}
			few, many := 0, 0
			for i, asked := range []*int{&few, &many} {
				for range 10 + 90*i {
					env.Request(t, env.Client(t), "K-1")
				}
				if _, err := env.Sequence(t.Context()); err != nil {
					t.Fatal(err)
				}
				startOf(t, env, kept) // keeps the newest checkpoint
				*asked = startOf(t, env, kept)
			}
			if few == 0 || many != few {
				t.Errorf("a start asks %d statements with few rows and %d with many", few, many)
			}
		})
	}
}

// startOf is all that a server does before it listens, and returns how many statements it asked.
func startOf(t *testing.T, env *modelstest.Env, kept checkpointFile) (asked int) {
	t.Helper()
	database := modelstest.Connect(t, env.Address)
	database.Watch(func(string, []any) { asked++ })
	store, err := models.Open(t.Context(), database, models.Config{
		Issuer: modelstest.Issuer, Now: env.Clock.Now, Rand: rand.Reader, MasterKey: modelstest.MasterKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	serve := ServeCmd{settings: serveSettings{checkpoint: kept}}
	if err := serve.look(&Environment{Context: t.Context(), Now: env.Clock.Now}, store, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return asked
}

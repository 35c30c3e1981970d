package models_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/models/modelstest"
)

// docs/decisions/0041-practice.md: an empty database becomes one for practice once, is filled to its end,
// says so in its trail, and is never served as a real one; a real one never becomes one.
func TestPracticeDatabase(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		ctx := t.Context()
		if err := env.RefusePractice(ctx); err != nil {
			t.Errorf("a new database is refused: %v", err)
		}
		filled, broken := 0, errors.New("broken off")
		fill := func(context.Context) error {
			filled++
			if filled == 1 {
				return broken
			}
			return nil
		}
		for i, want := range []error{broken, nil, nil} {
			if err := env.Practice(ctx, fill); !errors.Is(err, want) {
				t.Errorf("time %d: %v, want %v", i+1, err, want)
			}
		}
		if filled != 2 {
			t.Errorf("filled %d times, want twice: once broken off, once to the end", filled)
		}
		if err := env.RefusePractice(ctx); !errors.Is(err, models.ErrPracticeDatabase) {
			t.Errorf("served as a real one: %v", err)
		}
		entries, err := env.Trail(ctx, audit.Filter{Type: audit.PracticeBegun})
		if err != nil || len(entries) != 1 {
			t.Errorf("the trail has %d entries that it began (%v)", len(entries), err)
		}
	})
}

func TestRealDatabaseIsNoPractice(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		ctx := t.Context()
		read := accountcsv.Read(strings.NewReader("identifiers,name,date_of_birth,contact,status\nC-1,Ana Lima,,,\n"), env.Now())
		if _, err := env.ImportAccounts(ctx, read.Accounts, audit.Actor{System: "command"}); err != nil {
			t.Fatal(err)
		}
		fill := func(context.Context) error { t.Error("is filled"); return nil }
		if err := env.Practice(ctx, fill); !errors.Is(err, models.ErrRealDatabase) {
			t.Errorf("a real database: %v", err)
		}
		if err := env.RefusePractice(ctx); err != nil {
			t.Errorf("and is marked: %v", err)
		}
	})
}

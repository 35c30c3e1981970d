package models_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// openAgain opens a store at an address, at a time.
func openAgain(t *testing.T, env *modelstest.Env, address string) (*models.Store, error) {
	t.Helper()
	return models.Open(env.Context, modelstest.Connect(t, address), models.Config{
		Issuer: modelstest.Issuer, Now: env.Clock.Now, Rand: rand.Reader, MasterKey: modelstest.MasterKey(), Policy: env.Policy(),
	})
}

// copiedTo copies a store's database, and returns the source's file, closed, and the copy's address.
func copiedTo(t *testing.T, env *modelstest.Env) (file, address string) {
	t.Helper()
	source := copyOf(t, env)
	file, address = filePath(t, source), modelstest.Empty(t, "postgres")
	if _, err := source.CopyToPostgres(env.Context, copying(env, address)); err != nil {
		t.Fatal(err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	return file, address
}

// back is the way back.
func back(env *modelstest.Env, address string, acceptLoss bool) models.TakingBack {
	return models.TakingBack{Address: address, AcceptLoss: acceptLoss, Now: env.Clock.Now, Log: slog.New(slog.DiscardHandler)}
}

// docs/protocol.md §6 moved-site: no store opens what was copied; while nothing was written to the copy the way back is open, and then
// no store opens the copy. There is no time at which both are open.
func TestOnlyOneOfTheTwoIsTheSite(t *testing.T) {
	site := newCopiedSite(t)
	file, address := copiedTo(t, site.Env)
	requireCopied(t, site.Env, "sqlite:"+file, "was copied to PostgreSQL (")
	if _, err := openAgain(t, site.Env, address); err != nil {
		t.Fatalf("the copy: %v", err)
	}
	file, address = copiedTo(t, site.Env)
	source := alone(t, file)
	if err := source.TakeBack(site.Context, back(site.Env, address, false)); err != nil {
		t.Fatal(err)
	}
	requireCopied(t, site.Env, address, "this copy was given up at ")
	if err := source.TakeBack(site.Context, back(site.Env, address, false)); !errors.Is(err, models.ErrNotCopied) {
		t.Errorf("twice: %v", err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openAgain(t, site.Env, "sqlite:"+file); err != nil {
		t.Errorf("the source is not the site again: %v", err)
	}
}

func requireCopied(t *testing.T, env *modelstest.Env, address, words string) {
	t.Helper()
	_, err := openAgain(t, env, address)
	var gone *models.CopiedError
	if !errors.As(err, &gone) || !strings.Contains(err.Error(), words) {
		t.Errorf("opened, or refused otherwise: %v", err)
	}
}

// What was written to the copy is not lost by going back, unless that is accepted; a server that has it open is to be stopped first.
func TestGoingBackLosesNothing(t *testing.T) {
	site := newCopiedSite(t)
	file, address := copiedTo(t, site.Env)
	there := modelstest.Open(t, address, site.Policy())
	there.Clock.Set(site.Clock.Now())
	if err := there.Probe(there.Context); err != nil {
		t.Fatal(err)
	}
	source := alone(t, file)
	if err := source.TakeBack(site.Context, back(site.Env, address, true)); !errors.Is(err, models.ErrCopyInUse) {
		t.Errorf("while a server runs: %v", err)
	}
	there.Account(t, "new@example.com")
	site.Clock.Advance(2 * time.Minute)
	var differs *models.CopyDiffersError
	if err := source.TakeBack(site.Context, back(site.Env, address, false)); !errors.As(err, &differs) || differs.Copy != differs.Source+1 {
		t.Errorf("after an account: %v", err)
	}
	if err := source.CheckCopied(site.Context); err == nil {
		t.Error("the source is the site again")
	}
	if err := there.CheckCopied(site.Context); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if err := source.TakeBack(site.Context, back(site.Env, address, true)); err != nil {
		t.Errorf("where the loss is accepted: %v", err)
	}
	requireCopied(t, site.Env, address, "this copy was given up at ")
	file, _ = copiedTo(t, site.Env)
	if err := alone(t, file).TakeBack(site.Context, back(site.Env, "", true)); err != nil {
		t.Errorf("where the copy is gone: %v", err)
	}
}

// A copy that has the same rows and was made elsewhere, for a rehearsal, is not the copy: it stays as it is, and the copy is the site.
func TestGoingBackFromAnotherCopy(t *testing.T) {
	site := newCopiedSite(t)
	_, rehearsal := copiedTo(t, site.Env)
	file, address := copiedTo(t, site.Env)
	source := alone(t, file)
	for _, acceptLoss := range []bool{false, true} {
		var other *models.OtherCopyError
		if err := source.TakeBack(site.Context, back(site.Env, rehearsal, acceptLoss)); !errors.As(err, &other) {
			t.Errorf("loss accepted: %t: %v", acceptLoss, err)
		}
	}
	if err := source.CheckCopied(site.Context); err == nil {
		t.Error("the source is the site again, beside its copy")
	}
	for _, copied := range []string{rehearsal, address} {
		if _, err := openAgain(t, site.Env, copied); err != nil {
			t.Errorf("%s: %v", copied, err)
		}
	}
}

// Where the copy never came to be, between the mark and the commit, nothing is lost by going back, and it can be made again.
func TestGoingBackFromNoCopy(t *testing.T) {
	site := newCopiedSite(t)
	source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
	asked := copying(site.Env, address)
	asked.Compared = func(int64, int64) { cutConnections(t, address) } // the last row is compared
	if _, err := source.CopyToPostgres(site.Context, asked); err == nil {
		t.Fatal("it was committed")
	}
	if err := source.TakeBack(site.Context, back(site.Env, address, false)); err != nil {
		t.Error(err)
	}
	if err := source.CheckCopied(site.Context); err != nil {
		t.Errorf("the source: %v", err)
	}
	if _, err := source.CopyToPostgres(site.Context, copying(site.Env, address)); err != nil {
		t.Errorf("again: %v", err)
	}
}

package modelstest

import (
	"context"
	"testing"

	"countersign/models"
)

// FinishImport goes on with the import that a page began, as a server's worker does.
func FinishImport(ctx context.Context, t testing.TB, store *models.Store) models.ImportProgress {
	t.Helper()
	id, err := store.NextImport(ctx)
	if err != nil || id == "" {
		t.Fatalf("the import to finish is %q, %v", id, err)
	}
	for {
		progress, err := store.ContinueImport(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if progress.Finished {
			return progress
		}
	}
}

// FinishImport is the function for the environment's store.
func (e *Env) FinishImport(t testing.TB) models.ImportProgress {
	t.Helper()
	return FinishImport(e.Context, t, e.Store)
}

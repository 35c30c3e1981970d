package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// An import is checked whole before it changes anything. Then its lines are staged, and applied in transactions that
// nobody waits long for, each account whole (docs/decisions/0038-imports-in-batches.md). Its states:
//
//	staging  ─▶ applying ─▶ finished
//	   └─▶ abandoned         (its process died before the lines were all there: nothing is imported)
//
// From applying on it will be finished, by this process or by another one.
const (
	importStaging   = "staging"
	importApplying  = "applying"
	importFinished  = "finished"
	importAbandoned = "abandoned"
)

// Bounds of one transaction of an import. They keep it well below the tenth of a second that others may have to wait.
const (
	importLines       = 100                   // that are applied in it, at most
	importIdentifiers = 300                   // of these lines, unless one alone has more
	importTime        = 25 * time.Millisecond // after which no further lines are begun
	importEvents      = 60                    // after which none are begun either: they are signed at the end
	importStep        = 20                    // lines between two looks at the clock, with as many events at most
	importChunks      = 8                     // that are staged, or removed, in it
)

// importSilence is how long a process does nothing for its import before another takes it up.
const importSilence = 5 * time.Second

// importKept is how long it can be asked how an import ended. The trail knows for good.
const importKept = 24 * time.Hour

// Why an import does not begin, or does not go on.
var (
	ErrImportRunning   = errors.New("another import is under way")
	ErrImportAbandoned = errors.New("the import took too long to begin, and another process gave it up: nothing was imported")
)

// ImportPace waits between two transactions of an import, so that others write meanwhile. took is how long the last one was.
type ImportPace func(ctx context.Context, took time.Duration) error

// ImportAccounts adds accounts and updates those that an identifier names, and returns when it is done. An identifier that a
// line leaves out is taken away from its account. by says who imports. Errors: those of BeginImport.
func (s *Store) ImportAccounts(ctx context.Context, list []ImportedAccount, by audit.Actor) (ImportResult, error) {
	id, err := s.BeginImport(ctx, list, by, nil)
	for err == nil {
		var progress ImportProgress
		if progress, err = s.ContinueImport(ctx, id); err == nil && progress.Finished {
			return progress.ImportResult, nil
		}
	}
	return ImportResult{}, err
}

// BeginImport checks the accounts and stages what they change. From its return on the import will be finished: call
// ContinueImport until it is. Errors: an ImportError joined for every line that cannot be taken, ErrImportRunning,
// ErrImportAbandoned; nothing was imported then.
func (s *Store) BeginImport(ctx context.Context, list []ImportedAccount, by audit.Actor, pace ImportPace) (id string, err error) {
	if err := s.noImportRuns(ctx); err != nil {
		return "", err
	}
	plan, err := s.reader(ctx).planImport(list)
	if err != nil {
		return "", err
	}
	row := AccountImport{Unchanged: plan.Unchanged, TouchedAt: At(s.now())}
	if by.Staff != "" {
		row.StaffID = &by.Staff
	}
	return s.stage(ctx, row, stagedLines(list, plan), pace)
}

// noImportRuns refuses a second import, before anything is done for it. One whose process died while it staged is given up.
func (s *Store) noImportRuns(ctx context.Context) error {
	row, err := s.runningImport(ctx)
	switch {
	case err != nil || row.ID == "":
		return err
	case row.State == importStaging && row.isSilent(At(s.now())):
		return s.abandonImport(ctx, row.ID)
	}
	return ErrImportRunning
}

func (s *Store) runningImport(ctx context.Context) (row AccountImport, err error) {
	err = s.reading(ctx).Where("state IN ?", []string{importStaging, importApplying}).Limit(1).Find(&row).Error
	return row, err
}

func (i AccountImport) isSilent(now Instant) bool { return i.TouchedAt <= now.Add(-importSilence) }

// NextImport returns the import that this process is to go on with: one that a page of the console began, or whose process
// has been silent for a while. It is "" when there is none. One of several processes gets it.
func (s *Store) NextImport(ctx context.Context) (id string, err error) {
	row, err := s.runningImport(ctx)
	if err != nil || row.ID == "" || !row.isSilent(At(s.now())) {
		return "", err
	}
	if row.State == importStaging {
		return "", s.abandonImport(ctx, row.ID)
	}
	err = s.write(ctx, func(tx *tx) error {
		taken := tx.importIn(importApplying, row.ID).Where("touched_at = ?", row.TouchedAt).
			Updates(map[string]any{"touched_at": tx.now, "interrupted": row.Interrupted || row.TouchedAt > 0})
		if id = ""; taken.RowsAffected == 1 {
			id = row.ID
		}
		return taken.Error
	})
	return id, err
}

// importIn is the import if it is in the state.
func (t *tx) importIn(state, id string) *gorm.DB {
	return t.Model(&AccountImport{}).Where("id = ? AND state = ?", id, state)
}

// ImportBegun returns a channel that is closed when a page of this process begins the next import. Ask for it before
// NextImport.
func (s *Store) ImportBegun() <-chan struct{} { return s.imports.next() }

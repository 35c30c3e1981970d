package models

import (
	"context"
	"errors"
	"iter"
	"strings"

	"countersign/audit"
	"countersign/audit/term"
)

// ImportProgress says how far an import is.
type ImportProgress struct {
	ImportResult        // so far
	ID           string // "" when there was none
	Lines        int    // that change something
	Done         int    // of them
	PassedOver   int    // of these: somebody else changed their accounts after the file was checked
	PassedLines  []int  // their numbers in the file, the first MaxListed
	Finished     bool
	At           Instant // when it began
}

func (i AccountImport) progress() ImportProgress {
	return ImportProgress{
		ImportResult: ImportResult{Added: i.Added, Changed: i.Changed, Unchanged: i.Unchanged}, ID: i.ID, Lines: i.Total, Done: i.Done,
		PassedOver: i.PassedOver, PassedLines: i.PassedLines, Finished: i.State == importFinished, At: i.CreatedAt,
	}
}

// LastImport says how far the import is that is under way, or how the last one ended; its ID is "" when there was none within
// a day.
func (s *Store) LastImport(ctx context.Context) (ImportProgress, error) {
	var row AccountImport
	err := s.reading(ctx).Where("state <> ?", importAbandoned).
		Order("CASE WHEN finished_at = 0 THEN 0 ELSE 1 END, created_at DESC").Limit(1).Find(&row).Error
	return row.progress(), err
}

// ContinueImport applies the next lines of an import in one transaction, which takes no longer than others can wait. It does
// nothing when all are applied. Several processes may call it; each line is applied once. Error: ErrNotFound.
func (s *Store) ContinueImport(ctx context.Context, id string) (ImportProgress, error) {
	const attempts = 4
	var row AccountImport
	var err error
	for range attempts {
		err = s.write(ctx, func(tx *tx) error {
			row = AccountImport{}
			if err := tx.forUpdate().Where("id = ?", id).First(&row).Error; err != nil {
				return notFound(err)
			}
			tx.readClock()
			if row.State != importApplying {
				return nil
			}
			return tx.applySome(&row)
		})
		if !errors.Is(err, ErrExists) { // else another account has just got an identifier, which the next attempt sees
			break
		}
	}
	return row.progress(), err
}

// applySome applies lines of the next chunk while there is time.
func (t *tx) applySome(row *AccountImport) error {
	began := t.store.now()
	chunk, lines, err := t.nextLines(row)
	if err != nil {
		return err
	}
	planned, err := t.planBatch(lines)
	if err != nil {
		return err
	}
	batch := importBatch{tx: t, by: row.facts()}
	done := 0
	for some := range importSteps(planned) {
		if done > 0 && (t.store.now().Sub(began) >= importTime || len(batch.events) >= importEvents) {
			break
		}
		if err := batch.apply(some); err != nil {
			return err
		}
		row.count(some)
		done += len(some)
	}
	if done == len(lines) {
		if err := t.Delete(&chunk).Error; err != nil {
			return err
		}
	}
	if err := batch.record(); err != nil {
		return err
	}
	if row.Done == row.Total {
		return t.finishImport(row)
	}
	return t.keepImport(row)
}

// importSteps puts lines together that are applied between two looks at the clock.
func importSteps(planned []PlannedLine) iter.Seq[[]PlannedLine] {
	return func(yield func([]PlannedLine) bool) {
		for begin := 0; begin < len(planned); {
			end, events := begin, 0
			for end < len(planned) && end-begin < importStep && events < importStep {
				events += len(planned[end].reasons())
				end++
			}
			if !yield(planned[begin:end]) {
				return
			}
			begin = end
		}
	}
}

// nextLines reads the chunk that is next, and of its lines those that are not applied.
func (t *tx) nextLines(row *AccountImport) (AccountImportChunk, []stagedLine, error) {
	var chunk AccountImportChunk
	if err := t.Where("import_id = ?", row.ID).Order("first").First(&chunk).Error; err != nil {
		return chunk, nil, err
	}
	lines, err := t.store.openChunk(chunk)
	if err != nil {
		return chunk, nil, err
	}
	return chunk, lines[row.Done-chunk.First:], nil
}

// count adds lines to what is done.
func (i *AccountImport) count(lines []PlannedLine) {
	i.Done += len(lines)
	for _, line := range lines {
		switch line.Kind {
		case LineAdded:
			i.Added++
		case LineChanged:
			i.Changed++
		case LineUnchanged:
			i.Unchanged++
		default:
			if i.PassedOver++; len(i.PassedLines) < MaxListed {
				i.PassedLines = append(i.PassedLines, line.Line)
			}
		}
	}
}

// facts are who imports.
func (i AccountImport) facts() audit.Facts {
	if i.StaffID == nil {
		return audit.Facts{Actor: &audit.Actor{System: string(term.SystemCommand)}}
	}
	return audit.Facts{Actor: &audit.Actor{Staff: *i.StaffID}, Session: deref(i.SessionID)}
}

// keepImport writes how far it is.
func (t *tx) keepImport(row *AccountImport) error {
	row.TouchedAt = t.now
	return t.importIn(importApplying, row.ID).Select("state", "done", "added", "changed", "unchanged", "passed_over", "passed_lines",
		"touched_at", "finished_at").Updates(row).Error
}

// finishImport ends it with its one event.
func (t *tx) finishImport(row *AccountImport) error {
	row.State, row.FinishedAt = importFinished, t.now
	if err := t.keepImport(row); err != nil {
		return err
	}
	facts, count := row.facts(), row.Added+row.Changed
	facts.Count = &count
	var notes []string
	if row.Interrupted {
		notes = append(notes, string(term.ImportInterrupted))
	}
	if row.PassedOver > 0 {
		notes = append(notes, string(term.ImportPassedOver))
	}
	facts.Reason = strings.Join(notes, " ")
	_, err := t.record(audit.Event{Type: audit.AccountsImported, Facts: facts})
	return err
}

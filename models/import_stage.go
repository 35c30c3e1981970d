package models

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"countersign/models/keys"

	"gorm.io/gorm"
)

// stagedLine is a line of an accounts file that waits to be applied, with what it was to change when the file was checked.
type stagedLine struct {
	Account ImportedAccount
	Expects string // the plannedLine's fingerprint
}

// stagedLines are the lines that change something.
func stagedLines(list []ImportedAccount, plan ImportPlan) []stagedLine {
	var lines []stagedLine
	for i, planned := range plan.Lines {
		if planned.Kind != LineUnchanged {
			lines = append(lines, stagedLine{list[i], planned.fingerprint()})
		}
	}
	return lines
}

// stage keeps the lines, and then begins the import. Until that it can be given up, and no account knows of it.
// Errors: ErrImportRunning, ErrImportAbandoned.
func (s *Store) stage(ctx context.Context, row AccountImport, lines []stagedLine, pace ImportPace) (id string, err error) {
	if row.ID, err = newID(s.rand); err != nil {
		return "", err
	}
	takenUp := row.TouchedAt
	row.State, row.Total, row.PassedLines, row.TouchedAt = importStaging, len(lines), []int{}, At(s.now())
	err = s.write(ctx, func(tx *tx) error {
		row.CreatedAt = tx.now
		return tx.Create(&row).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return "", ErrImportRunning
	} else if err != nil {
		return "", err
	}
	first := 0
	for some := range slices.Chunk(inChunks(lines), importChunks) {
		if first, err = s.stageSome(ctx, row.ID, first, some, pace); err != nil {
			return "", err
		}
	}
	return row.ID, s.accept(ctx, row, takenUp)
}

// inChunks puts as many lines together as one transaction applies.
func inChunks(lines []stagedLine) [][]stagedLine {
	var chunks [][]stagedLine
	begin, identifiers := 0, 0
	for i, line := range lines {
		identifiers += len(line.Account.Identifiers)
		if i > begin && (i-begin == importLines || identifiers > importIdentifiers) {
			chunks, begin, identifiers = append(chunks, lines[begin:i]), i, len(line.Account.Identifiers)
		}
	}
	if begin < len(lines) {
		chunks = append(chunks, lines[begin:])
	}
	return chunks
}

// stageSome stages some chunks, and returns how many lines there are by then. They are sealed before anybody has to wait.
func (s *Store) stageSome(ctx context.Context, id string, first int, chunks [][]stagedLine, pace ImportPace) (int, error) {
	var rows []AccountImportChunk
	for _, chunk := range chunks {
		sealed, err := s.sealChunk(id, first, chunk)
		if err != nil {
			return 0, err
		}
		rows, first = append(rows, AccountImportChunk{ImportID: id, First: first, Sealed: sealed}), first+len(chunk)
	}
	began := s.now()
	err := s.write(ctx, func(tx *tx) error {
		began = s.now()
		still := tx.importIn(importStaging, id).Updates(map[string]any{"touched_at": tx.now})
		if still.Error == nil && still.RowsAffected == 0 {
			return ErrImportAbandoned
		}
		return errors.Join(still.Error, tx.Create(&rows).Error)
	})
	if err == nil && pace != nil {
		err = pace(ctx, s.now().Sub(began))
	}
	return first, err
}

// accept begins the import, and ends one that changes nothing.
func (s *Store) accept(ctx context.Context, row AccountImport, takenUp Instant) error {
	return s.write(ctx, func(tx *tx) error {
		accepted := tx.importIn(importStaging, row.ID).Updates(map[string]any{"state": importApplying, "touched_at": takenUp})
		if accepted.Error == nil && accepted.RowsAffected == 0 {
			return ErrImportAbandoned
		}
		if accepted.Error != nil || row.Total > 0 {
			return accepted.Error
		}
		row.State = importApplying
		return tx.finishImport(&row)
	})
}

// abandonImport removes what a process staged that went no further. The lines go a few in a transaction.
func (s *Store) abandonImport(ctx context.Context, id string) error {
	err := s.write(ctx, func(tx *tx) error {
		return tx.importIn(importStaging, id).Updates(map[string]any{"state": importAbandoned, "finished_at": tx.now}).Error
	})
	if err != nil {
		return err
	}
	return s.removeAbandoned(ctx)
}

// removeAbandoned removes what is left of imports that were given up. A sweep does it too.
func (s *Store) removeAbandoned(ctx context.Context) error {
	const left = "import_id IN (SELECT id FROM account_imports WHERE state = 'abandoned')"
	for {
		var some []AccountImportChunk
		err := s.reading(ctx).Select("import_id", "first").Where(left).Limit(importChunks).Find(&some).Error
		if err != nil || len(some) == 0 {
			return err
		}
		if err := s.write(ctx, func(tx *tx) error { return tx.Delete(&some).Error }); err != nil {
			return err
		}
	}
}

func (s *Store) sealChunk(id string, first int, lines []stagedLine) (string, error) {
	plain, err := json.Marshal(lines)
	if err != nil {
		return "", err
	}
	return keys.Seal(s.rand, s.chunkKey(), plain, chunkLabel(id, first))
}

func (s *Store) openChunk(chunk AccountImportChunk) (lines []stagedLine, err error) {
	plain, err := keys.Open(s.chunkKey(), chunk.Sealed, chunkLabel(chunk.ImportID, chunk.First))
	if err != nil {
		return nil, err
	}
	return lines, json.Unmarshal(plain, &lines)
}

// chunkKey is one that does not take turns, and that another master key leaves as it is: that of former contacts, which are
// of the same people.
func (s *Store) chunkKey() []byte { return s.mac(keys.FormerContact, "staged accounts") }

func chunkLabel(id string, first int) string {
	return "lines of import " + id + " from " + strconv.Itoa(first)
}

package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/audit"
	"countersign/audit/tree"
)

// MaxWitnesses is how many witnesses a log may have: with the log's own signature far below tree.MaxSignatures.
const MaxWitnesses = 15

// logCosignature is what a witness has cosigned last.
type logCosignature struct {
	Witness   string `gorm:"primaryKey"` // its verifier key
	Size      int64  // of the checkpoint
	Signature []byte
}

// TableName tells gorm where cosignatures are.
func (logCosignature) TableName() string { return "log_cosignatures" }

// CosignatureDue is what a witness is to be asked: to add the newest checkpoint to what it has cosigned.
type CosignatureDue struct {
	Head LogHead
	Old  int64 // the size of what it has cosigned, as far as it is known; 0: nothing, or the witness alone knows
}

// CosignatureDue says what to ask a witness. Error: ErrNotFound when it has cosigned the newest checkpoint, or there is none.
func (s *Store) CosignatureDue(ctx context.Context, witness tree.Verifier) (CosignatureDue, error) {
	head, err := s.NewestHead(ctx)
	if err != nil {
		return CosignatureDue{}, err
	}
	var last logCosignature
	if err := s.reading(ctx).Where("witness = ?", witness.String()).Limit(1).Find(&last).Error; err != nil {
		return CosignatureDue{}, err
	}
	if last.Size == head.Size {
		return CosignatureDue{}, ErrNotFound
	}
	if last.Size > head.Size {
		last.Size = 0 // it is asked what it has seen
	}
	return CosignatureDue{Head: head, Old: last.Size}, nil
}

// NewestHead is LogHead as of now, whichever process has made it. Error: ErrNotFound, before there is any.
func (s *Store) NewestHead(ctx context.Context) (LogHead, error) {
	s.published.mu.Lock()
	err := s.lookForCheckpoint(ctx)
	s.published.mu.Unlock()
	if err != nil {
		return LogHead{}, err
	}
	return s.LogHead(ctx)
}

// AddCosignature keeps what a witness has cosigned, unless something later is kept. Error: tree.ErrNotACheckpoint, or
// *note.InvalidSignatureError, when it is no cosignature of that checkpoint by that witness.
func (s *Store) AddCosignature(ctx context.Context, head LogHead, signed tree.Signed) error {
	text := append(slices.Clone(head.Note), signed.Signature.Line(signed.By.Name())...)
	found, err := tree.Signers(text, signed.By)
	if err != nil {
		return err
	}
	if len(found) == 0 || !signed.By.IsWitness() {
		return tree.ErrNotACheckpoint
	}
	row := logCosignature{Witness: signed.By.String(), Size: head.Size, Signature: signed.Signature}
	return s.write(ctx, func(tx *tx) error {
		return tx.Exec(`INSERT INTO log_cosignatures (witness, size, signature) VALUES (?, ?, ?)
			ON CONFLICT (witness) DO UPDATE SET size = excluded.size, signature = excluded.signature
			WHERE log_cosignatures.size <= excluded.size`, row.Witness, row.Size, row.Signature).Error
	})
}

// RaiseFork raises an alert: a witness has seen another log than this one. Once an hour: every process finds the same.
func (s *Store) RaiseFork(ctx context.Context, witness tree.Verifier, size int64) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.raiseOnceAnHour(audit.LogForked, audit.Facts{Count: new(int(size)), Key: witness.ID()})
	})
}

// cosignatures are the newest of the witnesses that this server asks. They are a few rows at most.
func (s *Store) cosignatures(ctx context.Context) ([]logCosignature, error) {
	if len(s.policy.Witnesses) == 0 {
		return nil, nil
	}
	var names []string
	for _, witness := range s.policy.Witnesses {
		names = append(names, witness.String())
	}
	var rows []logCosignature
	err := s.reading(ctx).Where("witness IN ?", names).Find(&rows).Error
	slices.SortFunc(rows, func(a, b logCosignature) int { return cmp.Compare(a.Witness, b.Witness) })
	return rows, err
}

// cosignedNote is a checkpoint's note with the cosignatures of its size.
func (s *Store) cosignedNote(c logCheckpoint, rows []logCosignature) []byte {
	note := c.checkpoint(s.origin).Note(c.Signature)
	for _, row := range rows {
		if witness, err := tree.ParseVerifier(row.Witness); err == nil && row.Size == c.Size {
			note = append(note, tree.Signature(row.Signature).Line(witness.Name())...)
		}
	}
	return note
}

// cosignedHead is the checkpoint that most witnesses have cosigned and that has so many entries at least. Error: ErrNotFound.
func (s *Store) cosignedHead(ctx context.Context, least int64) (LogHead, error) {
	rows, err := s.cosignatures(ctx)
	if err != nil {
		return LogHead{}, err
	}
	by := map[int64]int{}
	for _, row := range rows {
		by[row.Size]++
	}
	var best int64
	for size, count := range by {
		if size >= least && (best == 0 || count > by[best] || count == by[best] && size > best) {
			best = size
		}
	}
	if best == 0 {
		return LogHead{}, ErrNotFound
	}
	var c logCheckpoint
	if err := s.reading(ctx).Where("size = ?", best).First(&c).Error; err != nil {
		return LogHead{}, notFound(err)
	}
	return LogHead{c.checkpoint(s.origin), s.cosignedNote(c, rows)}, nil
}

// Cosigned is what a witness has cosigned last, as the database has it.
type Cosigned struct {
	tree.Signed
	Name  string // of the witness and the hash of its key, or what stands there
	Size  int64
	Wrong string // why it is none of this log's checkpoint; "" when it is
}

// Cosigned lists the newest cosignature of each witness, also of one that is asked no longer.
func (d *Database) Cosigned(ctx context.Context, issuer string) ([]Cosigned, error) {
	origin, err := tree.Origin(issuer)
	if err != nil {
		return nil, err
	}
	var rows []logCosignature
	if err := d.read.WithContext(ctx).Order("witness").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("cosignatures: %w", err)
	}
	var list []Cosigned
	for _, row := range rows {
		one := Cosigned{Name: row.Witness, Size: row.Size, Signed: tree.Signed{Signature: row.Signature}}
		if one.By, err = tree.ParseVerifier(row.Witness); err != nil {
			one.Wrong = "there is no such key"
			list = append(list, one)
			continue
		}
		one.Name = one.By.ID()
		if one.Wrong, err = d.cosignatureWrong(ctx, origin, one); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// cosigned holds what witnesses have cosigned against the checkpoints.
func (c *logChecker) cosigned(ctx context.Context, d *Database) (err error) {
	if c.report.Cosigned, err = d.Cosigned(ctx, c.Issuer); err != nil {
		return err
	}
	for _, one := range c.report.Cosigned {
		if one.Wrong != "" {
			c.wrong("the cosignature of %s: %s", one.Name, one.Wrong)
		}
	}
	return nil
}

func (d *Database) cosignatureWrong(ctx context.Context, origin string, c Cosigned) (string, error) {
	var row logCheckpoint
	err := notFound(d.read.WithContext(ctx).Where("size = ?", c.Size).First(&row).Error)
	if errors.Is(err, ErrNotFound) {
		return fmt.Sprintf("there is no checkpoint of %d entries", c.Size), nil
	}
	if err != nil {
		return "", err
	}
	text := append(row.checkpoint(origin).Note(row.Signature), c.Signature.Line(c.By.Name())...)
	if found, err := tree.Signers(text, c.By); err != nil || len(found) == 0 {
		return fmt.Sprintf("it is not of the checkpoint of %d entries", c.Size), nil //nolint:nilerr // the reason is the answer
	}
	return "", nil
}

package models

import (
	"context"

	"gorm.io/gorm"
)

// WriterForTest is the write pool, for tests that try what no verb does.
func WriterForTest(d *Database) *gorm.DB { return d.write }

// MigrateTo applies migrations up to and including the version, for tests that walk the history of the schema.
func (d *Database) MigrateTo(ctx context.Context, version int64) error {
	provider, err := d.provider()
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}

// ProtectionForTest is what the database does for the protected tables, for the test that writes down what the migrations make.
func ProtectionForTest(ctx context.Context, d *Database) (map[string]map[string]string, error) {
	return d.protection(ctx)
}

// What tests must know of the log's sequencing.
const (
	PublishedForTest         = publishedFor
	SequencedTogetherForTest = sequencedTogether
)

// WriteTogetherForTest is a short write, which shares its transaction with others.
func (s *Store) WriteTogetherForTest(ctx context.Context, fn func(db *gorm.DB) error) error {
	return s.writeTogether(ctx, func(tx *tx) error { return fn(tx.DB) })
}

// WaitingForTest is how many short writes wait for their turn.
func (d *Database) WaitingForTest() int { return d.together.count() }

// WrittenTogetherForTest is how many share a transaction at most.
const WrittenTogetherForTest = writtenTogether

// PlainKeyForTest is what programs before this one remember a proof by.
func PlainKeyForTest(p UsedProof) string { return p.key() }

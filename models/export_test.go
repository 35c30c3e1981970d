package models

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// WriterForTest is the write pool, for tests that try what no verb does.
func WriterForTest(d *Database) *gorm.DB { return d.write }

// BeforeStatements calls refuse before each statement of the write pool, which fails with its error if there is one.
func BeforeStatements(d *Database, refuse func(statement string) error) {
	watchPool(d.write, watch{before: refuse})
}

// AfterStatements calls then after each statement of the write pool.
func AfterStatements(d *Database, then func(statement string, err error)) {
	watchPool(d.write, watch{after: func(statement string, _ []any, err error) { then(statement, err) }})
}

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

// WritePastTrailForTest is a short write that reads no event.
func (s *Store) WritePastTrailForTest(ctx context.Context, fn func(plain Plain) error) error {
	return s.writePastTrail(ctx, fn)
}

// RecordForTest appends an event.
func (t *tx) RecordForTest(event audit.Event) error {
	_, err := t.record(event)
	return err
}

// SeeTrailForTest has in the trail what was recorded.
func (t *tx) SeeTrailForTest() error { return t.seeTrail() }

// UnsignedForTest is how many events there are in the transaction that nobody signs.
func (t *tx) UnsignedForTest() int { return t.later.Unsigned() }

// SignedBesideForTest is how many there are before another goroutine signs them.
const SignedBesideForTest = signedBeside

// WaitingForTest is how many short writes wait for their turn.
func (d *Database) WaitingForTest() int { return d.together.count() }

// WrittenTogetherForTest is how many share a transaction at most.
const WrittenTogetherForTest = writtenTogether

// PlainKeyForTest is what programs before this one remember a proof by.
func PlainKeyForTest(p UsedProof) string { return p.key() }

// Plain is a transaction that plain statements go to.
type Plain = *tx

// PlainForTest is a write, for plain statements.
func (s *Store) PlainForTest(ctx context.Context, fn func(plain Plain) error) error {
	return s.write(ctx, fn)
}

// InsertForTest is insert.
func (t *tx) InsertForTest(row any) error { return t.insert(row) }

// RowOfForTest is rowOf.
func RowOfForTest[T any](plain Plain, rest string, values ...any) (T, error) {
	return rowOf[T](plain, rest, values...)
}

// AllOfForTest is rowsOf.
func AllOfForTest[T any](plain Plain, rest string, values ...any) ([]T, error) {
	return allOf[T](plain, rest, values...)
}

// ColumnsForTest is columnsOf.
func ColumnsForTest[T any](table string) string { return columnsOf[T](table) }

// AskForTest makes a question and asks it.
func AskForTest[T any](ctx context.Context, s *Store, text string, values map[string]any) ([]T, error) {
	return asking[T](text).all(s.reader(ctx), values)
}

// AskPatientlyForTest is AskForTest, of one that ends with its caller.
func AskPatientlyForTest[T any](ctx context.Context, s *Store, text string, values map[string]any) ([]T, error) {
	return askingPatiently[T](text).all(s.reader(ctx), values)
}

// ExportedForTest lists the columns of an account's export whose values leave, as TABLE.COLUMN.
func ExportedForTest() (columns []string) {
	for _, part := range AccountParts() {
		for column := range strings.SplitSeq(part.columns, ", ") {
			if !slices.Contains(strings.Split(part.private, ", "), column) {
				columns = append(columns, part.table+"."+column)
			}
		}
	}
	return columns
}

// NotCopiedForTest are the tables that a copy to PostgreSQL leaves out, with why.
func NotCopiedForTest() map[string]string { return notCopied }

// SeedsForTest are the tables that have rows when the migrations have made them.
func SeedsForTest() []string { return slices.Collect(maps.Keys(seeds)) }

// InOrderForTest orders tables for a copy, by what their rows refer to.
func InOrderForTest(names []string, refers map[string][]string) (ordered []string, err error) {
	var tables []copiedTable
	for _, name := range names {
		tables = append(tables, copiedTable{name: name})
	}
	tables, err = inOrderOf(tables, refers)
	for _, table := range tables {
		ordered = append(ordered, table.name)
	}
	return ordered, err
}

// WaitLongForTest has a group wait for as long for those whom the group before it answered. joined is how many have joined since, and
// whether all of these have been taken.
func (d *Database) WaitLongForTest(patience time.Duration) (joined func() (number int, taken bool)) {
	t := &d.together
	t.mu.Lock()
	defer t.mu.Unlock()
	t.patience = patience
	return func() (int, bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.joined, len(t.waiting) == 0
	}
}

// LullForTest is how long a group waits when the one before it answered so many at some time ago, of whom so many have come back, and
// so many wait behind its first.
func LullForTest(answered, back, waiting int, ago time.Duration) time.Duration {
	now := beginning()
	wait, _ := (&together{answered: answered, joined: back, answeredAt: now.Add(-ago), waiting: make([]*shared, waiting)}).lull(now)
	return wait
}

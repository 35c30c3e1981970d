package models

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Copying is what a copy to PostgreSQL is asked and told.
type Copying struct {
	Address  string // of the database that becomes the copy
	Now      func() time.Time
	Log      *slog.Logger
	Migrated func(names []string)  // hears of the migrations that were applied there; may be nil
	Copied   func(done, all int64) // hears of rows; may be nil
	Compared func(done, all int64) // hears of rows of the copy; may be nil
}

// CopyReport says what was copied.
type CopyReport struct {
	Tables int
	Rows   int64
	To     string // the copy, without user and password
}

// TargetInUseError says that a database is not empty, so that nothing is copied into it.
type TargetInUseError struct {
	To    string
	There []string // what is there, a few words each
	Ours  bool     // it is a database of this program
}

func (e *TargetInUseError) Error() string {
	return fmt.Sprintf("nothing is copied to %s, which is not empty: %s", e.To, strings.Join(e.There, ", "))
}

// CopyRowError names a row that cannot be copied. Nothing was copied.
type CopyRowError struct {
	Table  string
	Row    string // the values of its key
	Reason string
}

func (e *CopyRowError) Error() string {
	return fmt.Sprintf("the row %s of %s cannot be copied: %s", e.Row, e.Table, e.Reason)
}

// CopyDiffersError says that a table of the copy is not what the source has.
type CopyDiffersError struct {
	Table        string
	Source, Copy int64 // rows; the same number where their contents differ
}

func (e *CopyDiffersError) Error() string {
	if e.Source != e.Copy {
		return fmt.Sprintf("%s has %d rows here, and %d in the copy", e.Table, e.Source, e.Copy)
	}
	return fmt.Sprintf("%s has %d rows here and in the copy, and they differ", e.Table, e.Source)
}

// UncertainCopyError says that nobody knows whether the copy is there. The source says that it was copied.
type UncertainCopyError struct {
	To    string
	cause error
}

func (e *UncertainCopyError) Error() string {
	return fmt.Sprintf("the connection broke while the copy was committed, so that it may be whole at %s, or not there: %v", e.To, e.cause)
}

// Unwrap gives the database's own error.
func (e *UncertainCopyError) Unwrap() error { return e.cause }

// CopyToPostgres copies a SQLite database that ConnectAlone opened, table by table, into an empty database on PostgreSQL, whose schema
// it makes. All rows are one transaction there: a copy that ends half-way leaves empty tables at most, and may begin again. Before
// it is committed each table is read back and compared, and the source says that it was copied: no store opens it any more
// (CopiedError). Errors: ErrSchemaBehind, ErrSchemaAhead, *TargetInUseError, *CopiedError of a copy elsewhere, *CopyRowError,
// *CopyDiffersError, *UncertainCopyError, *UnavailableError, that of ctx.
func (d *Database) CopyToPostgres(ctx context.Context, c Copying) (report CopyReport, err error) {
	if d.dialect != "sqlite" {
		return report, errOnlySQLite
	}
	if err := d.sameSchema(ctx); err != nil {
		return report, err
	}
	target, err := openTarget(ctx, c.Address, c.Log)
	if err != nil {
		return report, err
	}
	defer func() { _ = target.close() }() // a connection that broke has been told of; what is committed stays
	mark, err := d.copied(ctx)
	if err != nil {
		return report, err
	}
	if mark != nil && mark.To != target.name {
		return report, &CopiedError{*mark}
	}
	run := &copyRun{source: d, target: target, told: c}
	if err := run.prepare(ctx); err != nil {
		return report, err
	}
	if err := run.rows(ctx); err != nil {
		return report, err
	}
	if err := run.commit(ctx); err != nil {
		return report, err
	}
	target.analyze(ctx)
	return CopyReport{Tables: len(run.tables), Rows: run.all, To: target.name}, nil
}

// ErrSchemaAhead says that a newer program has migrated the database: this one would make the copy without what is new.
var ErrSchemaAhead = errors.New("a newer program has changed the database's schema, and this one cannot make a copy of it")

// sameSchema wants exactly the migrations that this program has. Errors: ErrSchemaBehind, ErrSchemaAhead, *UnavailableError.
func (d *Database) sameSchema(ctx context.Context) error {
	if err := d.CheckSchema(ctx); err != nil {
		return err
	}
	has, known, err := d.SchemaVersions(ctx)
	if err == nil && has > known {
		err = ErrSchemaAhead
	}
	return err
}

// copyRun is a copy under way.
type copyRun struct {
	source *Database
	target *copyTarget
	told   Copying
	tables []copiedTable // each after those that its rows refer to
	all    int64         // rows
}

// prepare makes the schema, and holds the tables so that nobody else writes to them.
func (r *copyRun) prepare(ctx context.Context) error {
	tables, err := r.source.copiedTables(ctx)
	if err != nil {
		return err
	}
	if err := r.target.isEmpty(ctx, tables); err != nil {
		return err
	}
	names, err := r.target.MigrateUp(ctx)
	if err != nil {
		return err
	}
	if r.told.Migrated != nil {
		r.told.Migrated(names)
	}
	if r.tables, err = r.target.fit(ctx, tables); err != nil {
		return err
	}
	for _, table := range r.tables {
		count, err := r.source.countRows(ctx, table)
		if err != nil {
			return err
		}
		r.all += count
	}
	if err := r.target.begin(ctx, r.tables); err != nil {
		return err
	}
	return r.target.isEmpty(ctx, tables) // somebody may have come in between
}

// rows copies all tables, then reads them back and compares them.
func (r *copyRun) rows(ctx context.Context) error {
	if err := r.target.forgetSeeds(ctx); err != nil {
		return err
	}
	copied, compared := newRowProgress(r.told.Copied, r.all), newRowProgress(r.told.Compared, r.all)
	var digests []rowDigest
	for _, table := range r.tables {
		digest, err := r.source.copyTable(ctx, r.target, table, copied)
		if err != nil {
			return err
		}
		digests = append(digests, digest)
	}
	for i, table := range r.tables {
		digest, err := r.target.digest(ctx, table, compared)
		if err != nil {
			return err
		}
		if digest != digests[i] {
			return &CopyDiffersError{table.name, digests[i].rows, digest.rows}
		}
	}
	return nil
}

// commit marks the source before the copy is there for others: there is no moment at which both could be started. Where PostgreSQL
// says that it did not commit, the mark goes; where it says nothing, the mark stays.
func (r *copyRun) commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	head, err := r.source.Head(ctx)
	if err != nil {
		return err
	}
	if err := r.source.mark(ctx, CopiedMark{To: r.target.name, At: At(r.told.Now()), Entries: head.Entries}); err != nil {
		return err
	}
	err = r.target.tx.Commit(ctx)
	if err == nil {
		return nil
	}
	if pg, is := errors.AsType[*pgconn.PgError](err); is && pg.SeverityUnlocalized == "ERROR" || errors.Is(err, pgx.ErrTxCommitRollback) {
		return errors.Join(unavailable(err, ""), r.source.unmark(ctx)) // a FATAL one may come after the commit
	}
	return &UncertainCopyError{r.target.name, err}
}

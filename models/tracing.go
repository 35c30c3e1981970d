package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Tracing is told what a request's work in the database is made of and how long each part takes. No value of anybody's is in it.
// Either all functions are there or none is. What they do must be quick and ask the database nothing.
type Tracing struct {
	Recording func(context.Context) bool                                         // whether what is done in a context is told
	Statement func(ctx context.Context, begun time.Time, said StatementTold)     // after each
	Write     func(ctx context.Context) (inside context.Context, told WriteTold) // when a write is wanted
}

// StatementTold is a statement without its text.
type StatementTold struct {
	Operation string // "SELECT", "INSERT", …; "OTHER" for what has no such word
	Table     string // the first one that it names; "" for none
	Failure   string // see WriteTold
}

// WriteStep is how far a write has come.
type WriteStep string

// The steps of a write. One that PostgreSQL wants to be tried again takes the first two several times.
const (
	WriteBegun WriteStep = "begun" // it has the write lock, or a connection
	WriteDone  WriteStep = "done"  // what it writes is written, but for events that are signed beside it: COMMIT is next, or ROLLBACK
	WriteEnded WriteStep = "ended"
)

// WriteTold is called at each step of a write. failure is why it did not work, as a word: an Outage, "canceled", "timeout", an
// SQLSTATE, or "error"; "" also for a refusal, which is what the write came to.
type WriteTold func(step WriteStep, failure string)

func (w WriteTold) tell(step WriteStep) {
	if w != nil {
		w(step, "")
	}
}

func (w WriteTold) end(err error) {
	if w == nil {
		return
	}
	failure := failureWord(err)
	if failure == otherFailure { // mostly a refusal, of which there are many types
		failure = ""
	}
	w(WriteEnded, failure)
}

// Trace has tracing told from now on. It is called before the first statement of a request.
func (d *Database) Trace(by Tracing) {
	d.tracing = by
	for _, db := range []*gorm.DB{d.read, d.write} {
		if log, is := db.Logger.(faultLog); is {
			log.tracing = &d.tracing
			db.Logger = log
		}
	}
}

// IsSQLite tells which of the two kinds of database this is.
func (d *Database) IsSQLite() bool { return d.dialect == "sqlite" }

func (t *Tracing) recording(ctx context.Context) bool {
	return t != nil && t.Recording != nil && t.Recording(ctx)
}

func (t *Tracing) statement(ctx context.Context, begun time.Time, text string, err error) {
	operation, table := operationOf(text)
	failure := failureWord(err)
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, gorm.ErrDuplicatedKey) { // answers, not faults
		failure = ""
	}
	t.Statement(ctx, begun, StatementTold{operation, table, failure})
}

// write is nil for a write that nobody is told of.
func (t *Tracing) write(ctx context.Context) (context.Context, WriteTold) {
	if !t.recording(ctx) {
		return ctx, nil
	}
	return t.Write(ctx)
}

const otherFailure = "error"

// failureWord names what went wrong, "" for nothing. It has no text of an error, which may hold a value.
func failureWord(err error) string {
	outage, away := errors.AsType[*UnavailableError](unavailable(err, ""))
	refused, told := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil:
		return ""
	case away:
		return string(outage.Outage)
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case told:
		return refused.Code
	}
	return otherFailure
}

// operationOf reads what a statement does, and to which table first. Both are words of ours: what is no bare name is left out.
func operationOf(statement string) (operation, table string) {
	words := strings.Fields(statement)
	if len(words) == 0 {
		return "OTHER", ""
	}
	switch operation = strings.ToUpper(words[0]); operation {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
	default:
		return "OTHER", ""
	}
	for i, word := range words[:len(words)-1] {
		switch strings.ToUpper(word) {
		case "FROM", "INTO", "UPDATE":
			if name := strings.Trim(words[i+1], "\"`;,)"); isName(name) {
				return operation, name
			}
		}
	}
	return operation, ""
}

func isName(word string) bool {
	for _, r := range word {
		if (r < 'a' || r > 'z') && r != '_' {
			return false
		}
	}
	return word != ""
}

package audit

import (
	"context"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Plain statements go past gorm to the transaction that it has: what Append asks is the same text for each event
// (docs/decisions/0063-plain-statements.md). Errors are those of gorm, and gorm's log has them.

// askNumber reads one number.
func askNumber(tx *gorm.DB, statement string) (number int64, err error) {
	begun := beginning()
	rows, err := tx.Statement.ConnPool.QueryContext(steadily(tx), statement)
	if err != nil {
		return 0, met(tx, begun, statement, err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		err = rows.Scan(&number)
	}
	if err == nil {
		err = rows.Err()
	}
	return number, met(tx, begun, statement, err)
}

// do changes rows. Errors: gorm.ErrDuplicatedKey, and faults.
func do(tx *gorm.DB, statement string, values ...any) error {
	begun := beginning()
	_, err := tx.Statement.ConnPool.ExecContext(steadily(tx), statement, values...)
	return met(tx, begun, statement, err)
}

// places are those of so many rows' values: "($1, $2), ($3, $4)".
func places(rows, columns int) string {
	var text strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			text.WriteString("(")
		case i%columns == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	return text.String() + ")"
}

// steadily is the context of a statement. SQLite appends a row sooner than one can begin to watch for the caller's end.
func steadily(tx *gorm.DB) context.Context {
	if tx.Name() == "postgres" {
		return tx.Statement.Context
	}
	return context.WithoutCancel(tx.Statement.Context)
}

// beginning is when a statement is asked. How long it takes is real time.
func beginning() time.Time { return time.Now() } //nolint:forbidigo // see above

// met is what gorm does of an error: told apart, and logged.
func met(tx *gorm.DB, begun time.Time, statement string, err error) error {
	if translator, is := tx.Dialector.(gorm.ErrorTranslator); is && err != nil {
		err = translator.Translate(err)
	}
	tx.Logger.Trace(tx.Statement.Context, begun, func() (string, int64) { return statement, -1 }, err)
	return err
}

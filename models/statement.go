package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/schema"
)

// Plain statements go past gorm, whose building of a statement and reading of a row cost more than the database's own work: they
// are for what phones and visits ask at each request (docs/decisions/0063-plain-statements.md). A statement is the same text each
// time, so that the driver has it prepared, and names its values $1, $2 and so on in the order in which they come first.

// ask reads one row. Errors: gorm.ErrRecordNotFound, *UnavailableError.
func (t *tx) ask(statement string, values []any, into ...any) error {
	return t.read(statement, values, func(rows *sql.Rows) error {
		if !rows.Next() {
			return cmp.Or(rows.Err(), gorm.ErrRecordNotFound)
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		return rows.Close() // what goes wrong after the row, PostgreSQL tells here
	})
}

// each reads rows of several values, and calls then after each. Error: *UnavailableError.
func (t *tx) each(statement string, values, into []any, then func()) error {
	return t.read(statement, values, func(rows *sql.Rows) error {
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			then()
		}
		return nil
	})
}

// do changes rows, and returns how many. Errors: gorm.ErrDuplicatedKey, *UnavailableError.
func (t *tx) do(statement string, values ...any) (int64, error) {
	begun := beginning()
	result, err := t.Statement.ConnPool.ExecContext(t.steadily(), statement, values...)
	if err != nil {
		return 0, t.met(begun, statement, err)
	}
	changed, err := result.RowsAffected()
	return changed, t.met(begun, statement, err)
}

// insert adds a row of a table of this package. Errors: as do.
func (t *tx) insert(row any) error { return t.insertUnless(row, "") }

// insertUnless is insert, with what happens to a row that meets another one: " ON CONFLICT …". Errors: as do.
func (t *tx) insertUnless(row any, meets string) error {
	of, err := tableOf(t.DB, reflect.TypeOf(row).Elem())
	if err != nil {
		return err
	}
	_, err = t.do(of.insert+meets, of.values(reflect.ValueOf(row).Elem())...)
	return err
}

// found does of a row what gorm does once it has read one.
func found(row any) error {
	if hook, is := row.(callbacks.AfterFindInterface); is {
		return hook.AfterFind(nil)
	}
	return nil
}

// rowOf reads the first row of T's table that the rest of a statement finds, "WHERE …". Errors: as ask.
func rowOf[T any](t *tx, rest string, values ...any) (row T, err error) {
	of, err := tableOf(t.DB, reflect.TypeFor[T]())
	if err != nil {
		return row, err
	}
	if err = t.ask(of.selection+rest, values, of.addresses(reflect.ValueOf(&row).Elem())...); err != nil {
		return row, err
	}
	return row, found(&row)
}

// allOf reads all rows of T's table that the rest of a statement finds, "WHERE …". Error: *UnavailableError.
func allOf[T any](t *tx, rest string, values ...any) (all []T, err error) {
	of, err := tableOf(t.DB, reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	err = t.read(of.selection+rest, values, func(rows *sql.Rows) error {
		for rows.Next() {
			all = append(all, *new(T))
			row := &all[len(all)-1]
			if err := rows.Scan(of.addresses(reflect.ValueOf(row).Elem())...); err != nil {
				return err
			}
			if err := found(row); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// ifAny is rowOf of a row that need not be there: the zero value, then.
func ifAny[T any](row T, err error) (T, error) {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return *new(T), nil
	}
	return row, err
}

// read asks for rows, and has them taken; it looks whether they came to their end.
func (t *tx) read(statement string, values []any, take func(rows *sql.Rows) error) error {
	begun := beginning()
	from, back, err := t.connection()
	if err != nil {
		return t.met(begun, statement, err)
	}
	defer back()
	rows, err := from.QueryContext(t.steadily(), statement, values...)
	if err != nil {
		return t.met(begun, statement, err)
	}
	defer func() { _ = rows.Close() }()
	err = take(rows)
	return t.met(begun, statement, cmp.Or(err, rows.Err()))
}

// connection is what rows are asked from: the transaction; or one of the pool for reading, for which SQLite's caller waits no
// longer than its own context lets it, though the statement then goes to its end.
func (t *tx) connection() (from gorm.ConnPool, back func(), err error) {
	pool := t.Statement.ConnPool
	if !t.reads || t.steadily() == t.Statement.Context {
		return pool, func() {}, nil
	}
	one, err := t.store.readConnection(t.Statement.Context)
	if err != nil {
		return nil, nil, err
	}
	from = one
	if by, is := pool.(watchedPool); is {
		from = by.of(one)
	}
	return from, func() { _ = one.Close() }, nil
}

// steadily is the context of a statement. SQLite finds a row sooner than one can begin to watch for the caller's end.
func (t *tx) steadily() context.Context {
	ctx := t.Statement.Context
	if ctx.Done() == nil || t.Dialector.Name() == "postgres" {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// beginning is when a statement is asked. How long it takes is real time: no clock of a test makes a disk slow.
func beginning() time.Time { return time.Now() } //nolint:forbidigo // see above

// met is what gorm does of an error: told apart, and logged.
func (t *tx) met(begun time.Time, statement string, err error) error {
	if err != nil {
		err = t.Dialector.(gorm.ErrorTranslator).Translate(err)
	}
	t.Logger.Trace(t.Statement.Context, begun, func() (string, int64) { return statement, -1 }, err)
	return err
}

// table is how rows of a type lie in the database.
type table struct {
	fields    []*schema.Field
	selection string // "SELECT …columns… FROM table "
	created   []*schema.Field
	insert    string // of created: others begin with what the table has for them (gorm's "<-:update")
}

// tables has the *table of each reflect.Type that was asked for.
var tables sync.Map

func tableOf(db *gorm.DB, row reflect.Type) (*table, error) {
	if known, is := tables.Load(row); is {
		return known.(*table), nil
	}
	parsed, err := schema.Parse(reflect.New(row).Interface(), &sync.Map{}, db.NamingStrategy)
	if err != nil {
		return nil, err
	}
	of := &table{selection: "SELECT " + strings.Join(parsed.DBNames, ", ") + " FROM " + parsed.Table + " "}
	var names, places []string
	for _, name := range parsed.DBNames {
		field := parsed.FieldsByDBName[name]
		of.fields = append(of.fields, field)
		if field.Creatable {
			of.created = append(of.created, field)
			names, places = append(names, name), append(places, "$"+strconv.Itoa(len(places)+1))
		}
	}
	of.insert = "INSERT INTO " + parsed.Table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(places, ", ") + ")"
	tables.Store(row, of)
	return of, nil
}

// values are those of a row that is to be created, in the order of the columns.
func (of *table) values(row reflect.Value) []any {
	all := make([]any, len(of.created))
	for i, field := range of.created {
		all[i] = row.FieldByIndex(field.StructField.Index).Interface()
	}
	return all
}

// addresses are where a row's values go.
func (of *table) addresses(row reflect.Value) []any {
	all := make([]any, len(of.fields))
	for i, field := range of.fields {
		all[i] = row.FieldByIndex(field.StructField.Index).Addr().Interface()
	}
	return all
}

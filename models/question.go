package models

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"gorm.io/gorm/schema"
)

// question is a plain statement (statement.go) whose values have names, @account, and whose columns go into the fields of a T that
// gorm would put them into: for joins with many columns. It is made once, and keeps nothing but where its columns lie.
type question[T any] struct {
	text    string   // with $1, $2 and so on
	names   []string // of the values, in this order
	patient bool     // it may look at thousands of rows: it ends with its caller, also on SQLite

	fields atomic.Pointer[[]*schema.Field]
}

// given are the values of a question, by their names without the @.
type given map[string]any

var nameOfValue = regexp.MustCompile(`@[a-z_]+`)

// asking makes a question. Its text names each column: a column that a later program adds to a table changes nothing.
func asking[T any](text string) *question[T] {
	q, places := &question[T]{}, map[string]string{}
	q.text = nameOfValue.ReplaceAllStringFunc(text, func(name string) string {
		if places[name] == "" {
			q.names = append(q.names, name[1:])
			places[name] = "$" + strconv.Itoa(len(q.names))
		}
		return places[name]
	})
	return q
}

// askingPatiently makes a question that ends with its caller.
func askingPatiently[T any](text string) *question[T] {
	q := asking[T](text)
	q.patient = true
	return q
}

// columnsOf lists the columns of T's table, each with the table's name in a statement before it.
func columnsOf[T any](table string) string {
	return table + "." + strings.Join(shapeOf[T]().DBNames, ", "+table+".")
}

// columnsAs is columnsOf with a prefix before the name of each in the answer. Where a join found no row they are zero.
func columnsAs[T any](table, prefix string) string {
	shape := shapeOf[T]()
	list := make([]string, 0, len(shape.DBNames))
	for _, name := range shape.DBNames {
		zero := "''"
		if shape.FieldsByDBName[name].DataType == schema.Int {
			zero = "0"
		}
		list = append(list, "coalesce("+table+"."+name+", "+zero+") AS "+prefix+name)
	}
	return strings.Join(list, ", ")
}

// shapeOf is how gorm lays out a T. A type that it cannot lay out is a mistake of the program.
func shapeOf[T any]() *schema.Schema {
	shape, err := schema.Parse(new(T), &sync.Map{}, schema.NamingStrategy{IdentifierMaxLength: 64})
	if err != nil {
		panic(fmt.Sprintf("the columns of %T: %v", *new(T), err))
	}
	return shape
}

// all reads the rows. Error: *UnavailableError.
func (q *question[T]) all(t *tx, values given) (all []T, err error) {
	begun := beginning()
	defer func() { err = t.met(begun, q.text, err) }()
	inOrder := make([]any, len(q.names))
	for i, name := range q.names {
		value, known := values[name]
		if !known {
			return nil, fmt.Errorf("no value for @%s", name)
		}
		inOrder[i] = value
	}
	from, back, err := t.connection()
	if err != nil {
		return nil, err
	}
	defer back()
	rows, err := from.QueryContext(q.context(t), q.text, inOrder...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var row T
	into, err := q.into(rows, &row)
	for err == nil && rows.Next() {
		row = *new(T)
		if err = rows.Scan(into...); err == nil {
			all = append(all, row)
		}
	}
	if err != nil {
		return nil, err
	}
	return all, rows.Err()
}

// first reads the first row. Errors: ErrNotFound, *UnavailableError.
func (q *question[T]) first(t *tx, values given) (T, error) {
	return one(q.all(t, values))
}

func (q *question[T]) context(t *tx) context.Context {
	if q.patient {
		return t.Statement.Context
	}
	return t.steadily()
}

// into is where the columns of an answer go in a row.
func (q *question[T]) into(rows interface{ Columns() ([]string, error) }, row *T) ([]any, error) {
	fields := q.fields.Load()
	if fields == nil {
		names, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		shape, found := shapeOf[T](), make([]*schema.Field, 0, len(names))
		for _, name := range names {
			field := shape.FieldsByDBName[name]
			if field == nil {
				return nil, fmt.Errorf("%T has no field for the column %s", *row, name)
			}
			found = append(found, field)
		}
		fields = &found
		q.fields.Store(fields)
	}
	into, whole := make([]any, len(*fields)), reflect.ValueOf(row).Elem()
	for i, field := range *fields {
		into[i] = whole.FieldByIndex(field.StructField.Index).Addr().Interface()
	}
	return into, nil
}

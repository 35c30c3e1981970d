package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/driver/sqlite"
)

// aloneWait is how long ConnectAlone waits for others to close the file.
const aloneWait = time.Second

// ConnectAlone opens a SQLite database that nobody else has open, whether they write or not, and keeps everybody else out until it is
// closed: SQLite's exclusive locking mode. It has one connection. Error: *UnavailableError, whose Outage is Busy where another program
// has it open.
func ConnectAlone(ctx context.Context, file string, log *slog.Logger) (*Database, error) {
	if err := keepPlans(); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	// No _journal_mode: it would open the file before the locking mode is set.
	options := url.Values{
		"_locking_mode": {"EXCLUSIVE"}, "_busy_timeout": {strconv.FormatInt(aloneWait.Milliseconds(), 10)}, "_foreign_keys": {"on"},
		"_synchronous": {"FULL"}, "_secure_delete": {"on"}, "_txlock": {"immediate"}, "mode": {"rw"},
	}
	d := &Database{dialect: "sqlite", file: absolute, log: log}
	dialector := sqliteDialect{&sqlite.Dialector{DSN: fileAddress(absolute) + options.Encode()}, absolute}
	if d.read, err = openPool(ctx, dialector, absolute, log, 1); err != nil {
		return nil, err
	}
	d.write = d.read
	if err := d.write.WithContext(ctx).Exec("BEGIN EXCLUSIVE; COMMIT").Error; err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// notCopied are the tables that a copy leaves out, each with why. Every other one is copied.
var notCopied = map[string]string{
	"goose_db_version": "the migrations make it, and both sides have the same ones",
	"oldest_program":   "the migrations say in it how old a program may be, on both sides the same",
	"readiness":        "it says which processes look at the database: those of the old one will not again",
}

// copiedTable is a table that is copied.
type copiedTable struct {
	name    string
	columns []copiedColumn
}

// copiedColumn is a column, by its types in SQLite and PostgreSQL.
type copiedColumn struct {
	name, from, into string
	key              int // its place in the primary key, from 1; 0: none
}

// copiedTables are the tables of the schema but notCopied, with their columns in the order of their names.
func (d *Database) copiedTables(ctx context.Context) (tables []copiedTable, err error) {
	var rows []struct {
		Name, Column, Type string
		Place              int
	}
	err = d.read.WithContext(ctx).Raw(`SELECT m.name, p.name AS "column", p.type, p.pk AS place
		FROM sqlite_master AS m, pragma_table_info(m.name) AS p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY m.name, p.name`).Scan(&rows).Error
	for _, row := range rows {
		if notCopied[row.Name] != "" {
			continue
		}
		if last := len(tables) - 1; last < 0 || tables[last].name != row.Name {
			tables = append(tables, copiedTable{name: row.Name})
		}
		table := &tables[len(tables)-1]
		table.columns = append(table.columns, copiedColumn{name: row.Column, from: row.Type, key: row.Place})
	}
	for _, table := range tables {
		if len(table.key()) == 0 {
			return nil, fmt.Errorf("the table %s has no primary key, by which a copy could be compared", table.name)
		}
	}
	return tables, err
}

// key are the columns of the primary key, in its order.
func (t copiedTable) key() []copiedColumn {
	key := slices.DeleteFunc(slices.Clone(t.columns), func(column copiedColumn) bool { return column.key == 0 })
	slices.SortFunc(key, func(a, b copiedColumn) int { return cmp.Compare(a.key, b.key) })
	return key
}

// names are those of the columns.
func (t copiedTable) names() []string {
	var names []string
	for _, column := range t.columns {
		names = append(names, column.name)
	}
	return names
}

// from is the part of a statement that finds the table's rows: all but the mark of a copy.
func (t copiedTable) from() string {
	if t.name == "settings" {
		return ` FROM ` + quotedName(t.name) + ` WHERE name <> '` + settingCopied + `'`
	}
	return ` FROM ` + quotedName(t.name)
}

// selection reads the rows of the table in the order of its key. collate is what orders text by its bytes.
func (t copiedTable) selection(collate string) string {
	var columns, order []string
	for _, column := range t.columns {
		columns = append(columns, quotedName(column.name))
	}
	for _, column := range t.key() {
		name := quotedName(column.name)
		if column.from == "TEXT" {
			name += " COLLATE " + collate
		}
		order = append(order, name)
	}
	return "SELECT " + strings.Join(columns, ", ") + t.from() + " ORDER BY " + strings.Join(order, ", ")
}

// quotedName is a name of a table or a column in a statement.
func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (d *Database) countRows(ctx context.Context, table copiedTable) (count int64, err error) {
	err = d.read.WithContext(ctx).Raw("SELECT count(*)" + table.from()).Scan(&count).Error
	return count, err
}

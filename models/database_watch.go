package models

import (
	"errors"

	"gorm.io/gorm"
)

// Watch calls watcher after each statement that the database was asked, with its text and its values, which are personal
// data. It is for tests and measurements, and called before the first statement. watcher runs where the statement ran, often
// inside a transaction: it asks the database nothing. name tells watchers apart.
func (d *Database) Watch(name string, watcher func(sql string, values []any)) error {
	after := func(db *gorm.DB) {
		if !db.DryRun { // a part of another statement
			watcher(db.Statement.SQL.String(), db.Statement.Vars)
		}
	}
	d.watchers = append(d.watchers, watcher)
	var failed []error
	for _, pool := range []*gorm.DB{d.read, d.write} {
		callbacks := pool.Callback()
		failed = append(failed,
			callbacks.Query().After("gorm:query").Register(name, after),
			callbacks.Row().After("gorm:row").Register(name, after),
			callbacks.Raw().After("gorm:raw").Register(name, after),
			callbacks.Create().After("gorm:create").Register(name, after),
			callbacks.Update().After("gorm:update").Register(name, after),
			callbacks.Delete().After("gorm:delete").Register(name, after),
		)
	}
	return errors.Join(failed...)
}

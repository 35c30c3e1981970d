package models

import "context"

// row asks for one row past gorm, whose reflection costs more than such a statement: for what machines ask thousands of times a
// second. The statement is the same text each time, so that the driver has it prepared, and names its values $1, $2 and so on
// in this order. Errors: sql.ErrNoRows, *UnavailableError.
func (d *Database) row(ctx context.Context, statement string, values []any, into ...any) (err error) {
	if d.tracing.recording(ctx) {
		begun := beginning()
		defer func() { d.tracing.statement(ctx, begun, statement, err) }()
	}
	connection, err := d.readConnection(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }() // back to the pool
	if d.dialect == "sqlite" {
		ctx = context.WithoutCancel(ctx) // it would take longer to watch for its end than to ask
	}
	err = connection.QueryRowContext(ctx, statement, values...).Scan(into...)
	asked(d.read.ConnPool, statement, values, err)
	return d.unavailable(err)
}

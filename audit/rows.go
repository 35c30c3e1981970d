package audit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"countersign/audit/packed"

	"gorm.io/gorm"
)

// batchSize is how many rows a verification holds in memory and how long, in
// rows, it keeps one read transaction open.
const batchSize = 500

// The two columns of which one has the token.
const (
	columnSET    = "set_text"
	columnPacked = "packed"
)

// columns is the row of e as text, in the order of the table.
func (e Entry) columns() row {
	return row{
		{"seq", text(strconv.FormatInt(e.Seq, 10))},
		{"jti", text(e.ID)},
		{"type", text(e.Type)},
		{"occurred_at", text(strconv.FormatInt(e.OccurredAt, 10))},
		{"txn", text(e.Transaction)},
		{"account_id", text(e.AccountID)},
		{"client_id", text(e.ClientID)},
		{"staff_id", text(e.StaffID)},
		{"counter_id", text(e.CounterID)},
		{"device_authorization_id", text(e.DeviceAuthorizationID)},
		{"kid", text(e.KeyID)},
		{columnSET, text(e.SET)},
		{columnPacked, text(string(e.Packed))},
	}
}

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

// row is a row of the table as whoever edited it last left it: every column is
// text, since SQLite keeps a word in a column of numbers when told to.
type row []column

type column struct {
	name  string
	value sql.NullString
}

// text is the value of the named column, "" when it is NULL.
func (r row) text(name string) string {
	for _, c := range r {
		if c.name == name {
			return c.value.String
		}
	}
	return ""
}

// unpacked is the row with its token as text, where it is packed and not there as text as well.
func (r row) unpacked() (row, error) {
	short := r.text(columnPacked)
	if short == "" || r.text(columnSET) != "" {
		return r, nil
	}
	token, err := packed.Token([]byte(short))
	if err != nil {
		return nil, err
	}
	r = slices.Clone(r)
	for i, c := range r {
		switch c.name {
		case columnSET:
			r[i].value.String = token // a NULL stays one
		case columnPacked:
			r[i].value.String = ""
		}
	}
	return r, nil
}

// equals compares every column with what it should be.
func (r row) equals(want Entry) error {
	for i, c := range want.columns() {
		if r[i].value != c.value {
			return fmt.Errorf("column %s differs from the SET", c.name)
		}
	}
	return nil
}

// eachBatch calls f with all rows after a number in the order of seq, a batch at a time, until f says false. Each is read whole
// before f sees it, so that no cursor stays open meanwhile; the next one is read while f works.
func eachBatch(ctx context.Context, db *gorm.DB, after int64, f func([]row) bool) error {
	reading, stop := context.WithCancel(ctx)
	batches := make(chan batch)
	go readBatches(reading, db.WithContext(reading), after, batches)
	defer func() {
		stop()
		for range batches { // until the reader has ended, too
		}
	}()
	for b := range batches {
		if b.err != nil {
			return fmt.Errorf("read audit events: %w", b.err)
		}
		if !f(b.rows) {
			return nil
		}
	}
	return ctx.Err() // the reader ends by it, too
}

// batch is what one reading gave.
type batch struct {
	rows []row
	err  error
}

// readBatches reads until there are no more rows, or the context ends.
func readBatches(ctx context.Context, db *gorm.DB, after int64, batches chan<- batch) {
	defer close(batches)
	var last row
	for {
		rows, err := nextBatch(db, after, last)
		if err == nil && len(rows) == 0 {
			return
		}
		select {
		case batches <- batch{rows, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
		last = rows[len(rows)-1]
	}
}

// nextBatch reads the rows after last; without it those after a number, or with 0 all of them. It asks for last's number again,
// rather than for greater ones, so that a second row with that number is not skipped. The order names the table: on PostgreSQL a
// bare "seq" is the text in the list.
func nextBatch(db *gorm.DB, after int64, last row) ([]row, error) {
	query := db.Model(&Entry{}).Select(castColumns()).Order("audit_events.seq").Limit(batchSize)
	if last == nil && after > 0 {
		query = query.Where("seq > ?", after)
	}
	if last != nil {
		seq, err := strconv.ParseInt(last.text("seq"), 10, 64)
		if err != nil {
			return nil, err
		}
		query = query.Where("seq >= ?", seq)
	}
	rows, err := query.Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var batch []row
	for rows.Next() {
		r := Entry{}.columns()
		if err := rows.Scan(r.targets()...); err != nil {
			return nil, err
		}
		batch = append(batch, r)
	}
	return withoutFirst(batch, last), rows.Err()
}

// withoutFirst drops the row that was read before.
func withoutFirst(batch []row, last row) []row {
	if len(batch) > 0 && last != nil && slices.Equal(batch[0], last) {
		return batch[1:]
	}
	return batch
}

// targets are where Scan puts the columns.
func (r row) targets() []any {
	targets := make([]any, len(r))
	for i := range r {
		targets[i] = &r[i].value
	}
	return targets
}

// castColumns is the SELECT list that gives every column as text, and packed tokens as their bytes.
func castColumns() string {
	var list []string
	for _, c := range (Entry{}).columns() {
		if c.name == columnPacked {
			list = append(list, c.name)
			continue
		}
		list = append(list, "CAST("+c.name+" AS TEXT)")
	}
	return strings.Join(list, ", ")
}

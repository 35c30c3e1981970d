package models

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// The rows that decide over devices are held against the trail, both ways: each row is what its events say, and what an event says
// was made is there, or was swept as an event says. What no event says is listed, with its reason, in RecordColumns.

// recordsTogether is how many rows, or events, one step holds in memory: it reads them at one moment.
const recordsTogether = 500

// recordsNamed is how many mismatches are named; further ones are counted.
const recordsNamed = 20

// RecordProblem is a row that is not what the trail says.
type RecordProblem struct {
	Table, ID string
	Field     string // the column; "" for the row as a whole
	Seq       int64  // of the event that says otherwise; 0 where none says anything
	Reason    string // for people; never holds a value of the row
}

// String is a line for people.
func (p RecordProblem) String() string {
	text := p.Table + " " + p.ID
	if p.Field != "" {
		text += ", " + p.Field
	}
	text += ": " + p.Reason
	if p.Seq != 0 {
		text += fmt.Sprintf(" (entry %d)", p.Seq)
	}
	return text
}

// RecordsReport is what holding rows against events found.
type RecordsReport struct {
	Rows  int64 // that were held against events
	Wrong int64
	First []RecordProblem // recordsNamed of them at most
}

// Problems says for people what is wrong, a line each.
func (r RecordsReport) Problems() []string {
	var lines []string
	for _, problem := range r.First {
		lines = append(lines, problem.String())
	}
	if more := r.Wrong - int64(len(r.First)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more rows that are not what the trail says", more))
	}
	return lines
}

// recordsChecker holds rows against events.
type recordsChecker struct {
	database *Database
	ctx      context.Context
	progress func(done, all int64)
	done     int64 // rows of the large tables
	all      int64
	report   RecordsReport
	swept    map[term.Swept]Instant // up to which moment rows of a kind were removed
	sweptTo  int64                  // the newest event that swept knows

	checkpointsSince int64 // number of the event that made the log's first key for checkpoints; 0: there is none yet

	counted    counts          // what was counted when it was last looked at
	superseded map[Instant]int // requests that were replaced by newer ones of which no event tells, by hour
	replaced   []replacedHour  // how many more of them there may have been
}

// CheckRecords holds them, in steps. Each step reads its rows and their events at one moment: a transition and its event come
// together, so that what happens meanwhile is no sign. progress hears of each step but the last, and may be nil. The error is a
// fault of the database.
func (d *Database) CheckRecords(ctx context.Context, progress func(done, all int64)) (RecordsReport, error) {
	c := &recordsChecker{database: d, ctx: ctx, progress: progress, swept: map[term.Swept]Instant{}, superseded: map[Instant]int{}}
	if err := c.countRows(); err != nil {
		return c.report, err
	}
	for _, hold := range []func(*recordsChecker) error{
		(*recordsChecker).requests, (*recordsChecker).accounts, (*recordsChecker).clients, (*recordsChecker).sessions,
		(*recordsChecker).rules, (*recordsChecker).notes, (*recordsChecker).made, (*recordsChecker).administered,
	} {
		if err := hold(c); err != nil {
			return c.report, err
		}
	}
	return c.report, nil
}

// countRows says how much there is to do, where somebody wants to know.
func (c *recordsChecker) countRows() error {
	if c.progress == nil {
		return nil
	}
	return c.database.read.WithContext(c.ctx).Raw(`SELECT (SELECT count(*) FROM device_authorizations) + (SELECT count(*) FROM accounts) +
		(SELECT count(*) FROM clients) + (SELECT count(*) FROM staff_sessions)`).Scan(&c.all).Error
}

// step tells how far it is: so many rows more.
func (c *recordsChecker) step(rows int) {
	if c.done += int64(rows); c.progress != nil && c.done < c.all {
		c.progress(c.done, c.all)
	}
}

// atOnce reads what it reads at one moment.
func (c *recordsChecker) atOnce(read func(db *gorm.DB) error) error {
	moment := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if c.database.dialect == "sqlite" {
		moment = nil // a reader sees one moment anyway
	}
	return c.database.read.WithContext(c.ctx).Transaction(read, moment)
}

func (c *recordsChecker) wrong(problem RecordProblem) {
	c.report.Wrong++
	if len(c.report.First) < recordsNamed {
		c.report.First = append(c.report.First, problem)
	}
}

// hold compares the columns of a row with what the trail says of them.
func (c *recordsChecker) hold(table, id string, row map[string]any, said saidColumns) {
	c.report.Rows++
	for _, field := range sortedKeys(said) {
		if want := said[field]; row[field] != want.value {
			c.wrong(RecordProblem{Table: table, ID: id, Field: field, Seq: want.seq, Reason: "not what the trail says"})
		}
	}
}

// gone complains of a row that an event says is there.
func (c *recordsChecker) gone(table, id string, seq int64) {
	c.wrong(RecordProblem{Table: table, ID: id, Seq: seq, Reason: "is gone, and no event says why"})
}

// unmade complains of a row that no event made.
func (c *recordsChecker) unmade(table, id string) {
	c.wrong(RecordProblem{Table: table, ID: id, Reason: "no event says that it was made"})
}

// saidColumns are what events say of the columns of a row.
type saidColumns map[string]saidColumn

type saidColumn struct {
	value any
	seq   int64 // of the event
}

// say notes what an event says: columns and values by turns.
func (s saidColumns) say(seq int64, columns ...any) {
	for i := 0; i < len(columns); i += 2 {
		s[columns[i].(string)] = saidColumn{columns[i+1], seq}
	}
}

// forget takes back what is no longer known.
func (s saidColumns) forget(columns ...string) {
	for _, column := range columns {
		delete(s, column)
	}
}

func sortedKeys(said saidColumns) []string {
	keys := make([]string, 0, len(said))
	for key := range said {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// toldEvent is an entry with what its SET says.
type toldEvent struct {
	audit.Entry
	audit.Facts
	Subject string
}

// kind is its type.
func (e toldEvent) kind() audit.Type { return audit.Type(e.Entry.Type) }

// at is when it happened.
func (e toldEvent) at() Instant { return Instant(e.OccurredAt) }

// readEvents finds and decodes entries, oldest first. An entry that cannot be read is left out: it is bad by itself, which is
// said elsewhere.
func readEvents(query *gorm.DB) ([]toldEvent, error) {
	var entries []audit.Entry
	if err := query.Find(&entries).Error; err != nil {
		return nil, fmt.Errorf("read audit events: %w", err)
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	events := make([]toldEvent, 0, len(entries))
	for _, entry := range entries {
		if event, err := entry.Decode(); err == nil {
			events = append(events, toldEvent{entry, event.Facts, event.Subject})
		}
	}
	return events, nil
}

// readNumbered reads the events with these numbers, as readEvents, some at a time: a client may have changed its key any number of
// times, and a statement takes some ten thousand values.
func readNumbered(db *gorm.DB, seqs []int64) (all []toldEvent, err error) {
	slices.Sort(seqs)
	for some := range slices.Chunk(slices.Compact(seqs), recordsTogether) {
		events, err := readEvents(db.Where("seq IN ?", some))
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	return all, nil
}

// addAddresses puts the addresses back that lie beside the log, held against it before. One that was removed is not known any more.
func addAddresses(db *gorm.DB, events []toldEvent) error {
	seqs := make([]int64, len(events))
	for i, event := range events {
		seqs[i] = event.Seq
	}
	details, err := audit.DetailsOf(db, seqs)
	for i := range events {
		for _, row := range details[events[i].Seq] {
			switch row.Field {
			case audit.DetailAddress:
				events[i].Address = row.After
			case audit.DetailRequestedFrom:
				events[i].RequestedFrom = row.After
			}
		}
	}
	return err
}

// eachOf gives all events of a type, oldest first, in steps.
func (c *recordsChecker) eachOf(kind audit.Type, do func(db *gorm.DB, events []toldEvent) error) error {
	for after := int64(0); ; {
		var entries []int64
		err := c.atOnce(func(db *gorm.DB) error {
			query := db.Model(&audit.Entry{}).Where("type = ? AND seq > ?", string(kind), after)
			if err := query.Order("seq").Limit(recordsTogether).Pluck("seq", &entries).Error; err != nil || len(entries) == 0 {
				return err
			}
			events, err := readEvents(db.Where("seq IN ?", entries))
			if err != nil {
				return err
			}
			return do(db, events)
		})
		if err != nil || len(entries) < recordsTogether {
			return err
		}
		after = entries[len(entries)-1]
	}
}

// wasSwept reports whether a kind of rows was removed up to a moment.
func (c *recordsChecker) wasSwept(db *gorm.DB, kind term.Swept, over Instant) (bool, error) {
	if over < c.swept[kind] {
		return true, nil
	}
	for {
		events, err := readEvents(db.Where("type = ? AND seq > ?", string(audit.RowsSwept), c.sweptTo).Order("seq").Limit(recordsTogether))
		for _, event := range events {
			c.sweptTo = event.Seq
			if event.Before != nil {
				kind := term.Swept(event.Reason)
				// The event has whole seconds of the moment.
				c.swept[kind] = max(c.swept[kind], At(time.Unix(*event.Before+1, 0)))
			}
		}
		if err != nil || len(events) == 0 {
			return over < c.swept[kind], err
		}
	}
}

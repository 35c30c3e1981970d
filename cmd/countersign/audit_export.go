package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/review"
	"countersign/models"
)

// AuditExportCmd is countersign audit export.
type AuditExportCmd struct {
	StoreFlags
	LanguageFlags
	File     string `arg:"" optional:"" help:"Where to write it; a file that is there is never overwritten. Without it, the standard output."`
	Format   string `help:"jsonl: the signed entries, which can be verified. csv: a table in words, for a spreadsheet." default:"jsonl" env:"COUNTERSIGN_EXPORT_FORMAT" values:"jsonl,csv"`
	Language string `help:"Of the table's words, such as de." default:"en" env:"COUNTERSIGN_EXPORT_LANGUAGE"`
	From     string `help:"Only entries from this moment on: 2026-05-04, or 2026-05-04T09:00:00+02:00." placeholder:"TIME" env:"COUNTERSIGN_EXPORT_FROM"`
	Until    string `help:"Only entries before this moment." placeholder:"TIME" env:"COUNTERSIGN_EXPORT_UNTIL"`
	Operator string `help:"Only what this member of staff did, by the identifier in the trail." placeholder:"ID" env:"COUNTERSIGN_EXPORT_OPERATOR"`
	Counter  string `help:"Only what happened at this counter (countersign counters list)." placeholder:"ID" env:"COUNTERSIGN_EXPORT_COUNTER"`
	Account  string `help:"Only what is about this account, by the identifier in the trail." placeholder:"ID" env:"COUNTERSIGN_EXPORT_ACCOUNT"`
	App      string `help:"Only what is about this client instance, by its client_id." placeholder:"ID" env:"COUNTERSIGN_EXPORT_APP"`
	Software string `help:"Only what is about the clients of this app now, by its software_id." placeholder:"ID" env:"COUNTERSIGN_EXPORT_SOFTWARE"`
	Type     string `help:"Only events of this type, such as code-matched." placeholder:"TYPE" env:"COUNTERSIGN_EXPORT_TYPE"`
	Reason   string `help:"Only events with this reason, one of the words that docs/events.md lists." placeholder:"WORD" env:"COUNTERSIGN_EXPORT_REASON"`
	Presence string `help:"Only events where the phone's presence was shown so: \"proved\" or \"code only\"." placeholder:"WORD" env:"COUNTERSIGN_EXPORT_PRESENCE"`
	Result   string `help:"Only events that ended so: approved, declined, recalled, redeemed, ended or refused." placeholder:"WORD" env:"COUNTERSIGN_EXPORT_RESULT"`

	settings storeSettings                         `kong:"-"`
	format   term.ExportFormat                     `kong:"-"`
	filter   audit.Filter                          `kong:"-"`
	ctx      func(context.Context) context.Context `kong:"-"`
}

// Check is part of checker.
func (a *AuditExportCmd) Check(c *checks) {
	a.settings = a.StoreFlags.check(c)
	words := a.LanguageFlags.check(c)
	tag := c.language("language", a.Language, words)
	a.ctx = func(ctx context.Context) context.Context { return words.In(ctx, tag) }
	a.format = term.ExportJSONLines
	if c.oneOf("format", a.Format, "jsonl", "csv") == "csv" {
		a.format = term.ExportCSV
	}
	a.filter = audit.Filter{
		Type: audit.Type(a.Type), StaffID: a.Operator, CounterID: a.Counter, AccountID: a.Account, ClientID: a.App,
		SoftwareID: a.Software, Reason: a.Reason, Presence: a.Presence, Result: audit.Result(a.Result),
	}
	c.moment("from", a.From)
	c.moment("until", a.Until)
	switch a.filter.Unknown() {
	case "type":
		c.refuse("type", fmt.Sprintf("%q is no type of event", a.Type), "countersign audit schema prints them all")
	case "reason":
		c.refuse("reason", fmt.Sprintf("%q is no reason of any event", a.Reason), "docs/events.md lists them")
	case "presence":
		c.refuse("presence", fmt.Sprintf("%q is none of its words", a.Presence), `Say "proved" or "code only"`)
	case "result":
		c.refuse("result", fmt.Sprintf("%q is none of its words", a.Result), "Say approved, declined, recalled, redeemed, ended or refused")
	}
}

// moment wants a time, which is read again in the time zone that people read.
func (c *checks) moment(flag, value string) {
	if _, err := readMoment(value, time.UTC); err != nil {
		c.refuse(flag, fmt.Sprintf("%q is no time", value), "Write it like 2026-05-04 or 2026-05-04T09:00:00+02:00")
	}
}

// readMoment reads a time of RFC 3339, or a day, which begins at midnight in zone; "" is the zero time.
func readMoment(value string, zone *time.Location) (t time.Time, err error) {
	if value == "" {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339, value); err != nil {
		t, err = time.ParseInLocation(time.DateOnly, value, zone)
	}
	return t, err
}

// Run writes the file beside its place first, so that nothing but a whole export has its name.
func (a *AuditExportCmd) Run(env *Environment) error {
	return withStore(env, a.settings, func(store *models.Store) error {
		if a.File == "" || a.File == "-" {
			return a.export(env, store, env.Stdout)
		}
		return writeNew(a.File, func(w io.Writer) error { return a.export(env, store, w) })
	})
}

func (a *AuditExportCmd) export(env *Environment, store *models.Store, w io.Writer) error {
	zone, filter := env.Now().Location(), a.filter
	filter.From, _ = readMoment(a.From, zone) // Check has read them
	filter.Until, _ = readMoment(a.Until, zone)
	export, err := store.BeginExport(env.Context, "", filter, a.format)
	if unknown, is := errors.AsType[*models.UnknownFilterError](err); is {
		return &exitError{code: exitUsage, err: fmt.Errorf("%w. Nothing was exported", unknown)}
	}
	if err != nil {
		return err
	}
	meter := meterOf(env)
	defer meter.end()
	told := func() error {
		meter.tell(export.Reached(), export.Last(), "entries looked at")
		return nil
	}
	written, err := export.Run(env.Context, func() (int, error) {
		return review.WriteExport(a.ctx(env.Context), w, export, zone, told)
	})
	if err != nil {
		return fmt.Errorf("the export is not whole, after %d entries: %w", written, err)
	}
	_, err = fmt.Fprintf(env.Stderr, "%d entries exported, up to number %d\n", written, export.Last())
	return err
}

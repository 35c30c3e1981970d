package review

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/views"
)

// byteOrderMark lets a spreadsheet take the file for UTF-8: without it some read names as another encoding.
const byteOrderMark = "\ufeff"

// csvExport writes a table for a spreadsheet, as RFC 4180 has it but for what a spreadsheet needs: the byte order mark, and the
// separator of the reader's language.
type csvExport struct {
	ctx    context.Context
	raw    io.Writer
	out    *csv.Writer
	export *models.TrailExport
	zone   *time.Location
}

func newCSVExport(ctx context.Context, w io.Writer, export *models.TrailExport, zone *time.Location) *csvExport {
	out := csv.NewWriter(struct{ io.Writer }{w}) // or it would take w for its own buffer, and empty it after each row
	out.Comma = views.ListSeparator(ctx)
	out.UseCRLF = true
	return &csvExport{ctx: ctx, raw: w, out: out, export: export, zone: zone}
}

func (c *csvExport) begin() error {
	if _, err := io.WriteString(c.raw, byteOrderMark); err != nil {
		return err
	}
	say := views.Speaker(c.ctx)
	return c.write(say("Number"), say("Time"), say("Event"), say("By"), say("Counter"), say("App"), say("Details"),
		say("Event type"), say("Staff identifier"), say("Counter identifier"), say("App identifier"), say("Account identifier"),
		say("Request identifier"), say("Event identifier"))
}

// entry has the names of staff, counters and apps, and no account's: opening a record is an act of its own.
func (c *csvExport) entry(row models.TrailRow) error {
	return c.write(strconv.FormatInt(row.Seq, 10), c.time(row.OccurredAt), title(c.ctx, row.Event.Type), who(c.ctx, row),
		row.CounterName, row.ClientName, details(c.ctx, row, c.zone, false),
		row.Type, row.StaffID, row.CounterID, row.ClientID, row.AccountID, row.DeviceAuthorizationID, row.ID)
}

// end is a row of its own, below the entries.
func (c *csvExport) end(written int) error {
	say := views.Speaker(c.ctx)
	return c.write("", c.time(c.export.Began.OccurredAt), say("End of the export"), "", "", "",
		say("%d entries, up to number %d", written, c.export.Last()), "", "", "", "", "", "", c.export.Began.ID)
}

// time is ISO 8601 with the offset from UTC.
func (c *csvExport) time(ms int64) string {
	return time.UnixMilli(ms).In(c.zone).Format("2006-01-02T15:04:05.000Z07:00")
}

// marks are what pages need to keep the direction of a name: a cell has its own.
var marks = strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "")

func (c *csvExport) write(cells ...string) error {
	for i, cell := range cells {
		cells[i] = harmless(marks.Replace(cell))
	}
	if err := c.out.Write(cells); err != nil {
		return err
	}
	c.out.Flush() // into the buffer
	return c.out.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula: an app names itself, and people are called what they like. The
// apostrophe is what a spreadsheet's own users write before a text.
func harmless(cell string) string {
	if strings.HasPrefix(cell, "'") || cell != "" && strings.ContainsAny(firstRune(cell), "=+-@\t\r\n\x00＝＋－＠") {
		return "'" + cell
	}
	return cell
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}

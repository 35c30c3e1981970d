package review

import (
	"context"
	"net/http"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// pageLength is how many events a page shows.
const pageLength = 50

// Events lists the audit trail, newest first: GET /review/events. The parameters are in filter.go; before is the number of the
// entry that the page ends above. What means nothing is left aside.
func (h *Review) Events(c echo.Context) error {
	ctx := c.Request().Context()
	ask, zone, err := h.readTrail(c)
	if err != nil {
		return err
	}
	found, err := h.find(ctx, ask)
	if err != nil {
		return err
	}
	open, err := h.opened(c)
	if err != nil {
		return err
	}
	locked, err := h.locked(c, zone, open)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, views.Say(ctx, "Audit trail"), views.SectionReview)
	frame.PageStylesheetURL = static.URL("report.css")
	props := views.EventsProps{Locked: locked, Behind: found.Behind, ExportURL: exportAddress(ask.address("", ""))}
	if err := h.addFilters(ctx, ask, open, &props); err != nil {
		return err
	}
	h.tellEvents(c, &frame, &props)
	if err := h.addAlerts(c, zone, open, &frame, &props); err != nil {
		return err
	}
	addPages(ask, &found, &props)
	for _, row := range found.Rows {
		event := eventRow(ctx, row, zone, open)
		ask.link(&event, row)
		props.Events = append(props.Events, event)
	}
	return web.Render(c, http.StatusOK, views.EventsPage(frame, props))
}

// find asks for one entry more than a page shows, to know whether there are older ones. Whoever asks for nothing reads the trail
// itself.
func (h *Review) find(ctx context.Context, ask asked) (models.FoundTrail, error) {
	filter := ask.filter
	filter.Limit = pageLength + 1
	if len(ask.values) > 0 {
		return h.app.Store.SearchTrail(ctx, filter)
	}
	rows, err := h.app.Store.Trail(ctx, filter)
	return models.FoundTrail{Rows: rows}, err
}

// addPages says where the list goes on, and leaves as many rows as a page shows.
func addPages(ask asked, found *models.FoundTrail, props *views.EventsProps) {
	switch {
	case len(found.Rows) > pageLength:
		found.Rows = found.Rows[:pageLength]
		props.OlderURL = ask.older(found.Rows[pageLength-1].Seq)
	case found.Further != 0:
		props.FurtherURL = ask.older(found.Further)
	}
	if ask.filter.Before != 0 {
		props.NewerURL = ask.address("", "")
	}
}

// addFilters adds the filters in force, and the form that adds others.
func (h *Review) addFilters(ctx context.Context, ask asked, open map[string]bool, props *views.EventsProps) error {
	names, err := h.app.Store.TrailNames(ctx, ask.filter)
	if err != nil {
		return err
	}
	props.Filters, props.Reports = ask.chips(ctx, names, open), ask.reports(ctx, names, open)
	props.Choices, err = h.choices(ctx, ask)
	return err
}

// tellEvents words what was just done, or not found.
func (h *Review) tellEvents(c echo.Context, frame *views.Frame, props *views.EventsProps) {
	say := views.Speaker(c.Request().Context())
	switch word := h.app.Told(c); word {
	case console.Unlocked:
		frame.Notice = say("Codes can be entered for the account again.")
	case console.NoUnlockReason:
		frame.Errors = []views.FieldError{{Field: "unlock", Message: say("Choose why the account may be opened again. Nothing was unlocked.")}}
	case console.LookedAt:
		frame.Notice = say("The alert is out of the list. It stays in the trail, with your name.")
	case console.LookedAtBefore:
		frame.Notice = say("Somebody had closed this alert already: the trail says who. Your note was not kept.")
	case console.AlertNoted:
		frame.Notice = say("The note is kept. The alert stays open.")
	case console.AlertTaken:
		frame.Notice = say("The alert is yours: the others see your name.")
	case console.AlertTakenBefore:
		frame.Notice = say("Somebody else has taken this alert meanwhile: the list says who.")
	case console.Revoked:
		frame.Notice = say("The device is disconnected. Its tokens no longer work.")
	case console.AnsweredBefore:
		frame.Notice = say("Somebody had answered already: the trail says who. Nothing was disconnected now.")
	case console.NoSuchAccount:
		h.notFound(c, frame, props)
	case console.IsDocument:
		frame.Errors = []views.FieldError{{Field: "identifier", Message: say("That is an ID document, and no account identifier.")}}
	case console.ExportRunning, console.ExportOfNothing:
		frame.Errors = tellExport(c.Request().Context(), word)
	case console.NoSuchReceipt:
		frame.Errors = []views.FieldError{{Field: "receipt", Message: say("No receipt has this number. It looks like 0000-0045.")}}
		h.app.KeptOnce(c, keptReceipt, &props.Receipt)
	}
}

// eventRow tells one event by names: the account's where its record is open.
func eventRow(ctx context.Context, row models.TrailRow, zone *time.Location, open map[string]bool) views.EventRow {
	told := views.EventRow{
		Sequence: row.Seq, Time: views.Second(ctx, time.UnixMilli(row.OccurredAt), zone), Title: title(ctx, row.Event.Type),
		Who: who(ctx, row), Account: accountName(ctx, row.AccountID, row.AccountName, open), Client: row.ClientName, Counter: row.CounterName,
		Reason: details(ctx, row, zone, open[row.AccountID]),
	}
	told.ByDevice = row.StaffName == "" && row.Event.Facts.Actor != nil && row.Event.Facts.Actor.Client != ""
	if row.Unreadable {
		told.Reason = views.Say(ctx, "Somebody has changed this entry: its own page says what is wrong.")
	}
	told.OpenURL, told.LinkURL = whereTo(row, open)
	if looked := row.LookedAt; looked != nil {
		told.LookedAt = lookedWords(ctx, *looked, zone)
		if looked.Note != "" {
			told.Notes = []views.NoteFacts{{Text: looked.Note}}
		}
	}
	for _, note := range row.Notes {
		told.Notes = append(told.Notes, views.NoteFacts{By: note.Name, At: views.Second(ctx, note.At.Time(), zone), Text: note.Note})
	}
	return told
}

// lookedWords says who closed an alert, when, and what came of it; before there was such a word, who had looked at it.
func lookedWords(ctx context.Context, looked models.LookedAt, zone *time.Location) string {
	say, at := views.Speaker(ctx), views.Second(ctx, looked.At.Time(), zone)
	if looked.Closing == "" {
		return say("Looked at by %s on %s", isolated(looked.Name), at)
	}
	return say("Closed by %s on %s: %s", isolated(looked.Name), at, say(looked.Closing.Label()))
}

package review

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// pageLength is how many events a page shows.
const pageLength = 50

// Events lists the audit trail, newest first: GET /review/events. type narrows it to
// one type of event; before is the number of the entry that the page ends above. What means
// nothing is left aside.
func (h *Review) Events(c echo.Context) error {
	ctx := c.Request().Context()
	filter := readFilter(c)
	rows, err := h.app.Store.Trail(ctx, filter)
	if err != nil {
		return err
	}
	zone, err := h.zone(c)
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
	props := views.EventsProps{Types: eventTypes(ctx), Filters: chips(ctx, filter), Locked: locked}
	h.tellEvents(c, &frame, &props)
	if err := h.addAlerts(c, zone, open, &frame, &props); err != nil {
		return err
	}
	if len(rows) > pageLength {
		rows = rows[:pageLength]
		props.OlderURL = eventsAddress(filter.Type, rows[len(rows)-1].Seq)
	}
	if filter.Before != 0 {
		props.NewerURL = eventsAddress(filter.Type, 0)
	}
	for _, row := range rows {
		props.Events = append(props.Events, eventRow(ctx, row, zone, open))
	}
	return web.Render(c, http.StatusOK, views.EventsPage(frame, props))
}

// tellEvents words what was just done, or not found.
func (h *Review) tellEvents(c echo.Context, frame *views.Frame, props *views.EventsProps) {
	say := views.Speaker(c.Request().Context())
	switch h.app.Told(c) {
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
	case console.NoSuchReceipt:
		frame.Errors = []views.FieldError{{Field: "receipt", Message: say("No receipt has this number. It looks like 0000-0045.")}}
		h.app.KeptOnce(c, keptReceipt, &props.Receipt)
	}
}

// readFilter asks for one entry more than a page shows, to know whether there are older
// ones.
func readFilter(c echo.Context) audit.Filter {
	filter := audit.Filter{Limit: pageLength + 1}
	if before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64); err == nil && before > 0 {
		filter.Before = before
	}
	if definition, ok := audit.Lookup(audit.Type(c.QueryParam("type"))); ok {
		filter.Type = definition.Type
	}
	return filter
}

func eventsAddress(kind audit.Type, before int64) string {
	query := url.Values{}
	if kind != "" {
		query.Set("type", string(kind))
	}
	if before != 0 {
		query.Set("before", strconv.FormatInt(before, 10))
	}
	if len(query) == 0 {
		return views.PathReviewEvents
	}
	return views.PathReviewEvents + "?" + query.Encode()
}

func chips(ctx context.Context, filter audit.Filter) []views.FilterChip {
	definition, ok := audit.Lookup(filter.Type)
	if !ok {
		return nil
	}
	return []views.FilterChip{{
		Name: views.Say(ctx, "Event"), Value: views.Say(ctx, definition.Title), Parameter: "type", Raw: string(filter.Type),
		RemoveURL: views.PathReviewEvents,
	}}
}

func eventTypes(ctx context.Context) []views.Choice {
	var types []views.Choice
	for _, definition := range audit.Catalogue() {
		types = append(types, views.Choice{Value: string(definition.Type), Label: views.Say(ctx, definition.Title)})
	}
	return types
}

// eventRow tells one event by names: the account's where its record is open.
func eventRow(ctx context.Context, row models.TrailRow, zone *time.Location, open map[string]bool) views.EventRow {
	told := views.EventRow{
		Sequence: row.Seq, Time: views.Second(ctx, time.UnixMilli(row.OccurredAt), zone), Title: title(ctx, row.Event.Type),
		Who: who(ctx, row), Account: accountName(row.AccountID, row.AccountName, open), Client: row.ClientName, Counter: row.CounterName,
		Reason: details(ctx, row.Event),
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

func (h *Review) locked(c echo.Context, zone *time.Location, open map[string]bool) ([]views.LockedAccount, error) {
	accounts, err := h.app.Store.LockedAccounts(c.Request().Context())
	if err != nil {
		return nil, err
	}
	var list []views.LockedAccount
	for _, account := range accounts {
		row, err := h.lockedAccount(c, account.Account, zone)
		if err != nil {
			return nil, err
		}
		if !open[row.ID] {
			row.Name, row.OpenURL = console.Initials(row.Name), views.ReviewOpenRecordPath(row.ID)
		}
		events, err := h.app.Store.Trail(c.Request().Context(), audit.Filter{Type: audit.MatchLocked, AccountID: account.ID, Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(events) > 0 {
			row.Since = views.Moment(c.Request().Context(), time.UnixMilli(events[0].OccurredAt), zone)
		}
		list = append(list, *row)
	}
	return list, nil
}

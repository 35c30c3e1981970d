package review

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Alert writes a note on an alert, closes it, or both: POST /review/alerts/:id. What is closed goes out of the list and stays
// in the trail.
func (h *Review) Alert(c echo.Context) error {
	note, closing := strings.TrimSpace(web.Field(c, "note")), term.Closing(web.Field(c, "closing"))
	ctx, session, id := c.Request().Context(), web.SessionOf(c).ID, c.Param("id")
	word, err := console.AlertNoted, error(nil)
	switch {
	case closing != "":
		word, err = console.LookedAt, h.app.Store.CloseAlert(ctx, session, id, closing, note)
	default:
		err = h.app.Store.NoteAlert(ctx, session, id, note)
	}
	_, unfit := errors.AsType[*oauth.Error](err)
	switch {
	case unfit || errors.Is(err, models.ErrNotesFull):
		again := noteAgain{id, console.Shortened(note, oauth.MaxNote), string(closing), !unfit}
		if _, err := h.app.Keep(c, keptNote, again); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	case errors.Is(err, models.ErrLookedAt):
		word = console.LookedAtBefore
	case err != nil:
		return err
	}
	h.app.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

// TakeAlert says that a supervisor sees to an alert: POST /review/alerts/:id/take.
func (h *Review) TakeAlert(c echo.Context) error {
	err := h.app.Store.TakeAlert(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"), web.Field(c, "from"))
	switch {
	case errors.Is(err, models.ErrTaken):
		h.app.Tell(c, console.AlertTakenBefore)
	case errors.Is(err, models.ErrLookedAt):
		h.app.Tell(c, console.LookedAtBefore)
	case err != nil:
		return err
	default:
		h.app.Tell(c, console.AlertTaken)
	}
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

// AlertCount is the number on the tab, as it is now: GET /review/alerts/count.
func (h *Review) AlertCount(c echo.Context) error {
	alerts, err := h.app.Store.AlertCount(c.Request().Context())
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.AlertNumber(alerts))
}

// Disconnect answers an operator's request with one press: POST /review/alerts/:id/disconnect.
func (h *Review) Disconnect(c echo.Context) error {
	word := console.Revoked
	err := h.app.Store.Disconnect(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"))
	if errors.Is(err, models.ErrLookedAt) {
		word, err = console.AnsweredBefore, nil
	}
	if err != nil {
		return err
	}
	h.app.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

// keptNote names the cookie of a note to mend: it is shown once.
const keptNote = "note"

type noteAgain struct {
	Alert, Note, Closing string
	Full                 bool // the alert takes no more notes
}

// message says what is to mend.
func (n noteAgain) message(ctx context.Context) string {
	say := views.Speaker(ctx)
	switch {
	case n.Full:
		return say("This alert takes no more notes. You can close it without one.")
	case n.Note == "":
		return say("Write a note, or choose what came of it.")
	}
	return say("Write a note of at most %d characters, none of them invisible, or none.", oauth.MaxNote)
}

// addAlerts lists the alerts that nobody has closed, with what is to mend in a note.
func (h *Review) addAlerts(c echo.Context, zone *time.Location, open map[string]bool, frame *views.Frame, props *views.EventsProps) error {
	ctx := c.Request().Context()
	alerts, err := h.app.Store.Alerts(ctx)
	if err != nil {
		return err
	}
	var again noteAgain
	if h.app.Kept(c, keptNote, &again) {
		h.app.Forget(c, keptNote)
	}
	props.Open = alerts.Count
	for place, row := range alerts.Newest {
		alert := alertRow(ctx, row, zone, open, web.SessionOf(c).Staff.ID)
		if again.Alert == row.ID {
			alert.Note, alert.Closing, alert.Error = again.Note, again.Closing, again.message(ctx)
			frame.Errors = append(frame.Errors, views.FieldError{Field: views.NoteField(place), Message: alert.Error})
		}
		props.Alerts = append(props.Alerts, alert)
	}
	return nil
}

// alertRow tells one open alert to one of the staff.
func alertRow(ctx context.Context, row models.Alert, zone *time.Location, open map[string]bool, reader string) views.AlertRow {
	alert := views.AlertRow{EventRow: eventRow(ctx, row.TrailRow, zone, open), ID: row.ID, Own: row.StaffID == reader,
		TakenBy: row.TakenBy, Mine: row.TakenBy == reader, Next: nextStep(ctx, row.Event.Type)}
	lead(&alert.EventRow, row.TrailRow)
	switch at := views.Second(ctx, row.TakenAt.Time(), zone); {
	case alert.Mine:
		alert.Taken = views.Say(ctx, "Yours since %s", at)
	case row.TakenBy != "":
		alert.Taken = views.Say(ctx, "%s has it since %s", isolated(row.TakenName), at)
	}
	if row.Event.Type == audit.DisconnectionRequested {
		alert.Asks, alert.MayDisconnect = true, row.Event.Facts.Binding != "" && !alert.Own
	}
	return alert
}

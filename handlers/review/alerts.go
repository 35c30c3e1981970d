package review

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"countersign/audit"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// LookedAt says that a supervisor has looked at an alert: POST
// /review/alerts/:id/looked-at. It goes out of the list and stays in the trail.
func (h *Review) LookedAt(c echo.Context) error {
	note := strings.TrimSpace(web.Field(c, "note"))
	err := h.app.Store.AcknowledgeAlert(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"), note)
	switch _, unfit := errors.AsType[*oauth.Error](err); {
	case unfit:
		if _, err := h.app.Keep(c, keptNote, noteAgain{c.Param("id"), console.Shortened(note, oauth.MaxNote)}); err != nil {
			return err
		}
	case errors.Is(err, models.ErrLookedAt):
		h.app.Tell(c, console.LookedAtBefore)
	case err != nil:
		return err
	default:
		h.app.Tell(c, console.LookedAt)
	}
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
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

type noteAgain struct{ Alert, Note string }

// addAlerts lists the alerts that nobody has looked at, with what is to mend in a note.
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
		alert := views.AlertRow{EventRow: eventRow(ctx, row, zone, open), ID: row.ID, Own: row.StaffID == web.SessionOf(c).Staff.ID}
		if row.Event.Type == audit.DisconnectionRequested {
			alert.Asks, alert.MayDisconnect = true, row.Event.Facts.Binding != "" && !alert.Own
		}
		if again.Alert == row.ID {
			alert.Note, alert.Error = again.Note, views.Say(ctx, "Write a note of at most %d characters, none of them invisible, or none.",
				oauth.MaxNote)
			frame.Errors = append(frame.Errors, views.FieldError{Field: views.NoteField(place), Message: alert.Error})
		}
		props.Alerts = append(props.Alerts, alert)
	}
	return nil
}

package web

import (
	"bytes"
	"strings"
	"time"

	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// Render answers with a page: rendered whole before the status is sent, so that a
// fault in the middle is still an error page.
func Render(c echo.Context, status int, page templ.Component) error {
	var buffer bytes.Buffer
	if err := page.Render(c.Request().Context(), &buffer); err != nil {
		return err
	}
	speaksFor(c)
	return c.HTMLBlob(status, buffer.Bytes())
}

// Frame is what surrounds a page for whoever is looking at it.
func (a *App) Frame(c echo.Context, title string, section views.Section) views.Frame {
	session := SessionOf(c)
	frame := views.Frame{
		Title: title, Path: pathOf(c), Demonstration: a.Demonstration, Current: section,
		StylesheetURL: static.URL("app.css"), FaviconURL: static.URL("favicon.svg"),
		StaffName: session.Staff.Name, StaffRole: roleWords(session.Roles),
		ShowCounter: session.Has(models.Operator), ShowReview: session.Has(models.Supervisor),
		ShowSecond: session.Has(models.Supervisor) || session.Has(models.Operator),
		ShowAdmin:  session.Has(models.Administrator),
	}
	if session.Counter != nil {
		frame.CounterName = session.Counter.Name
	}
	if session.Staff.ID != "" {
		frame.Scripts = views.Scripts{Htmx: static.URL("vendor/htmx.min.js"), Console: static.URL("console.js")}
	}
	if section == views.SectionCounter {
		frame.Scripts.Scanner = static.URL("scanner.js")
	}
	return frame
}

func roleWords(roles []models.Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, string(role))
	}
	return strings.Join(words, ", ")
}

// Zone is the time zone that a page tells times in: the open counter's.
func Zone(c echo.Context) *time.Location {
	if counter := SessionOf(c).Counter; counter != nil {
		return counter.Location()
	}
	return time.UTC
}

// Moment tells a point in time to a person: "3 May 2026 at 14:02", in UTC as "3 May 2026
// at 14:02 UTC".
func Moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	text := t.In(zone).Format("2 January 2006 at 15:04")
	if zone == time.UTC {
		text += " UTC"
	}
	return text
}

// Clock tells a time of today: "14:02".
func Clock(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

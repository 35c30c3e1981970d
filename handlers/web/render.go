package web

import (
	"bytes"
	"context"
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
	return htmlBlob(c, status, views.MarkForeign(buffer.Bytes()))
}

// Frame returns what surrounds a page, for the staff of this session or for a stranger.
func (a *App) Frame(c echo.Context, title string, section views.Section) views.Frame {
	session := SessionOf(c)
	frame := views.Frame{
		Title: title, Path: pathOf(c), Demonstration: a.Demonstration, Current: section,
		StylesheetURL: static.URL("app.css"), FaviconURL: static.URL("favicon.svg"),
		StaffName: session.Staff.Name, StaffRole: roleWords(c.Request().Context(), session.Roles),
		ShowCounter: session.Has(models.Operator), ShowReview: session.Has(models.Supervisor),
		ShowSecondApproval: session.Has(models.Supervisor) || session.Has(models.Operator),
		ShowAdmin:          session.Has(models.Administrator),
	}
	if session.Counter != nil {
		frame.CounterName = session.Counter.Name
	}
	if session.Staff.ID != "" {
		frame.Scripts = views.Scripts{
			Htmx: static.URL("vendor/htmx.min.js"), Console: static.URL("console.js"), Scanner: static.URL("scanner.js"),
		}
	}
	return frame
}

func roleWords(ctx context.Context, roles []models.Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, views.RoleName(ctx, string(role)))
	}
	return strings.Join(words, ", ")
}

// Zone returns the time zone that a page tells times in: the open counter's.
func Zone(c echo.Context) *time.Location {
	if counter := SessionOf(c).Counter; counter != nil {
		return counter.Location()
	}
	return time.UTC
}

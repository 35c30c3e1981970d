package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// faultKey marks a request whose answer is the page of a fault.
const faultKey = "fault"

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
		Title: title, Path: pathOf(c), Demonstration: a.Demonstration, Practice: a.Practice != nil, Current: section,
		Organisation: a.OrganisationShown(), StylesheetURL: static.URL("app.css"), FaviconURL: static.URL("favicon.svg"),
		SessionID: session.ID, StaffName: session.Staff.Name, StaffRole: roleWords(c.Request().Context(), session.Roles),
		ShowCounter: session.Has(models.Operator), ShowReview: session.Has(models.Supervisor),
		ShowSecondApproval: session.Has(models.Supervisor) || session.Has(models.Operator),
		ShowAdmin:          session.Has(models.Administrator),
	}
	if session.Counter != nil {
		frame.CounterName = session.Counter.Name
	}
	frame.HelpURL = helpFor(session, section, wayBack(c))
	if session.Staff.ID != "" {
		a.beside(c, &frame)
		frame.Scripts = views.Scripts{
			Htmx: static.URL("vendor/htmx.min.js"), Console: static.URL("console.js"), Scanner: static.URL("scanner.js"),
		}
	}
	return frame
}

// beside says what the session holds and who waits for it. A part of a page that refreshes by
// itself leaves that out, and so does the page of a fault: it must not wait for a database
// that does not answer.
func (a *App) beside(c echo.Context, frame *views.Frame) {
	session, ctx := SessionOf(c), c.Request().Context()
	frame.MayAnswer = session.MayAnswer()
	if c.Request().Header.Get("HX-Request") != "" || c.Get(faultKey) != nil {
		return
	}
	beside, err := a.Store.Beside(ctx, session)
	if err != nil {
		a.Log.WarnContext(ctx, "a page does not say which visits wait", "error", err, "request_id", RequestID(c))
		return
	}
	frame.Calls, frame.Alerts = beside.Calls, beside.Alerts
	for _, held := range beside.Held {
		steps := []string{views.ProofPath(held.ID), views.DecidePath(held.ID)}
		if c.Request().Method == http.MethodGet && slices.Contains(steps, c.Request().URL.EscapedPath()) {
			continue // it says so itself
		}
		frame.Held = append(frame.Held, views.HeldVisit{
			URL: stepOf(held), App: held.ClientName, ClaimUntil: views.Clock(ctx, held.ClaimUntil.Time(), Zone(c)),
			Until: held.ClaimUntil.Time().UTC().Format(time.RFC3339), Now: a.now().UTC().Format(time.RFC3339),
		})
	}
}

// stepOf leads to the step at which a visit is.
func stepOf(held models.HeldVisit) string {
	if held.Proofed {
		return views.DecidePath(held.ID)
	}
	return views.ProofPath(held.ID)
}

// helpFor returns the page of help that fits the reader: by the part of the console they
// are in, else by their roles. A stranger chooses.
func helpFor(session models.Session, section views.Section, back string) string {
	switch {
	case section == views.SectionReview:
		return views.HelpPath("supervisor", back)
	case section == views.SectionAdmin:
		return views.HelpPath("administrator", back)
	case session.Has(models.Operator):
		return views.HelpPath("operator", back)
	case session.Has(models.Supervisor):
		return views.HelpPath("supervisor", back)
	case session.Has(models.Administrator):
		return views.HelpPath("administrator", back)
	}
	return views.PathHelp
}

// wayBack returns the page that a member of staff looks at; after a form of a visit or of an
// account, which has no address to come back to, the page of that.
func wayBack(c echo.Context) string {
	id := c.Param("id")
	switch path := c.Path(); {
	case SessionOf(c).ID == "":
		return ""
	case c.Request().Method == http.MethodGet:
		return pathOf(c)
	case strings.HasPrefix(path, views.PathVisits):
		return views.DecidePath(id)
	case strings.HasPrefix(path, views.AccountPath("")):
		return views.AccountPath(id)
	}
	return ""
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

package review

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// exportWrite is how long a reader may take for what is written at once: a slow one is served, one that has gone is not.
const exportWrite = time.Minute

// errServerEnds breaks an export off, so that it does not hold the end of the server up.
var errServerEnds = errors.New("the server ends")

// Export sends what the trail's page lists, all pages of it, as a file: POST /review/events/export. The address has the page's
// filter, the form the format. An export that cannot be finished breaks the connection off, so that no browser takes it for whole.
func (h *Review) Export(c echo.Context) error {
	ask, zone, err := h.readTrail(c)
	if err != nil {
		return err
	}
	format := term.ExportJSONLines
	if web.Field(c, "format") == string(term.ExportCSV) {
		format = term.ExportCSV
	}
	export, err := h.app.Store.BeginExport(c.Request().Context(), web.SessionOf(c).ID, ask.filter, format)
	if word, refused := exportRefusal(err); refused {
		h.app.Log.InfoContext(c.Request().Context(), "an export of the trail was refused", "cause", err, "request_id", web.RequestID(c))
		h.app.Tell(c, word)
		return c.Redirect(http.StatusSeeOther, withQuery(views.PathReviewEvents, c.QueryString()))
	}
	if err != nil {
		return err
	}
	web.LeavePlace(c)
	ctx := c.Request().Context()
	written, err := export.Run(ctx, func() (int, error) { return h.sendExport(c, export, zone) })
	if err != nil {
		h.app.Log.WarnContext(ctx, "an export of the trail was broken off", "entries", written, "error", err, "request_id", web.RequestID(c))
		panic(http.ErrAbortHandler)
	}
	return nil
}

func exportRefusal(err error) (word console.Word, refused bool) {
	if _, unknown := errors.AsType[*models.UnknownFilterError](err); unknown {
		return console.ExportOfNothing, true
	}
	return console.ExportRunning, errors.Is(err, models.ErrExportRunning)
}

// sendExport writes the file. The server's own time limits are for answers that end soon; each write has one of its own instead.
func (h *Review) sendExport(c echo.Context, export *models.TrailExport, zone *time.Location) (int, error) {
	control := http.NewResponseController(c.Response())
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	more := func() error { return control.SetWriteDeadline(time.Now().Add(exportWrite)) }
	told := func() error {
		select {
		case <-web.Ending(c.Request().Context()):
			return errServerEnds
		default:
			return errors.Join(control.Flush(), more())
		}
	}
	exportHeader(c, export)
	if err := more(); err != nil {
		return 0, err
	}
	return WriteExport(c.Request().Context(), c.Response(), export, zone, told)
}

func exportHeader(c echo.Context, export *models.TrailExport) {
	mediaType, ending := "application/jsonl", "jsonl"
	if export.Format == term.ExportCSV {
		mediaType, ending = "text/csv; charset=utf-8", "csv"
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, mediaType)
	header.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="trail-%d.%s"`, export.Last(), ending))
	header.Set("X-Accel-Buffering", "no") // a proxy that collects answers would fill its disk
	c.Response().WriteHeader(http.StatusOK)
}

// exportAddress is where the form of a page of the trail posts to: with that page's filter.
func exportAddress(page string) string {
	_, query, _ := strings.Cut(page, "?")
	return withQuery(views.PathReviewExport, query)
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// tellExport says why nothing was exported.
func tellExport(ctx context.Context, word console.Word) []views.FieldError {
	say := views.Speaker(ctx)
	switch word {
	case console.ExportRunning:
		return []views.FieldError{{Field: "export",
			Message: say("Another export is under way. Nothing was exported: try again when it is over.")}}
	case console.ExportOfNothing:
		return []views.FieldError{{Field: "export", Message: say("One of these filters names nothing that is known here. Nothing was exported.")}}
	}
	return nil
}

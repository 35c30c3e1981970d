package web

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// unavailable puts Retry-After on the answer to a request that met an outage of the
// database, and has the outage logged once. It is 503 with whole seconds: phones end their
// polling at 500, at 429 and at a date (RFC 9110 §10.2.3 allows both forms).
func (a *App) unavailable(err error, c echo.Context) bool {
	outage, is := errors.AsType[*models.UnavailableError](err)
	if !is {
		return false
	}
	retryIn(c, outage.RetryAfter())
	c.Set(outageKey, true)
	a.Store.TellOutage(c.Request().Context(), outage, slog.String("route", c.Path()), slog.String("request_id", RequestID(c)))
	return true
}

// outdated is the middleware that answers nothing from a database which a newer program has changed for good: what is there
// could be read wrongly.
func (a *App) outdated(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := a.Store.Outdated(); err != nil {
			return err
		}
		return next(c)
	}
}

// retryIn says how long the other side had better wait, at least one second.
func retryIn(c echo.Context, wait time.Duration) {
	c.Response().Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}

// unavailablePage keeps what was typed: its button sends the same form again. What that
// form does is judged anew, so that sending it twice does nothing twice.
func (a *App) unavailablePage(c echo.Context) views.ErrorProps {
	say := views.Speaker(c.Request().Context())
	page := views.ErrorProps{
		Heading: say("The database is not available now"), What: say("This is not your fault, and it often passes within a minute."),
		Next: say("Try again in a moment. If it stays so, tell your administrator the reference below."), Reference: RequestID(c),
	}
	switch form := Fields(c); {
	case c.Request().Method == http.MethodGet:
		page.LinkText, page.LinkURL = say("Try again"), c.Request().URL.RequestURI()
	case c.Request().MultipartForm != nil:
		page.Next = say("Go back, choose the file again and send it once more. If it stays so, tell your administrator the reference below.")
	default:
		page.Next = say("What you typed is kept on this page. Send it again in a moment. If it stays so, tell your administrator the reference below.")
		page.Again = views.FormAgain{Action: c.Request().URL.EscapedPath(), Fields: fieldsOf(form)}
		noStore(c)
	}
	return page
}

// fieldsOf returns the form's fields, sorted by name; those of one name stay in their order.
func fieldsOf(form url.Values) []views.FormField {
	var fields []views.FormField
	for name, values := range form {
		for _, value := range values {
			fields = append(fields, views.FormField{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(fields, func(x, y views.FormField) int { return strings.Compare(x.Name, y.Name) })
	return fields
}

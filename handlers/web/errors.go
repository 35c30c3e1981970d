package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// retryAfterTimeout is how long to wait after a request that took too long.
const retryAfterTimeout = 10 * time.Second

// retryNoRoom is how long to wait when no more used proofs can be remembered: within it, many of those that are end.
const retryNoRoom = time.Minute

// retryNoKeys is how long to wait where this process cannot publish its keys. Another one answers at once.
const retryNoKeys = 30 * time.Second

// ErrCrossOrigin says that another site's page sent the form.
var ErrCrossOrigin = errors.New("a form from another site was refused")

// PageError is an error that a handler words itself, for a page of its own.
type PageError struct {
	Status int
	views.ErrorProps
}

func (e *PageError) Error() string { return e.Heading }

// Answer is echo's error handler, the only place where an error becomes an answer.
// Strangers never see internal text: a fault is logged with the request's id, and the
// answer names that id.
func (a *App) Answer(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	// The request's own context is over by now; names must still be found and the page
	// rendered.
	ctx := c.Request().Context()
	if refusal, is := errors.AsType[*oauth.Error](err); is && a.wantsJSON(c) {
		a.tellAnswered(a.refuse(refusal, c), c)
		return
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = errors.Join(err, context.DeadlineExceeded) // the database may have said something else
	}
	c.SetRequest(c.Request().WithContext(context.WithoutCancel(ctx)))
	var answered error
	if a.wantsJSON(c) {
		answered = a.answerClient(err, c)
	} else {
		answered = a.answerPerson(err, c)
	}
	a.tellAnswered(answered, c)
}

// tellAnswered logs that an answer failed on its way.
func (a *App) tellAnswered(err error, c echo.Context) {
	if err != nil {
		a.Log.ErrorContext(c.Request().Context(), "no answer could be given", "error", err, "request_id", RequestID(c))
	}
}

func (a *App) wantsJSON(c echo.Context) bool {
	if who, ok := c.Get(audienceKey).(Audience); ok {
		return who == Clients
	}
	return !strings.Contains(c.Request().Header.Get("Accept"), "text/html")
}

// answerClient tells a client by RFC 6749 §5.2.
func (a *App) answerClient(err error, c echo.Context) error {
	readableByClients(c)
	if challenge, is := errors.AsType[*Challenge](err); is {
		return challenge.answer(c)
	}
	if bearer, is := errors.AsType[*BearerRefused](err); is {
		return bearer.answer(c)
	}
	status, code, description := a.clientError(err, c)
	return answerRefusal(c, status, refusalBody{Error: code, Description: description})
}

// refuse tells a client what oauth has judged.
func (a *App) refuse(refusal *oauth.Error, c echo.Context) error {
	readableByClients(c)
	return answerRefusal(c, refusal.Status(), refusalBody{refusal.DeclineReason, refusal.Code, refusal.Description})
}

// refusalBody is RFC 6749 §5.2, with the reason of a decline (oauth.ParamDeclineReason).
type refusalBody struct {
	DeclineReason string `json:"countersign_decline_reason,omitempty"`
	Error         string `json:"error"`
	Description   string `json:"error_description,omitempty"`
}

func answerRefusal(c echo.Context, status int, body refusalBody) error {
	if status == http.StatusUnauthorized {
		challengeClient(c, body.Error, body.Description)
	}
	c.Response().Header()[echo.HeaderContentType] = valueJSON
	return c.JSON(status, &body)
}

func readableByClients(c echo.Context) {
	noStore(c)
	anyOrigin(c) // also where no route was found, as for metadata that a client looks for first
}

func (a *App) clientError(err error, c echo.Context) (status int, code, description string) {
	var known *echo.HTTPError
	var tooLarge *http.MaxBytesError
	if tooMany, is := retryAfter(err, c); is {
		return http.StatusTooManyRequests, oauth.ErrTemporarilyUnavailable, "too many " + tooMany.What + ": see Retry-After"
	}
	switch {
	case errors.Is(err, ErrInClear):
		return http.StatusBadRequest, oauth.ErrInvalidRequest,
			"this request came in clear: use https; a proxy in front of this server must say X-Forwarded-Proto: https"
	case errors.Is(err, oauth.ErrNoRoom):
		retryIn(c, retryNoRoom)
		return http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable, "too many requests of all clients together: see Retry-After"
	case errors.Is(err, models.ErrNextKeyUnknown):
		retryIn(c, retryNoKeys)
		return http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable, "this process cannot tell all keys: see Retry-After"
	case errors.Is(err, models.ErrReplayed):
		return http.StatusUnauthorized, oauth.ErrInvalidClient, "this assertion was used before; make a new one for every request"
	case errors.Is(err, models.ErrReplayedProof):
		return http.StatusBadRequest, oauth.ErrInvalidDPoPProof, "this DPoP proof was used before; make a new one for every request"
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, oauth.ErrInvalidRequest, "the request is too large"
	case errors.Is(err, errEncoded):
		return http.StatusUnsupportedMediaType, oauth.ErrInvalidRequest, "the body has a Content-Encoding: send it without one"
	case errors.As(err, &known) && known.Code < 500:
		return known.Code, oauth.ErrInvalidRequest, strings.ToLower(http.StatusText(known.Code))
	}
	if hasGone(c) {
		return statusGone, oauth.ErrServerError, ""
	}
	if isOverload(err, c) {
		return http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable, "there is too much to do now: see Retry-After"
	}
	if a.unavailable(err, c) {
		return http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable,
			"the database is not available now: see Retry-After; reference " + RequestID(c)
	}
	a.fault(err, c)
	if errors.Is(err, context.DeadlineExceeded) {
		retryIn(c, retryAfterTimeout)
		return http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable, "this took too long; try again later; reference " + RequestID(c)
	}
	return http.StatusInternalServerError, oauth.ErrServerError, "try again later; reference " + RequestID(c)
}

// answerPerson tells a person by a page: what happened, and what to do next.
func (a *App) answerPerson(err error, c echo.Context) error {
	status, props := a.personError(err, c)
	if status >= http.StatusInternalServerError {
		c.Set(faultKey, true)
	}
	if c.Request().Method == http.MethodPost && props.Again.Action == "" {
		// Back shows this page again, instead of the browser's own about a form to send
		// again. It holds nothing of a customer.
		c.Response().Header().Set("Cache-Control", "private, no-cache")
	}
	frame := a.Frame(c, props.Heading, views.SectionNone)
	return Render(c, status, views.ErrorPage(frame, props))
}

func (a *App) personError(err error, c echo.Context) (int, views.ErrorProps) {
	say := views.Speaker(c.Request().Context())
	var own *PageError
	var conflict *models.StateConflictError
	var claimed *models.ClaimedError
	var known *echo.HTTPError
	var tooLarge *http.MaxBytesError
	if tooMany, is := retryAfter(err, c); is {
		if tooMany.What == models.OpenedRecords || tooMany.What == models.ListedAccounts {
			a.Log.WarnContext(c.Request().Context(), "too many records opened within an hour", "what", tooMany.What, "staff",
				SessionOf(c).Staff.ID, "request_id", RequestID(c))
		}
		return http.StatusTooManyRequests, tooManyPage(c.Request().Context(), tooMany)
	}
	switch {
	case errors.Is(err, ErrInClear):
		return http.StatusBadRequest, a.inClearPage(c)
	case errors.As(err, &own):
		return own.Status, own.ErrorProps
	case errors.As(err, &conflict):
		return http.StatusConflict, a.conflictPage(conflict, c)
	case errors.As(err, &claimed):
		return http.StatusConflict, a.claimedPage(claimed, c)
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, httpPage(say, http.StatusRequestEntityTooLarge)
	case errors.As(err, &known) && known.Code < 500:
		return known.Code, httpPage(say, known.Code)
	}
	if errors.Is(err, models.ErrNotTheClaim) {
		if page, own := a.ownClaimPage(c); own {
			return http.StatusForbidden, page
		}
	}
	if errors.Is(err, models.ErrNotFound) && strings.HasPrefix(c.Path(), views.PathCounter+"/") {
		return http.StatusNotFound, gonePage(c)
	}
	for _, row := range slices.Concat(refusalPages(say), visitRefusals(say)) {
		if errors.Is(err, row.err) {
			return row.status, withWayBack(row.page, c)
		}
	}
	if hasGone(c) {
		return statusGone, views.ErrorProps{Heading: say("Something went wrong on our side")}
	}
	if page, is := a.laterPage(err, c); is {
		return http.StatusServiceUnavailable, page
	}
	a.fault(err, c)
	if errors.Is(err, context.DeadlineExceeded) {
		retryIn(c, retryAfterTimeout)
		return http.StatusServiceUnavailable, views.ErrorProps{
			Heading: say("This took too long"), What: say("The server gave up, and does not know whether the step was done."),
			Next: say("Look whether it was done before you try again."), Reference: RequestID(c),
		}
	}
	return http.StatusInternalServerError, views.ErrorProps{
		Heading: say("Something went wrong on our side"), What: say("Nothing was changed by this step."),
		Next: say("Try again. If it happens again, tell your administrator the reference below."), Reference: RequestID(c),
	}
}

// hasGone reports whether the other side hung up before it was answered: what failed then
// failed because of that, and is no fault of ours.
func hasGone(c echo.Context) bool {
	connection, is := c.Get(connectionKey).(context.Context)
	return is && errors.Is(connection.Err(), context.Canceled)
}

// fault logs what a stranger must not see. What came too late while the database is lost is counted with what that made fail.
func (a *App) fault(err error, c echo.Context) {
	if errors.Is(err, context.DeadlineExceeded) && a.Store != nil && a.Store.FailsOfOutage() {
		c.Set(outageKey, true)
		return
	}
	a.Log.ErrorContext(c.Request().Context(), "fault", "error", err, "route", c.Path(), "request_id", RequestID(c))
}

func levelOf(status int) slog.Level {
	switch {
	case status == http.StatusServiceUnavailable:
		return slog.LevelWarn // the outage itself is told once
	case status >= 500:
		return slog.LevelError
	}
	return slog.LevelInfo
}

func requestAttrs(c echo.Context, method, route string, took time.Duration) []slog.Attr {
	return []slog.Attr{
		slog.String("method", knownMethod(method)), slog.String("route", route),
		slog.Int("status", c.Response().Status), slog.Duration("took", took),
		slog.String("address", AddressText(c)), slog.String("request_id", RequestID(c)),
	}
}

const otherMethod = "(other)"

// knownMethod keeps what a stranger sends in place of a method out of the log.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return otherMethod
}

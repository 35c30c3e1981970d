package web

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// connectionKey is where a request keeps the context that ends when the other side hangs
// up. The one with the time-out ends when the handler has returned.
const connectionKey = "connection"

// LogRequests writes one line a request: the route's pattern, never the address with
// its query, since an address may hold anything that somebody typed.
func (a *App) LogRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began, method := time.Now(), c.Request().Method
		c.Set(connectionKey, c.Request().Context())
		err := next(c)
		if err != nil {
			c.Error(err) // the status is known only after the error is answered
		}
		route := c.Path()
		if route == "" {
			route = "(none)"
		}
		took := time.Since(began)
		a.count(err, route, knownMethod(method), c.Response().Status, took)
		a.trace(c.Request().Context(), err)
		level := levelOfLine(err, c)
		if ctx := c.Request().Context(); a.Log.Enabled(ctx, level) {
			a.Log.LogAttrs(ctx, level, "request", requestAttrs(c, method, route, took)...)
		}
		return nil
	}
}

// levelOfLine is that of a request's line, by its answer and the error that led to it.
func levelOfLine(err error, c echo.Context) slog.Level {
	if refusal, is := errors.AsType[*oauth.Error](err); is && refusal.Code == oauth.ErrAuthorizationPending {
		return slog.LevelDebug // a phone that waits says so for days, every half a minute
	}
	if overload, is := errors.AsType[*OverloadedError](err); is && overload.Class != Staff {
		return slog.LevelDebug // it is told once, and there are too many
	}
	if lost, _ := c.Get(outageKey).(bool); lost {
		return slog.LevelDebug // it is told when it begins and when it is over, with how many requests failed
	}
	return levelOf(c.Response().Status)
}

// outageKey is where a request keeps that it failed by an outage of the database, which is told.
const outageKey = "outage"

// trace tells why an answer is none, in words of closed sets.
func (a *App) trace(ctx context.Context, err error) {
	if a.Traces == nil || err == nil {
		return
	}
	if refusal, is := errors.AsType[*oauth.Error](err); is {
		a.Traces.Refused(ctx, "oauth_error", refusal.Code)
	}
	if tooMany, is := errors.AsType[*models.TooManyError](err); is {
		a.Traces.Refused(ctx, "limit", tooMany.What)
	}
	if overload, is := errors.AsType[*OverloadedError](err); is {
		a.Traces.Refused(ctx, "overloaded", overload.Class.String())
	}
	if outage, is := errors.AsType[*models.UnavailableError](err); is {
		a.Traces.Refused(ctx, "outage", string(outage.Outage))
	}
}

// count counts an answer, and why it was none, for a monitoring system.
func (a *App) count(err error, route, method string, status int, took time.Duration) {
	a.Metrics.Request(route, method, status, took)
	if err == nil {
		return
	}
	if tooMany, is := errors.AsType[*models.TooManyError](err); is {
		a.Metrics.TooMany(tooMany.What)
	}
	if overload, is := errors.AsType[*OverloadedError](err); is {
		a.Metrics.Overloaded(overload.Class.String())
	}
	if outage, is := errors.AsType[*models.UnavailableError](err); is {
		a.Metrics.Outage(string(outage.Outage))
	}
}

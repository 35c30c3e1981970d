package web

import (
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
		level := levelOf(c.Response().Status)
		if refusal, is := errors.AsType[*oauth.Error](err); is && refusal.Code == oauth.ErrAuthorizationPending {
			level = slog.LevelDebug // a phone that waits says so for days, every half a minute
		}
		if overload, is := errors.AsType[*OverloadedError](err); is && overload.Class != Staff {
			level = slog.LevelDebug // it is told once, and there are too many
		}
		if ctx := c.Request().Context(); a.Log.Enabled(ctx, level) {
			a.Log.LogAttrs(ctx, level, "request", requestAttrs(c, method, route, took)...)
		}
		return nil
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

package web

import (
	"time"

	"github.com/labstack/echo/v4"
)

// LogRequests writes one line a request: the route's pattern, never the address with
// its query, since an address may hold anything that somebody typed.
func (a *App) LogRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // the status is known only after the error is answered
		}
		route := c.Path()
		if route == "" {
			route = "(none)"
		}
		a.Log.LogAttrs(c.Request().Context(), levelOf(c.Response().Status), "request", requestAttrs(c, route, time.Since(began))...)
		return nil
	}
}

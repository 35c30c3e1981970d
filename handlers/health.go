package handlers

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"

	"github.com/labstack/echo/v4"
)

// health answers those who watch over processes and machines.
type health struct{ app *web.App }

// alive answers GET /healthz: the process serves.
func (h *health) alive(c echo.Context) error { return c.String(http.StatusOK, "ok") }

// ready answers GET /readyz: what the last probe of the database found. It asks nothing of
// the database itself, since anybody may call.
func (h *health) ready(c echo.Context) error {
	if err := h.app.Store.Readiness(); err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "not ready", "problem": problemWords(err)})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ready"})
}

// problemWords tells no internals.
func problemWords(err error) string {
	if outage, is := errors.AsType[*models.UnavailableError](err); is {
		return string(outage.Outage)
	}
	switch {
	case errors.Is(err, models.ErrSchemaBehind):
		return "migrations wait to be applied: run countersign migrate up"
	case errors.Is(err, models.ErrNotProbed):
		return models.ErrNotProbed.Error()
	}
	return string(models.Unreachable)
}

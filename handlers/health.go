package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"countersign/handlers/web"
	"countersign/models"

	"github.com/labstack/echo/v4"
)

const (
	readyLimit = 3 * time.Second // how long the database may take to answer
	readyFor   = 5 * time.Second // how long an answer is good for
)

// health answers those who watch over processes and machines.
type health struct {
	app *web.App

	mu      sync.Mutex // guards the two below
	checked time.Time
	problem string // in plain words; "" means ready
}

// alive answers GET /healthz: the process serves.
func (h *health) alive(c echo.Context) error { return c.String(http.StatusOK, "ok") }

// ready answers GET /readyz: the database answers and its schema is current.
func (h *health) ready(c echo.Context) error {
	if problem := h.problemNow(c.Request().Context()); problem != "" {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "not ready", "problem": problem})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ready"})
}

// problemNow asks the database, at most once in readyFor: anybody may call.
func (h *health) problemNow(ctx context.Context) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.app.Store.Now(); h.checked.IsZero() || now.Sub(h.checked).Abs() >= readyFor {
		h.problem, h.checked = h.ask(ctx), now
	}
	return h.problem
}

func (h *health) ask(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyLimit)
	defer cancel()
	if err := h.app.Store.Ready(ctx); err != nil {
		h.app.Log.ErrorContext(ctx, "the database does not answer", "error", err)
		return "the database does not answer"
	}
	err := h.app.Store.CheckSchema(ctx)
	switch {
	case errors.Is(err, models.ErrSchemaBehind):
		return "migrations wait to be applied: run countersign migrate up"
	case err != nil:
		h.app.Log.ErrorContext(ctx, "the schema cannot be checked", "error", err)
		return "the database's schema cannot be checked"
	}
	return ""
}

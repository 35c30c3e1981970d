package review

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func later(echo.Context) error { return echo.NewHTTPError(http.StatusNotFound) }

// Events is not built yet.
func (h *Review) Events(c echo.Context) error { return later(c) }

// Request is not built yet.
func (h *Review) Request(c echo.Context) error { return later(c) }

// Recall is not built yet.
func (h *Review) Recall(c echo.Context) error { return later(c) }

// Revoke is not built yet.
func (h *Review) Revoke(c echo.Context) error { return later(c) }

// Unlock is not built yet.
func (h *Review) Unlock(c echo.Context) error { return later(c) }

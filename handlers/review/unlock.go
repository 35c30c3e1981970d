package review

import (
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Unlock lets codes be entered for an account again: POST /review/accounts/:id/unlock.
func (h *Review) Unlock(c echo.Context) error {
	if err := h.app.Store.UnlockMatching(c.Request().Context(), web.SessionOf(c).ID, c.Param("id")); err != nil {
		return err
	}
	h.app.Tell(c, console.Unlocked)
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

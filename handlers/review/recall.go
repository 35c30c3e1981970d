package review

import (
	"context"
	"net/http"
	"slices"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Recall takes an approval back that the device has not redeemed:
// POST /review/device-authorizations/:id/recall.
func (h *Review) Recall(c echo.Context) error {
	id, reason := c.Param("id"), web.Field(c, "reason")
	if !isReason(c.Request().Context(), reason) {
		h.app.Tell(c, console.NoReason)
		return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(id))
	}
	if err := h.app.Store.Recall(c.Request().Context(), web.SessionOf(c).ID, id, term.Recall(reason)); err != nil {
		return err
	}
	h.app.Tell(c, console.Recalled)
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(id))
}

// Revoke ends a binding, and with it every token of it: POST /review/bindings/:id/revoke.
func (h *Review) Revoke(c echo.Context) error {
	ctx, reason := c.Request().Context(), web.Field(c, "reason")
	binding, err := h.app.Store.Binding(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if !isReason(ctx, reason) {
		h.app.Tell(c, console.NoReason)
		return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(binding.DeviceAuthorizationID))
	}
	if err := h.app.Store.RevokeBinding(ctx, web.SessionOf(c).ID, binding.ID, term.Recall(reason)); err != nil {
		return err
	}
	h.app.Tell(c, console.Revoked)
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(binding.DeviceAuthorizationID))
}

func isReason(ctx context.Context, reason string) bool {
	return slices.ContainsFunc(views.RecallReasons(ctx), func(r views.Choice) bool { return r.Value == reason })
}

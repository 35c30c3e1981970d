package review

import (
	"errors"
	"net/http"
	"strings"

	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Label gives a binding another label: POST /review/bindings/:id/label. What the device
// called itself stays on the page (draft-richer-oauth-instance-00 section 2).
func (h *Review) Label(c echo.Context) error {
	ctx, label := c.Request().Context(), strings.TrimSpace(c.FormValue("label"))
	binding, err := h.app.Store.Binding(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	err = h.app.Store.RelabelBinding(ctx, web.SessionOf(c).ID, binding.ID, label)
	if _, ok := errors.AsType[*oauth.Error](err); ok {
		h.app.Tell(c, web.NoLabel)
		return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(binding.DeviceAuthorizationID))
	}
	if err != nil {
		return err
	}
	h.app.Tell(c, web.Labelled)
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(binding.DeviceAuthorizationID))
}

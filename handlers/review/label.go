package review

import (
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Label gives a binding another label: POST /review/bindings/:id/label.
func (h *Review) Label(c echo.Context) error {
	binding, err := h.app.Store.Binding(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.app.Relabel(c, binding, views.ReviewRequestPath(binding.DeviceAuthorizationID))
}

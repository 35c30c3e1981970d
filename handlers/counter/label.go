package counter

import (
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Label gives the binding of a visit another label: POST /counter/visits/:id/label. Its
// form stands on the receipt of whoever approved.
func (h *Console) Label(c echo.Context) error {
	binding, err := h.app.Store.BindingOf(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.app.Relabel(c, binding, views.ReceiptPath(binding.DeviceAuthorizationID))
}

// changedLabel is the label where it is not what the device calls itself.
func changedLabel(request models.RequestView, binding models.Binding) string {
	if binding.Label == request.InstanceName {
		return ""
	}
	return binding.Label
}

// mayLabel says whether the receipt offers it: to whoever decided, while the binding
// stands. It only spares the others the form.
func mayLabel(c echo.Context, request models.RequestView, binding models.Binding) bool {
	return deref(request.DecidedStaffID) == web.SessionOf(c).Staff.ID && binding.RevokedAt == 0
}

package counter

import (
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Label gives the binding of a visit another label: POST /counter/visits/:id/label. Its
// form stands on the receipt, for the operator who approved.
func (h *Console) Label(c echo.Context) error {
	binding, err := h.app.Store.BindingOf(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.app.Relabel(c, binding, views.ReceiptPath(binding.DeviceAuthorizationID))
}

// changedLabel returns the label, "" when it is what the device calls itself.
func changedLabel(request models.RequestView, binding models.Binding) string {
	if binding.Label == request.InstanceName {
		return ""
	}
	return binding.Label
}

// mayLabel reports whether the receipt offers the form: to the operator who decided, while
// the binding stands. Models refuses everybody else; the others are only spared the form.
func mayLabel(c echo.Context, request models.RequestView, binding models.Binding) bool {
	return deref(request.DecidedStaffID) == web.SessionOf(c).Staff.ID && binding.RevokedAt == 0
}

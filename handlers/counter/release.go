package counter

import (
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Release gives the claim back: POST /counter/visits/:id/release.
func (h *Console) Release(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	if err := h.app.Store.Release(c.Request().Context(), web.SessionOf(c).ID, visit.ID); err != nil {
		return err
	}
	h.app.Tell(c, console.Released)
	h.app.ForgetProof(c)
	return c.Redirect(http.StatusSeeOther, views.AccountPath(visit.account.ID))
}

package counter

import (
	"errors"
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Extend prolongs the claim of a visit: POST /counter/visits/:id/extend. It leads back to
// the page that it was asked on; what was typed there comes along.
func (h *Console) Extend(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	err := h.app.Store.Extend(ctx, web.SessionOf(c).ID, id)
	switch {
	case errors.Is(err, models.ErrClaimLongest):
		h.app.Tell(c, console.ClaimLongest)
	case err != nil:
		return err
	default:
		h.app.Tell(c, console.Extended)
	}
	if !web.Fields(c).Has("scan") { // the page to decide on has no such field
		return c.Redirect(http.StatusSeeOther, views.DecidePath(id))
	}
	again, _ := h.keptProof(c, id)
	again.Form = readProofForm(c)
	return h.proofAgain(c, again, nil)
}

// tellExtended words what became of it.
func tellExtended(c echo.Context, frame *views.Frame, word console.Word) {
	switch word {
	case console.Extended:
		frame.Notice = views.Say(c.Request().Context(), "You have more time.")
	case console.ClaimLongest:
		frame.Notice = views.Say(c.Request().Context(), "There is no more time than this: an hour after its match a request is matched again.")
	}
}

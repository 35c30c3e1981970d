package counter

import (
	"errors"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Match takes the code from the customer's device: POST /counter/accounts/:id/match.
// What cannot be a code costs no try. What was typed is never shown again, and the
// answer to a wrong code is a redirect, so that reloading costs no try either.
func (h *Console) Match(c echo.Context) error {
	ctx, session, account := c.Request().Context(), web.SessionOf(c), c.Param("id")
	code, err := oauth.ParseUserCode(c.FormValue("user_code"))
	if err != nil {
		h.app.Tell(c, web.NoCode)
		return c.Redirect(http.StatusSeeOther, views.AccountPath(account))
	}
	matched, err := h.app.Store.Match(ctx, session.ID, account, code)
	var wrong *models.WrongCodeError
	var locked *models.MatchLockedError
	switch {
	case errors.As(err, &wrong), errors.As(err, &locked):
		h.app.Tell(c, web.WrongCode)
		return c.Redirect(http.StatusSeeOther, views.AccountPath(account))
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ProofPath(matched.ID))
}

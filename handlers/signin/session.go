package signin

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Session reports to a page that its session lives: GET /session. A session that has ended is led to the sign-in as everywhere,
// and a page of an earlier session is told 409: another one is in its place.
func (h *SignIn) Session(c echo.Context) error {
	if of := c.Request().Header.Get(views.HeaderSession); of != "" && of != web.SessionOf(c).ID {
		return c.NoContent(http.StatusConflict)
	}
	return c.NoContent(http.StatusNoContent)
}

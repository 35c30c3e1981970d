package counter

import (
	"errors"
	"net/http"
	"strings"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Counter is the page where a visit begins: GET /counter.
func (h *Console) Counter(c echo.Context) error {
	frame := h.app.Frame(c, "Find the customer’s account", views.SectionCounter)
	return web.Render(c, http.StatusOK, views.CounterPage(frame, views.CounterProps{}))
}

// Search finds accounts: POST /counter/search. One account leads straight to its page.
// A list is the answer itself and not a redirect, since an identifier has no place in
// an address (attacks.md row 17).
func (h *Console) Search(c echo.Context) error {
	typed := strings.TrimSpace(c.FormValue("identifier"))
	if typed == "" {
		return h.searchProblem(c, "", "Type or scan an account identifier.")
	}
	result, err := h.app.Store.Search(c.Request().Context(), web.SessionOf(c).ID, typed)
	switch {
	case errors.Is(err, models.ErrSearchTooShort):
		return h.searchProblem(c, typed, "Type at least 3 characters of the identifier.")
	case err != nil:
		return err
	case len(result.Accounts) == 1:
		return c.Redirect(http.StatusSeeOther, views.AccountPath(result.Accounts[0].ID))
	case len(result.Accounts) == 0:
		return h.searchProblem(c, typed, "No account has this identifier.")
	}
	frame := h.app.Frame(c, "Accounts found", views.SectionCounter)
	props := views.CounterProps{Identifier: typed, Searched: true, Accounts: accountResults(result), More: result.More}
	return web.Render(c, http.StatusOK, views.CounterPage(frame, props))
}

func (h *Console) searchProblem(c echo.Context, typed, problem string) error {
	frame := h.app.Frame(c, "Find the customer’s account", views.SectionCounter)
	frame.Errors = []views.FieldError{{Field: "identifier", Message: problem}}
	return web.Render(c, http.StatusUnprocessableEntity, views.CounterPage(frame, views.CounterProps{Identifier: typed}))
}

func accountResults(result models.SearchResult) []views.AccountResult {
	var list []views.AccountResult
	for _, found := range result.Accounts {
		list = append(list, views.AccountResult{
			ID: found.ID, Identifier: found.Identifier, Name: found.FullName, Status: found.Status,
			Suspended: found.Status != models.AccountActive, Waiting: found.Waiting,
		})
	}
	return list
}

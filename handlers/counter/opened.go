package counter

import (
	"net/http"

	"countersign/audit/term"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// A visit's pages show the record of its account: to the session that holds the visit, and
// otherwise to who has opened it (docs/decisions/0031-bound-to-what-was-shown.md).

// The pages of a visit that can be opened without holding it, as the form names them.
const (
	pageDecline = "decline"
	pageReceipt = "receipt"
)

// opened reports whether the record of a request's account is open to this session. Where it is not, the answer is given.
func (h *Console) opened(c echo.Context, request models.RequestView, page string) (bool, error) {
	return h.app.Opened(c, deref(request.AccountID), views.ClosedRecordProps{
		Section: views.SectionCounter, OpenURL: views.OpenVisitPath(request.ID), Page: page, SearchURL: views.PathCounter,
	})
}

// OpenVisit opens the record of a request's account to this session: POST
// /counter/visits/:id/open. It leads on to the page that the form names.
func (h *Console) OpenVisit(c echo.Context) error {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err == nil && request.AccountID == nil {
		err = models.ErrNotFound
	}
	if err == nil {
		err = h.open(c, *request.AccountID, term.QueryRequest)
	}
	if err != nil {
		return err
	}
	if web.Field(c, "page") == pageDecline {
		return c.Redirect(http.StatusSeeOther, views.DeclinePath(request.ID))
	}
	return c.Redirect(http.StatusSeeOther, views.ReceiptPath(request.ID))
}

// openToMatch opens a record on which a code is tried, if it is not open: whoever matches reads it.
func (h *Console) openToMatch(c echo.Context, account string) error {
	may, err := h.app.Store.MayRead(c.Request().Context(), web.SessionOf(c).ID, account)
	if err != nil || may {
		return err
	}
	return h.open(c, account, term.QueryResult)
}

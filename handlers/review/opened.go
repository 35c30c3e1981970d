package review

import (
	"context"

	"net/http"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// A supervisor's look at a record is an act, as an operator's is: the trail shows initials, and its rows open the record
// (docs/decisions/0031-bound-to-what-was-shown.md).

// OpenRecord opens the record of an account to this session: POST /review/accounts/:id/open.
func (h *Review) OpenRecord(c echo.Context) error {
	if err := h.open(c, c.Param("id"), term.QueryResult); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewBindingsPath(c.Param("id")))
}

// OpenRequest opens the record of a request's account: POST /review/device-authorizations/:id/open.
func (h *Review) OpenRequest(c echo.Context) error { return h.openRequest(c, c.Param("id")) }

// openRequest leads to the page of a request, once the record of its account is open.
func (h *Review) openRequest(c echo.Context, id string) error {
	request, err := h.app.Store.Request(c.Request().Context(), id)
	if err == nil && request.AccountID != nil {
		err = h.open(c, *request.AccountID, term.QueryRequest)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(id))
}

func (h *Review) open(c echo.Context, account string, how term.QueryKind) error {
	return h.app.Store.OpenRecord(c.Request().Context(), web.SessionOf(c).ID, account, models.Supervisor, how)
}

// opened are the accounts whose records are open to this session.
func (h *Review) opened(c echo.Context) (map[string]bool, error) {
	return h.app.Store.OpenRecords(c.Request().Context(), web.SessionOf(c).ID)
}

// accountName names an account to who has opened it, and to others by its initials. One without a name was erased.
func accountName(ctx context.Context, id, name string, open map[string]bool) string {
	if id != "" && name == "" {
		return views.Say(ctx, "Erased account")
	}
	if open[id] {
		return name
	}
	return console.Initials(name)
}

// whereTo is where a row of the trail leads: by a form where that opens a record first.
func whereTo(row models.TrailRow, open map[string]bool) (openURL, linkURL string) {
	request, account := row.DeviceAuthorizationID, row.AccountID
	closed := account != "" && !open[account]
	switch {
	case request != "" && closed:
		return views.OpenRequestPath(request), ""
	case request != "":
		return "", views.ReviewRequestPath(request)
	case closed && row.AccountName != "":
		return views.ReviewOpenRecordPath(account), ""
	case account != "" && row.AccountName != "":
		return "", views.ReviewBindingsPath(account)
	}
	return "", ""
}

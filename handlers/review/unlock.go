package review

import (
	"net/http"
	"slices"
	"time"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Unlock lets codes be entered for an account again: POST /review/accounts/:id/unlock.
func (h *Review) Unlock(c echo.Context) error {
	reason := term.Unlocking(web.Field(c, "reason"))
	if !slices.Contains(term.Unlockings(), reason) {
		h.app.Tell(c, console.NoUnlockReason)
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	}
	if err := h.app.Store.UnlockMatching(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"), reason); err != nil {
		return err
	}
	h.app.Tell(c, console.Unlocked)
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

// locked lists the accounts whose code entry is locked, newest first.
func (h *Review) locked(c echo.Context, zone *time.Location, open map[string]bool) ([]views.LockedAccount, error) {
	accounts, err := h.app.Store.LockedAccounts(c.Request().Context())
	if err != nil {
		return nil, err
	}
	list, err := h.lockedAccounts(c, zone, accounts...)
	for i, row := range list {
		if !open[row.ID] {
			list[i].Name, list[i].OpenURL = console.Initials(row.Name), views.ReviewOpenRecordPath(row.ID)
		}
	}
	return list, err
}

// lockedAccounts says of each account whose code entry is locked since when, and who tried, where and when.
func (h *Review) lockedAccounts(c echo.Context, zone *time.Location, accounts ...models.Account) (list []views.LockedAccount, err error) {
	ctx := c.Request().Context()
	tried, err := h.app.Store.WrongCodesOf(ctx, accounts...)
	for _, account := range accounts {
		row := views.LockedAccount{ID: account.ID, Name: account.FullName, Since: views.Moment(ctx, account.MatchLockedAt.Time(), zone)}
		for _, code := range tried[account.ID] {
			row.Tried = append(row.Tried, views.WrongCodeFacts{By: code.Staff, Counter: code.Counter,
				At: views.Moment(ctx, code.FailedAt.Time(), zone)})
			row.Own = row.Own || code.StaffID == web.SessionOf(c).Staff.ID
		}
		list = append(list, row)
	}
	return list, err
}

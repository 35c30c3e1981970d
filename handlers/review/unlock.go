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

// lockedAccount is an account whose code entry is locked, with who tried, where and when.
func (h *Review) lockedAccount(c echo.Context, account models.Account, zone *time.Location) (*views.LockedAccount, error) {
	ctx := c.Request().Context()
	row := &views.LockedAccount{ID: account.ID, Name: account.FullName}
	tried, err := h.app.Store.WrongCodesOf(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, code := range tried {
		row.Tried = append(row.Tried, views.WrongCodeFacts{By: code.Staff, Counter: code.Counter,
			At: views.Moment(ctx, code.FailedAt.Time(), zone)})
		row.Own = row.Own || code.StaffID == web.SessionOf(c).Staff.ID
	}
	return row, nil
}

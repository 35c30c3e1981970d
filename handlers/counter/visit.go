package counter

import (
	"context"
	"time"

	"countersign/handlers/console"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// visit is a request that this session has matched, with the account it is for.
type visit struct {
	models.RequestView
	account models.AccountView
}

// visit finds the request of the address and lets in only the session that holds its
// claim. Errors: models.ErrNotFound, *models.ClaimedError (another session, perhaps of
// the same person), *models.StateConflictError (no claim now).
func (h *Console) visit(c echo.Context) (visit, error) {
	request, err := h.heldRequest(c)
	if err != nil {
		return visit{}, err
	}
	account, err := h.app.Store.AccountRecord(c.Request().Context(), *request.AccountID)
	return visit{request, account}, err
}

// heldRequest is visit without the account.
func (h *Console) heldRequest(c echo.Context) (models.RequestView, error) {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err != nil {
		return request, err
	}
	if request.AccountID == nil {
		return request, models.ErrNotFound
	}
	if !request.Phase.Claimed() {
		return request, conflict(request)
	}
	if !holdsClaim(c, request.DeviceAuthorization) {
		return request, &models.ClaimedError{
			StaffID: deref(request.ClaimStaffID), CounterID: deref(request.ClaimCounterID), Until: request.ClaimUntil.Time(),
		}
	}
	return request, nil
}

// conflict returns why a request without a live claim cannot be handled.
func conflict(request models.RequestView) error {
	at, by := request.DecidedAt, deref(request.DecidedStaffID)
	switch request.Phase {
	case models.Expired:
		at, by = request.PendingUntil, ""
	case models.Lapsed:
		at, by = request.RedeemUntil, ""
	}
	return &models.StateConflictError{
		DeviceAuthorizationID: request.ID, Transition: "visit", Phase: request.Phase, At: at.Time(), ByStaffID: by, Reason: request.DeclineReason,
	}
}

// facts returns what the pages of the visit share.
func (v visit) facts(ctx context.Context, zone *time.Location, now time.Time) views.Visit {
	return views.Visit{
		Longest: v.ClaimLongest(), Proved: v.PresenceShown() == models.PresenceProved,
		ID: v.ID, ClaimUntil: views.Clock(ctx, v.ClaimUntil.Time(), zone),
		Until: v.ClaimUntil.Time().UTC().Format(time.RFC3339), Now: now.UTC().Format(time.RFC3339),
		Account: console.AccountFacts(ctx, v.account), Request: console.RequestFacts(ctx, v.RequestView, zone, now),
	}
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

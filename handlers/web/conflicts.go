package web

import (
	"context"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Pages for who comes too late, or to what somebody else handles.

// staffName is who a page names; a fault while looking it up only costs the name.
func (a *App) staffName(ctx context.Context, id string) string {
	name, err := a.Store.StaffName(ctx, id)
	if err != nil || name == "" {
		return "another operator"
	}
	return name
}

func (a *App) conflictPage(e *models.StateConflictError, c echo.Context) views.ErrorProps {
	if e.Transition == "recall" && e.Phase == models.Phase(models.Redeemed) {
		return views.ErrorProps{
			Heading: "The device has used the approval already", What: "It can no longer be recalled.", Next: "Revoke the binding instead.",
			LinkText: "Back to the request", LinkURL: views.ReviewRequestPath(e.DeviceAuthorizationID),
		}
	}
	page := views.ErrorProps{LinkText: "New customer", LinkURL: views.PathCounter}
	at, on := Clock(e.At, Zone(c)), Moment(e.At, Zone(c))
	by := a.staffName(c.Request().Context(), e.ByStaffID)
	switch e.Phase {
	case models.Expired:
		page.Heading = "It expired while this page was open; nothing was approved"
		page.What = "The request expired on " + on + "."
		page.Next = "Ask the customer to start again on their device."
	case models.Phase(models.Approved), models.Phase(models.Redeemed):
		page.Heading = "Already decided by " + by + " at " + at
		page.What = "The request was approved on " + on + "."
		page.Next = "Nothing more is to be done here. If the approval was a mistake, tell a supervisor at once."
		page.LinkText, page.LinkURL = "Open the receipt", views.ReceiptPath(e.DeviceAuthorizationID)
	case models.Phase(models.Declined):
		page.Heading = "Already decided by " + by + " at " + at
		page.What = "The request was declined on " + on + ". A declined request cannot be approved."
		page.Next = "If the customer still wants to connect the device, ask them to start again on it."
	case models.Lapsed:
		page.Heading = "The approval was not used in time"
		page.What = "It lapsed on " + on + "."
		page.Next = "Ask the customer to start again on their device."
	case models.Phase(models.Matched):
		page.Heading = "The ID document is not checked yet"
		page.What = "Nothing was approved."
		page.Next = "Check the document first."
		page.LinkText, page.LinkURL = "Check the ID document", views.ProofPath(e.DeviceAuthorizationID)
	default:
		page.Heading = "This request has to be matched again"
		page.What = "The claim on it is over, so its match and its document check no longer count. Nothing was approved."
		page.Next = "Find the account again and enter the code that the device shows."
	}
	return page
}

func (a *App) claimedPage(e *models.ClaimedError, c echo.Context) views.ErrorProps {
	if page, own := a.ownClaimPage(c); own {
		return page
	}
	who := a.staffName(c.Request().Context(), e.StaffID)
	where := ""
	if counter, err := a.Store.Counter(c.Request().Context(), e.CounterID); err == nil {
		where = " at " + counter.Name
	}
	return views.ErrorProps{
		Heading:  "Being handled by " + who + where,
		What:     "Another operator has matched this request and holds it until " + Clock(e.Until, Zone(c)) + ".",
		Next:     "Ask them, or wait until then and enter the code again.",
		LinkText: "New customer", LinkURL: views.PathCounter,
	}
}

// ownClaimPage is for somebody who holds the request of the address in another session.
func (a *App) ownClaimPage(c echo.Context) (page views.ErrorProps, own bool) {
	request, err := a.Store.Request(c.Request().Context(), c.Param("id"))
	session := SessionOf(c)
	if err != nil || request.AccountID == nil || request.ClaimStaffID == nil || *request.ClaimStaffID != session.Staff.ID {
		return page, false
	}
	return views.ErrorProps{
		Heading: "You hold it in another session", What: "Nothing was changed.",
		Next:     "Enter the code again to take it over.",
		LinkText: "Enter the code", LinkURL: views.AccountPath(*request.AccountID),
	}, true
}

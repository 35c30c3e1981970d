package web

import (
	"context"

	"countersign/audit/term"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Pages for an operator who comes too late, or opens a request that another session holds.

// staffName returns the name of a member of the staff, or "another operator" when it is
// not known or cannot be looked up.
func (a *App) staffName(ctx context.Context, id string) string {
	name, err := a.Store.StaffName(ctx, id)
	if err != nil || name == "" {
		return views.Say(ctx, "another operator")
	}
	return name
}

func (a *App) conflictPage(e *models.StateConflictError, c echo.Context) views.ErrorProps {
	ctx := c.Request().Context()
	say := views.Speaker(ctx)
	if e.Transition == "recall" && e.Phase.Is(models.Redeemed) {
		page := views.ErrorProps{
			Heading: say("The device has used the approval already"), What: say("It can no longer be taken back."),
			Next:     say("Disconnect the device instead."),
			LinkText: say("Back to the request"), LinkURL: views.ReviewRequestPath(e.DeviceAuthorizationID),
		}
		if !SessionOf(c).Has(models.Supervisor) {
			page.Next = say("Disconnect the device instead, while the visit lasts, or tell a supervisor at once.")
			page.LinkText, page.LinkURL = say("Open the receipt"), views.ReceiptPath(e.DeviceAuthorizationID)
		}
		return page
	}
	page := views.ErrorProps{LinkText: say("New customer"), LinkURL: views.PathCounter}
	on := views.Moment(ctx, e.At, Zone(c))
	switch phase := e.Phase; {
	case phase == models.Expired:
		page.Heading = say("It expired while this page was open; nothing was approved")
		page.What = say("The request expired on %s.", on)
		page.Next = say("Ask the customer to start again on their device.")
	case phase.Bound():
		page.Heading = a.decidedHeading(e, c)
		page.What = say("The request was approved on %s.", on)
		page.Next = say("Nothing more is to be done here. If the approval was a mistake, tell a supervisor at once.")
		page.LinkText, page.LinkURL = say("Open the receipt"), views.ReceiptPath(e.DeviceAuthorizationID)
	case phase.Is(models.Declined):
		if ended, known := endedPage(ctx, e); known {
			return ended
		}
		page.Heading = a.decidedHeading(e, c)
		page.LinkText, page.LinkURL = say("Open the receipt"), views.ReceiptPath(e.DeviceAuthorizationID)
		page.What = say("The request was declined on %s. A declined request cannot be approved.", on)
		page.Next = say("If the customer still wants to connect the device, ask them to start again on it.")
	case phase == models.Lapsed:
		page.Heading = say("The approval was not used in time")
		page.What = say("It lapsed on %s.", on)
		page.Next = say("Ask the customer to start again on their device.")
	case phase.Is(models.Matched):
		page.Heading = say("The ID document is not checked yet")
		page.What = say("Nothing was approved.")
		page.Next = say("Check the document first.")
		page.LinkText, page.LinkURL = say("Check the ID document"), views.ProofPath(e.DeviceAuthorizationID)
	default:
		page.Heading = say("This request has to be matched again")
		page.What = say("The claim on it is over, so its match and its document check no longer count. Nothing was approved.")
		page.Next = say("Find the account again and enter the code that the device shows.")
	}
	return page
}

// endedPage says what ended a request that no operator declined.
func endedPage(ctx context.Context, e *models.StateConflictError) (views.ErrorProps, bool) {
	say := views.Speaker(ctx)
	page := views.ErrorProps{What: say("The request has ended, and nothing was approved."),
		Next:     say("Ask the customer to start again on their device."),
		LinkText: say("New customer"), LinkURL: views.PathCounter}
	switch e.Reason {
	case string(term.EndingNotMe):
		page.Heading = say("The account’s holder said that it was not them")
		page.What = say("They used the link in a notice, and the request has ended. Supervisors are alerted.")
		page.Next = say("Whoever is in front of you may be somebody else. Connect nothing for this account, and ask a supervisor.")
	case string(term.EndingClientDeleted):
		page.Heading = say("The app has disconnected itself")
	case string(term.EndingClientDisabled):
		page.Heading = say("The app on this device was disabled")
	case string(term.EndingRecalled):
		page.Heading = say("The approval was taken back")
		page.What = say("The device was never connected by it.")
	case string(term.DeclineSuspicious), models.EndedTogether:
		if e.ByStaffID != "" {
			return page, false
		}
		page.Heading = say("It ended together with other requests")
	default:
		return page, false
	}
	return page, true
}

// decidedHeading names who decided, and when.
func (a *App) decidedHeading(e *models.StateConflictError, c echo.Context) string {
	ctx := c.Request().Context()
	return views.Say(ctx, "Already decided by %s at %s", a.staffName(ctx, e.ByStaffID), views.Clock(ctx, e.At, Zone(c)))
}

func (a *App) claimedPage(e *models.ClaimedError, c echo.Context) views.ErrorProps {
	if page, own := a.ownClaimPage(c); own {
		return page
	}
	ctx := c.Request().Context()
	say := views.Speaker(ctx)
	who := a.staffName(ctx, e.StaffID)
	heading := say("Being handled by %s", who)
	if counter, err := a.Store.Counter(ctx, e.CounterID); err == nil {
		heading = say("Being handled by %s at %s", who, counter.Name)
	}
	return views.ErrorProps{
		Heading:  heading,
		What:     say("Another operator has matched this request and holds it until %s.", views.Clock(ctx, e.Until, Zone(c))),
		Next:     say("Ask them, or wait until then and enter the code again."),
		LinkText: say("New customer"), LinkURL: views.PathCounter,
	}
}

// ownClaimPage is for somebody who holds the request of the address in another session.
func (a *App) ownClaimPage(c echo.Context) (page views.ErrorProps, own bool) {
	request, err := a.Store.Request(c.Request().Context(), c.Param("id"))
	session := SessionOf(c)
	if err != nil || request.AccountID == nil || request.ClaimStaffID == nil || *request.ClaimStaffID != session.Staff.ID {
		return page, false
	}
	say := views.Speaker(c.Request().Context())
	return views.ErrorProps{
		Heading: say("You hold it in another session"), What: say("Nothing was changed."),
		Next:     say("Enter the code again to take it over."),
		LinkText: say("Enter the code"), LinkURL: views.AccountPath(*request.AccountID),
	}, true
}

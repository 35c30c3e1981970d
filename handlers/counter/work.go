package counter

import (
	"time"

	"countersign/audit"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// work returns what goes on at the session's counter, for the page where a visit begins.
func (h *Console) work(c echo.Context) (views.WorkProps, error) {
	ctx, zone := c.Request().Context(), web.Zone(c)
	var props views.WorkProps
	work, err := h.app.Store.Work(ctx, web.SessionOf(c))
	if err != nil {
		return props, err
	}
	until := func(request models.RequestView) string { return views.Clock(ctx, request.ClaimUntil.Time(), zone) }
	for _, request := range work.Mine {
		account, err := h.app.Store.AccountRecord(ctx, deref(request.AccountID))
		if err != nil {
			return props, err
		}
		props.Mine = append(props.Mine, views.MyVisit{ID: request.ID, Name: account.FullName, App: request.ClientName,
			Until: until(request), URL: continueURL(request)})
	}
	for _, request := range work.Colleagues {
		props.Colleagues = append(props.Colleagues, views.ColleaguesVisit{App: request.ClientName, HandledBy: request.ClaimStaff,
			Until: until(request)})
	}
	for _, decision := range work.Decided {
		words := views.Say(ctx, "approved")
		if decision.Type == audit.DeviceAuthorizationDeclined {
			words = views.Say(ctx, "declined")
		}
		props.Decided = append(props.Decided, views.DecidedVisit{App: decision.ClientName, Decision: words, Number: receiptNumber(decision.Seq),
			At: views.Clock(ctx, time.UnixMilli(decision.OccurredAt), zone), URL: views.ReceiptPath(decision.DeviceAuthorizationID)})
	}
	return props, nil
}

// continueURL leads to the step at which a visit of this session is.
func continueURL(request models.RequestView) string {
	if request.Phase.Is(models.Proofed) {
		return views.DecidePath(request.ID)
	}
	return views.ProofPath(request.ID)
}

package counter

import (
	"context"
	"net/http"
	"strconv"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// declined shows the receipt of a decline by an operator. Error: models.ErrNotFound when
// the request was declined by no member of the staff.
func (h *Console) declined(c echo.Context, request models.RequestView) error {
	ctx := c.Request().Context()
	if request.State != models.Declined || request.DecidedStaffID == nil || request.AccountID == nil {
		return models.ErrNotFound
	}
	entry, err := h.app.Store.DecisionEntry(ctx, request.ID)
	if err != nil {
		return err
	}
	counter, err := h.counterOf(c, deref(request.DecidedCounterID))
	if err != nil {
		return err
	}
	account, err := h.app.Store.PlainAccount(ctx, *request.AccountID)
	if err != nil {
		return err
	}
	number := receiptNumber(entry.Seq)
	frame := h.app.Frame(c, views.Say(ctx, "Receipt %s", number), views.SectionCounter)
	if h.app.Told(c) == console.Declined {
		frame.Notice = views.Say(ctx, "Declined. The device is told no.")
	}
	return web.Render(c, http.StatusOK, views.DeclinedPage(frame, views.DeclinedProps{
		Number: number, App: request.ClientName, DeclinedAt: views.Moment(ctx, request.DecidedAt.Time(), counter.Location()),
		CounterName: counter.Name, CounterAddress: counter.Address,
		LogPosition: views.Say(ctx, "Entry %s", strconv.FormatInt(entry.Seq, 10)),
		LogHash:     entry.LeafHash(), FileURL: views.ReceiptFilePath(request.ID),
		Told:    toldReason(ctx, request),
		Account: account.ID, AccountName: account.FullName, DeviceName: request.InstanceName,
		Reason: views.ChoiceLabel(views.DeclineReasons(ctx), request.DeclineReason), DeclinedBy: request.DecidedStaff,
		Suspicious: request.DeclineReason == string(term.DeclineSuspicious),
	}))
}

// toldReason returns what the customer's paper says of the reason: what the device says.
func toldReason(ctx context.Context, request models.RequestView) string {
	reason := request.ToldReason()
	if reason == "" {
		return ""
	}
	return views.ChoiceLabel(views.DeclineReasons(ctx), reason)
}

// Recall takes an approval back that was made here a moment ago:
// POST /counter/visits/:id/recall.
func (h *Console) Recall(c echo.Context) error {
	ctx, id, reason := c.Request().Context(), c.Param("id"), web.Field(c, "reason")
	if !console.IsEndReason(ctx, reason) {
		h.app.Tell(c, console.NoReason)
		return c.Redirect(http.StatusSeeOther, views.ReceiptPath(id))
	}
	if err := h.app.Store.Recall(ctx, web.SessionOf(c).ID, id, term.Recall(reason)); err != nil {
		return err
	}
	h.app.Tell(c, console.Recalled)
	return c.Redirect(http.StatusSeeOther, views.ReceiptPath(id))
}

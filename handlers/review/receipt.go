package review

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"countersign/audit"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// largestEntry is far above any entry, and can be added to.
const largestEntry = 1 << 53

// keptReceipt names the cookie of a number that no receipt has.
const keptReceipt = "review-receipt"

// ReceiptFile is the decision on a request with the proof that the log has it, for whoever may see the request's page:
// GET /review/device-authorizations/:id/receipt.
func (h *Review) ReceiptFile(c echo.Context) error {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if open, err := h.requestOpened(c, request); err != nil || !open {
		return err
	}
	return console.SendReceipt(c, h.app.Store, request.ID)
}

// FindReceipt leads from the number of a receipt to the page of its request, whose record it opens: POST /review/receipts.
func (h *Review) FindReceipt(c echo.Context) error {
	typed := web.Field(c, "receipt")
	request, err := h.receipt(c.Request().Context(), strings.TrimSpace(typed))
	if err != nil {
		return err
	}
	if request != "" {
		return h.openRequest(c, request)
	}
	h.app.Tell(c, console.NoSuchReceipt)
	if _, err := h.app.Keep(c, keptReceipt, console.Shortened(typed, longestTyped)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
}

// receipt finds the request of a receipt, "" when no receipt has this number. It is the
// number of the decision's entry in the trail: 0000-0045 as printed, or 45.
func (h *Review) receipt(ctx context.Context, number string) (request string, err error) {
	seq := entryNumber(number)
	if seq == 0 {
		return "", nil
	}
	rows, err := h.app.Store.Trail(ctx, audit.Filter{Before: seq + 1, Limit: 1})
	if err != nil || len(rows) == 0 || rows[0].Seq != seq {
		return "", err
	}
	if kind := rows[0].Event.Type; kind != audit.DeviceBindingApproved && kind != audit.DeviceAuthorizationDeclined {
		return "", nil // another entry of the trail has no receipt
	}
	return rows[0].DeviceAuthorizationID, nil
}

// entryNumber reads the number of an entry, 0 when it is none.
func entryNumber(number string) int64 {
	seq, err := strconv.ParseInt(strings.NewReplacer("-", "", " ", "").Replace(number), 10, 64)
	if err != nil || seq < 1 || seq > largestEntry {
		return 0
	}
	return seq
}

package review

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"countersign/audit"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// largestEntry is far above any entry, and can be added to.
const largestEntry = 1 << 53

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

// redirectToRequest leads to the request of a receipt.
func redirectToRequest(c echo.Context, request string, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(request))
}

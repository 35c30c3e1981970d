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

// receipt finds the request of a receipt, "" when no receipt has this number. It is the
// number of the approval's entry in the trail: 0000-0045 as printed, or 45.
func (h *Review) receipt(ctx context.Context, number string) (request string, err error) {
	seq, err := strconv.ParseInt(strings.NewReplacer("-", "", " ", "").Replace(number), 10, 64)
	const most = 1 << 53
	if err != nil || seq < 1 || seq > most {
		return "", nil
	}
	rows, err := h.app.Store.Trail(ctx, audit.Filter{Before: seq + 1, Type: audit.DeviceBindingApproved, Limit: 1})
	if err != nil || len(rows) == 0 || rows[0].Seq != seq {
		return "", err
	}
	return rows[0].DeviceAuthorizationID, nil
}

// found leads to the request of a receipt.
func found(c echo.Context, request string, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.ReviewRequestPath(request))
}

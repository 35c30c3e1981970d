package device

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Verification answers GET /device, the verification URI (RFC 8628 §3.3): a
// page that tells a person where to take the phone. No code is entered here, and none
// is read from the address.
func (d *Device) Verification(c echo.Context) error {
	ctx := c.Request().Context()
	counters, err := d.Store.Counters(ctx)
	if err != nil {
		return err
	}
	policy := d.Store.Policy()
	props := views.VerificationProps{PendingWindow: within(ctx, policy.PendingWindow), RedeemWindow: within(ctx, policy.RedemptionWindow),
		PhonePage: !d.NoPhonePage}
	for _, counter := range counters {
		props.Places = append(props.Places, web.PlaceOf(ctx, counter, d.Store.Now()))
	}
	frame := d.Frame(c, views.Say(ctx, "Take this device to a counter"), views.SectionNone)
	return web.Render(c, http.StatusOK, views.VerificationPage(frame, props))
}

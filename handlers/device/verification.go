package device

import (
	"fmt"
	"net/http"
	"time"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Verification answers GET /device, the verification URI (RFC 8628 section 3.3): a
// page that tells a person where to take the phone. No code is entered here, and none
// is read from the address.
func (d *Device) Verification(c echo.Context) error {
	counters, err := d.Store.Counters(c.Request().Context())
	if err != nil {
		return err
	}
	policy := d.Store.Policy()
	props := views.VerificationProps{PendingWindow: inWords(policy.PendingWindow), RedeemWindow: inWords(policy.RedemptionWindow), PhonePage: !d.NoPhonePage}
	for _, counter := range counters {
		props.Places = append(props.Places, views.Place{Name: counter.Name, Address: counter.Address, Hours: counter.Hours})
	}
	frame := d.Frame(c, "Take this device to a counter", views.SectionNone)
	return web.Render(c, http.StatusOK, views.VerificationPage(frame, props))
}

// inWords says a window's length as people say it: "7 days", "36 hours", "10 minutes".
// What is left over is cut off, so that nobody comes too late.
func inWords(length time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		word   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		count := length / unit.length
		if length%unit.length != 0 && count < 3 {
			continue
		}
		if count == 1 {
			return "1 " + unit.word
		}
		return fmt.Sprintf("%d %ss", count, unit.word)
	}
	return fmt.Sprintf("%d seconds", length/time.Second)
}

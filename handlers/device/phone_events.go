package device

import (
	"errors"
	"net/http"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"

	"github.com/labstack/echo/v4"
)

// A stream's life.
const (
	heartbeat      = 15 * time.Second // less than proxies and phones take for a dead connection
	streamLifetime = 10 * time.Minute // then the phone proves itself again
	streamWrite    = 10 * time.Second // for one write to a phone that does not read
	noPlaceWait    = time.Minute
)

// PhoneEvents answers POST /phone/events: server-sent events (HTML, §9.2) for a
// phone whose page is open. The client authenticates as at the token endpoint and names
// its device code in the body. The one event, "decided", says that it is worth polling;
// what was decided is for the token endpoint to say, to the holder of the DPoP key. It is
// no poll: pace and interval stay as they were.
func (d *Device) PhoneEvents(c echo.Context) error {
	client, ctx := web.ClientOf(c), c.Request().Context()
	code := client.Parameters.Get(oauth.ParamDeviceCode)
	if code == "" {
		return oauth.Errorf(oauth.ErrInvalidRequest, "%s is required", oauth.ParamDeviceCode)
	}
	row, err := d.Store.Poll(ctx, client.ID, code)
	if errors.Is(err, models.ErrUnknownDeviceCode) {
		return invalidDeviceCode()
	}
	if err != nil {
		return err
	}
	s := &stream{client: client.ID, network: models.NetworkOf(web.AddressText(c)), request: row.ID, told: make(chan bool, 1)}
	if err := d.decisions.enter(s); errors.Is(err, errNoPlace) {
		return &models.TooManyError{What: "open streams", RetryAfter: noPlaceWait}
	}
	defer d.decisions.leave(s)
	web.LeavePlace(c)
	return d.stream(c, s)
}

// stream writes until the decision, the end of the stream's life, of the phone's interest
// or of the server. The server's own time limits are for answers that end; each write has
// one of its own instead.
func (d *Device) stream(c echo.Context, s *stream) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/event-stream")
	header.Set("X-Accel-Buffering", "no") // a proxy that collects answers must not collect this one
	control := http.NewResponseController(c.Response())
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	c.Response().WriteHeader(http.StatusOK)
	write := func(text string) bool {
		if control.SetWriteDeadline(time.Now().Add(streamWrite)) != nil {
			return false
		}
		_, err := c.Response().Write([]byte(text))
		return err == nil && control.Flush() == nil
	}
	beat, end := time.NewTicker(heartbeat), time.NewTimer(streamLifetime)
	defer beat.Stop()
	defer end.Stop()
	for going := write(": waiting\n\n"); going; {
		select {
		case decided := <-s.told:
			if decided {
				write("event: decided\ndata:\n\n")
			}
			return nil
		case <-beat.C:
			going = write(":\n\n")
		case <-end.C:
			return nil
		case <-web.Ending(c.Request().Context()):
			return nil
		case <-c.Request().Context().Done():
			return nil
		}
	}
	return nil
}

package console

import (
	"errors"
	"fmt"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// SendReceipt sends the decision on a request with the proof that the log has it, a tlog-proof. Before it is in the log the answer is
// a page that says so. Errors: models.ErrNotFound when nobody decided.
func SendReceipt(c echo.Context, store *models.Store, request string) error {
	text, seq, err := store.DecisionProof(c.Request().Context(), request)
	if errors.Is(err, models.ErrNotSequenced) {
		return notInTheLogYet(c)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="receipt-%d.tlog-proof"`, seq))
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", text)
}

// notInTheLogYet leads to the same file again. The server's sequencer needs a second.
func notInTheLogYet(c echo.Context) error {
	say := views.Speaker(c.Request().Context())
	c.Response().Header().Set("Retry-After", "1")
	return &web.PageError{Status: http.StatusServiceUnavailable, ErrorProps: views.ErrorProps{
		Heading:  say("Not in the audit log yet"),
		What:     say("A decision is in the audit log about a second after it was made. Nothing is lost."),
		Next:     say("Try again in a second. If it goes on, tell your administrator: the server’s log says why."),
		LinkText: say("Try again"), LinkURL: c.Request().URL.Path,
	}}
}

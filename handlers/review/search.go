package review

import (
	"errors"
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptIdentifier names the cookie of an identifier that no account has: it has no place in
// an address.
const keptIdentifier = "review-search"

// longestTyped is how much of what was typed is shown again.
const longestTyped = 100

// FindAccount leads to the devices of the account that has an identifier, for a customer
// who has no device left to be matched: POST /review/accounts.
func (h *Review) FindAccount(c echo.Context) error {
	typed := web.Field(c, "identifier")
	if document.LooksLike(typed, h.app.Store.Now()) { // nothing of it is to be searched, kept or shown again
		h.app.Forget(c, keptIdentifier)
		h.app.Tell(c, console.IsDocument)
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	}
	account, err := h.app.Store.FindAccount(c.Request().Context(), web.SessionOf(c).ID, typed)
	if errors.Is(err, models.ErrNotFound) {
		h.app.Tell(c, console.NoSuchAccount)
		if _, err := h.app.Keep(c, keptIdentifier, console.Shortened(typed, longestTyped)); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	}
	if err != nil {
		return err
	}
	h.app.Forget(c, keptIdentifier)
	return c.Redirect(http.StatusSeeOther, views.ReviewBindingsPath(account.ID))
}

// notFound shows again what no account has.
func (h *Review) notFound(c echo.Context, frame *views.Frame, props *views.EventsProps) {
	frame.Errors = append(frame.Errors, views.FieldError{
		Field: "identifier", Message: views.Say(c.Request().Context(), "No account has this identifier."),
	})
	h.app.Kept(c, keptIdentifier, &props.Identifier)
}

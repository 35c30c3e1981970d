package review

import (
	"net/http"

	"countersign/handlers/console"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Bindings shows what an account has: GET /review/accounts/:id/bindings.
func (h *Review) Bindings(c echo.Context) error { return h.with(c, h.app.Bindings) }

// EndAllPage says what would end: GET /review/accounts/:id/bindings/end.
func (h *Review) EndAllPage(c echo.Context) error { return h.with(c, h.app.EndAllPage) }

// EndAll ends all of it: POST /review/accounts/:id/bindings/end.
func (h *Review) EndAll(c echo.Context) error { return h.with(c, h.app.EndAll) }

// EndWaiting ends all that waits for the account: POST /review/accounts/:id/waiting/end.
func (h *Review) EndWaiting(c echo.Context) error { return h.with(c, h.app.EndWaiting) }

// with leads to the pages of the requests, where supervisors end one binding.
func (h *Review) with(c echo.Context, do func(echo.Context, console.Places) error) error {
	closed := views.ClosedRecordProps{
		Section: views.SectionReview, OpenURL: views.ReviewOpenRecordPath(c.Param("id")), SearchURL: views.PathReviewEvents,
	}
	if c.Request().Method == http.MethodGet { // before it is said whether there is such an account
		open, err := h.app.Opened(c, c.Param("id"), closed)
		if err != nil || !open {
			return err
		}
	}
	zone, err := h.zone(c)
	if err != nil {
		return err
	}
	account := c.Param("id")
	return do(c, console.Places{
		Zone: zone, Section: views.SectionReview, All: views.ReviewBindingsPath(account),
		End: views.ReviewEndAllPath(account), EndWaiting: views.ReviewEndWaitingPath(account),
		One:      func(b models.BindingView) string { return views.ReviewRequestPath(b.DeviceAuthorizationID) },
		StoryURL: views.StoryPath(account),
		BackURL:  views.PathReviewEvents, BackText: views.Say(c.Request().Context(), "Back to the audit trail"), Closed: closed,
	})
}

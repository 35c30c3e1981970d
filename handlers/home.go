package handlers

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// home leads staff to their part of the console; for administrators there is none yet.
func home(c echo.Context) error {
	session := web.SessionOf(c)
	switch {
	case session.Has(models.Operator):
		return c.Redirect(http.StatusSeeOther, views.PathCounter)
	case session.Has(models.Supervisor):
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	}
	return &web.PageError{Status: http.StatusForbidden, ErrorProps: views.ErrorProps{
		Heading: "There are no pages for administrators yet",
		What:    "You are signed in. Counters, publishers and accounts are set up with the countersign command.",
		Next:    "To work at a counter or to read the audit trail, you need the role operator or supervisor as well.",
	}}
}

package handlers

import (
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// home leads staff to their part of the console.
func home(c echo.Context) error {
	session := web.SessionOf(c)
	if session.Has(models.Supervisor) && !session.Has(models.Operator) {
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	}
	return c.Redirect(http.StatusSeeOther, views.PathCounter)
}

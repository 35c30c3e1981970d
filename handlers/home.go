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
	switch {
	case session.Has(models.Operator):
		return c.Redirect(http.StatusSeeOther, views.PathCounter)
	case session.Has(models.Supervisor):
		return c.Redirect(http.StatusSeeOther, views.PathReviewEvents)
	case session.Has(models.Administrator):
		return c.Redirect(http.StatusSeeOther, views.PathPublishers)
	}
	return models.ErrNotAllowed
}

package admin

import (
	"errors"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Publishers shows who may register apps: GET /admin/publishers; with a form to mend, or a
// token that was just made.
func (h *Admin) Publishers(c echo.Context) error {
	var again formAgain
	if h.app.Kept(c, keptForm, &again) {
		h.app.Forget(c, keptForm)
	} else {
		again.Form.Days = usualDays
	}
	var token string
	if h.app.Kept(c, keptToken, &token) {
		h.app.Forget(c, keptToken)
	}
	return h.render(c, again, token)
}

// SavePublisher adds a publisher or replaces its keys: POST /admin/publishers.
func (h *Admin) SavePublisher(c echo.Context) error {
	form := readForm(c)
	keys, problems := checkPublisher(c.Request().Context(), form)
	if len(problems) > 0 {
		return h.mend(c, form, problems)
	}
	_, err := h.app.Store.SetPublisherKeys(c.Request().Context(), models.NewPublisher{
		SessionID: web.SessionOf(c).ID, Name: form.Name, Keys: keys,
	})
	if err != nil {
		return err
	}
	return h.done(c, web.PublisherSaved)
}

// AddSoftware adds an app of a publisher: POST /admin/software.
func (h *Admin) AddSoftware(c echo.Context) error {
	form := readForm(c)
	scope, problems := checkSoftware(c.Request().Context(), form, h.app.ScopeNames())
	if len(problems) > 0 {
		return h.mend(c, form, problems)
	}
	_, err := h.app.Store.AddSoftware(c.Request().Context(), models.NewSoftware{
		SessionID: web.SessionOf(c).ID, Publisher: form.AppOf, SoftwareID: form.Software, Name: form.App, Scope: scope,
		PresenceRequired: form.Presence,
	})
	if errors.Is(err, models.ErrExists) {
		taken := []views.FieldError{{Field: "software_id", Message: views.Say(c.Request().Context(), "An app with this software_id is registered already.")}}
		return h.mend(c, form, taken)
	}
	if err != nil {
		return err
	}
	return h.done(c, web.AppAdded)
}

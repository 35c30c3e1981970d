package admin

import (
	"errors"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Publishers shows who may register apps: GET /admin/publishers; with a form to mend, or a
// token that was just made.
func (h *Admin) Publishers(c echo.Context) error {
	var again formAgain
	if !h.app.KeptOnce(c, keptForm, &again) {
		again.Form.Days = usualDays
	}
	var token newToken
	if h.app.Kept(c, keptToken, &token) {
		h.app.Forget(c, keptToken)
	}
	return h.render(c, again, token)
}

// SavePublisher adds a publisher or replaces its keys: POST /admin/publishers.
func (h *Admin) SavePublisher(c echo.Context) error {
	form := readForm(c)
	keys, wrong := checkPublisher(form)
	if len(wrong) > 0 {
		return h.mend(c, form, wrong)
	}
	_, err := h.app.Store.SetPublisherKeys(c.Request().Context(), models.NewPublisher{
		SessionID: web.SessionOf(c).ID, Name: form.Name, Keys: keys,
	})
	if err != nil {
		return err
	}
	return h.done(c, console.PublisherSaved)
}

// AddSoftware adds an app of a publisher: POST /admin/software.
func (h *Admin) AddSoftware(c echo.Context) error {
	form := readForm(c)
	scope, wrong := checkSoftware(form, h.app.ScopeNames())
	if len(wrong) > 0 {
		return h.mend(c, form, wrong)
	}
	_, err := h.app.Store.AddSoftware(c.Request().Context(), models.NewSoftware{
		SessionID: web.SessionOf(c).ID, Publisher: form.AppOf, SoftwareID: form.Software, Name: form.App, Scope: scope,
		PresenceRequired: form.Presence,
	})
	if errors.Is(err, models.ErrExists) {
		taken := console.Problems{{Field: "software_id", Text: views.SayLater("An app with this software_id is registered already.")}}
		return h.mend(c, form, taken)
	}
	if err != nil {
		return err
	}
	return h.done(c, console.AppAdded)
}

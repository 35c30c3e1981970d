package admin

import (
	"net/http"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptSoftware names the cookie of a change to mend: it is shown once, and only with the
// app that it is about.
const keptSoftware = "software"

type softwareAgain struct {
	ID       string
	Form     views.SoftwareForm
	Problems console.Problems
}

// Software shows what an app may have, in a form to change it: GET
// /admin/software?software_id=….
func (h *Admin) Software(c echo.Context) error {
	app, err := h.app.Store.Software(c.Request().Context(), c.QueryParam("software_id"))
	if err != nil {
		return err
	}
	props := views.SoftwareProps{ID: app.ID, App: app.Name, Scopes: h.app.ScopeNames().String(),
		Form: views.SoftwareForm{Scope: app.Scope, Presence: app.PresenceRequired}}
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Change an app"), views.SectionAdmin)
	var again softwareAgain
	if h.app.KeptOnce(c, keptSoftware, &again) && again.ID == app.ID {
		props.Form, frame.Errors = again.Form, again.Problems.In(c.Request().Context())
	}
	return web.Render(c, http.StatusOK, views.SoftwarePage(frame, props))
}

// ChangeSoftware changes what an app may have: POST /admin/software/change.
func (h *Admin) ChangeSoftware(c echo.Context) error {
	id := web.Field(c, "software_id")
	form := views.SoftwareForm{Scope: strings.TrimSpace(web.Field(c, "scope")), Presence: web.Field(c, "presence") != ""}
	scope, refusal := oauth.ParseScope(form.Scope)
	if refusal != nil || !scope.Within(h.app.ScopeNames()) {
		return h.mendSoftware(c, id, form)
	}
	_, err := h.app.Store.ChangeSoftware(c.Request().Context(), models.SoftwareChange{
		SessionID: web.SessionOf(c).ID, SoftwareID: id, Scope: &scope, PresenceRequired: &form.Presence,
	})
	if err != nil {
		return err
	}
	return h.done(c, console.AppChanged)
}

func (h *Admin) mendSoftware(c echo.Context, id string, form views.SoftwareForm) error {
	const longest = 128
	form.Scope = console.Shortened(form.Scope, longest)
	wrong := console.Problems{{Field: "scope", Text: views.SayLater("Write names that this server knows, with one space between them.")}}
	if _, err := h.app.Keep(c, keptSoftware, softwareAgain{id, form, wrong}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.SoftwarePath(id))
}

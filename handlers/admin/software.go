package admin

import (
	"net/http"
	"slices"
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
	props := views.SoftwareProps{ID: app.ID, App: app.Name, Scopes: h.scopeChoices(c.Request().Context()),
		Form: views.SoftwareForm{Presence: app.PresenceRequired}}
	props.Form.Known, props.Form.Scope = knownFirst(strings.Fields(app.Scope), h.app.ScopeNames())
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
	form := views.SoftwareForm{Known: web.Fields(c)["known_scope"], Scope: strings.TrimSpace(web.Field(c, "scope")),
		Presence: web.Field(c, "presence") != ""}
	scope, ok := chosenScope(form.Known, form.Scope, h.app.ScopeNames())
	if !ok {
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

// knownFirst takes an app's scopes apart: those of the server, which have boxes, and others, which it does not know any more.
func knownFirst(scope []string, known oauth.Scope) (ticked []string, others string) {
	var rest []string
	for _, name := range scope {
		if slices.Contains(known, name) {
			ticked = append(ticked, name)
		} else {
			rest = append(rest, name)
		}
	}
	return ticked, strings.Join(rest, " ")
}

func (h *Admin) mendSoftware(c echo.Context, id string, form views.SoftwareForm) error {
	const longest = 128
	form.Known, _ = knownFirst(form.Known, h.app.ScopeNames())
	form.Scope = console.Shortened(form.Scope, longest)
	wrong := console.Problems{{Field: "scope", Text: views.SayLater("Write names that this server knows, with one space between them.")}}
	if _, err := h.app.Keep(c, keptSoftware, softwareAgain{id, form, wrong}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.SoftwarePath(id))
}

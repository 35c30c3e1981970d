package admin

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"
)

const (
	hoursOfADay = 24 * time.Hour
	usualDays   = "7"
)

func readForm(c echo.Context) views.PublisherForm {
	text := func(name string) string { return strings.TrimSpace(web.Field(c, name)) }
	days := text("days")
	if _, asked := web.Fields(c)["days"]; !asked { // another form of the page
		days = usualDays
	}
	return views.PublisherForm{
		Name: text("publisher"), JWKS: text("jwks"),
		AppOf: text("app_publisher"), Software: text("software_id"), App: text("name"),
		Known: web.Fields(c)["known_scope"], Scope: text("scope"),
		Presence: text("presence") != "",
		Remark:   text("note"), Days: days,
	}
}

// keptForm names the cookie of a form to mend: it is shown once.
const keptForm = "publishers"

// formAgain is what was typed, with what is to mend of it.
type formAgain struct {
	Form     views.PublisherForm
	Problems console.Problems
}

// mend leads back to the page with what was typed. A set of many keys is longer than what
// can be kept: then the page says that it has to be pasted again.
func (h *Admin) mend(c echo.Context, form views.PublisherForm, wrong console.Problems) error {
	form.Known, _ = knownFirst(form.Known, h.app.ScopeNames())
	kept, err := h.app.Keep(c, keptForm, formAgain{shortened(form), wrong})
	if err == nil && !kept && form.JWKS != "" {
		form.JWKS = ""
		wrong.Add("jwks", views.SayLater("The keys are too long to be kept here: paste them again."))
		_, err = h.app.Keep(c, keptForm, formAgain{shortened(form), wrong})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathPublishers)
}

// shortened cuts what nobody would type; keys are kept whole or not at all.
func shortened(form views.PublisherForm) views.PublisherForm {
	const longest = 128
	for _, field := range []*string{&form.Name, &form.AppOf, &form.Software, &form.App, &form.Scope, &form.Remark, &form.Days} {
		*field = console.Shortened(*field, longest)
	}
	return form
}

// wantText wants something that is fit to be shown to operators.
func wantText(wrong *console.Problems, field string, problem views.Later, value string) {
	if refusal := oauth.CheckName(value); refusal != nil {
		wrong.Add(field, problem)
	}
}

func checkPublisher(form views.PublisherForm) (jose.JSONWebKeySet, console.Problems) {
	var wrong console.Problems
	wantText(&wrong, "publisher", views.SayLater("The publisher’s name must have 1 to 128 characters, none of them invisible."), form.Name)
	keys, refusal := oauth.ReadPublisherKeys([]byte(form.JWKS))
	if refusal != nil {
		wrong.Add("jwks", views.SayLater("These keys cannot be used: %s.", refusal.Description))
	}
	return keys, wrong
}

func checkSoftware(form views.PublisherForm, known oauth.Scope) (oauth.Scope, console.Problems) {
	var wrong console.Problems
	wantText(&wrong, "app_publisher", views.SayLater("The publisher’s name must have 1 to 128 characters, none of them invisible."),
		form.AppOf)
	wantText(&wrong, "software_id", views.SayLater("The software_id must have 1 to 128 characters, none of them invisible."), form.Software)
	if refusal := oauth.CheckSoftwareID(form.Software); refusal != nil && len(wrong) == 0 {
		wrong.Add("software_id", views.SayLater("The software_id cannot be used: %s.", refusal.Description))
	}
	wantText(&wrong, "name", views.SayLater("The app’s name must have 1 to 128 characters, none of them invisible."), form.App)
	scope, ok := chosenScope(form.Known, form.Scope, known)
	if !ok {
		wrong.Add("scope", views.SayLater("Write names that this server knows, with one space between them."))
	}
	return scope, wrong
}

// chosenScope puts ticked and typed scopes together; false when the server does not know one of them.
func chosenScope(ticked []string, typed string, known oauth.Scope) (oauth.Scope, bool) {
	scope, refusal := oauth.ParseScope(strings.TrimSpace(strings.Join(ticked, " ") + " " + typed))
	return scope, refusal == nil && scope.Within(known)
}

// scopeChoices are the scopes of the server, to be ticked.
func (h *Admin) scopeChoices(ctx context.Context) []views.Choice {
	var list []views.Choice
	for _, scope := range h.app.Scopes {
		list = append(list, views.Choice{Value: scope.Name, Label: scope.Name, Hint: scope.Words})
	}
	return list
}

func checkToken(form views.PublisherForm) (days int, wrong console.Problems) {
	if form.Remark != "" {
		wantText(&wrong, "note", views.SayLater("The note must have 1 to 128 characters, none of them invisible."), form.Remark)
	}
	days, err := strconv.Atoi(form.Days)
	if most := int(models.MaxRegistrationTokenLifetime / hoursOfADay); err != nil || days < 1 || days > most {
		wrong.Add("days", views.SayLater("Write a number of days from 1 to %s.", strconv.Itoa(most)))
	}
	return days, wrong
}

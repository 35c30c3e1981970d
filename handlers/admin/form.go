package admin

import (
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"
)

const hoursOfADay = 24 * time.Hour

func readForm(c echo.Context) views.PublisherForm {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return views.PublisherForm{
		Name: text("publisher"), JWKS: text("jwks"),
		AppOf: text("app_publisher"), Software: text("software_id"), App: text("name"), Scope: text("scope"),
		Remark: text("note"), Days: text("days"),
	}
}

// problems collects what is to mend.
type problems []views.FieldError

func (p *problems) add(field, message string) {
	*p = append(*p, views.FieldError{Field: field, Message: message})
}

// text wants something that is fit to be shown to operators.
func (p *problems) text(field, what, value string) {
	if refusal := oauth.CheckName(value); refusal != nil {
		p.add(field, what+" must have 1 to 128 characters, none of them invisible.")
	}
}

func checkPublisher(form views.PublisherForm) (jose.JSONWebKeySet, []views.FieldError) {
	var wrong problems
	wrong.text("publisher", "The publisher's name", form.Name)
	keys, refusal := oauth.ReadPublisherKeys([]byte(form.JWKS))
	if refusal != nil {
		wrong.add("jwks", "These keys cannot be used: "+refusal.Description+".")
	}
	return keys, wrong
}

func checkSoftware(form views.PublisherForm, known oauth.Scope) (oauth.Scope, []views.FieldError) {
	var wrong problems
	wrong.text("app_publisher", "The publisher's name", form.AppOf)
	wrong.text("software_id", "The software_id", form.Software)
	wrong.text("name", "The app's name", form.App)
	scope, refusal := oauth.ParseScope(form.Scope)
	if refusal != nil || !scope.Within(known) {
		wrong.add("scope", "Write names that this server knows, with one blank between them.")
	}
	return scope, wrong
}

func checkToken(form views.PublisherForm) (days int, wrong problems) {
	if form.Remark != "" {
		wrong.text("note", "The note", form.Remark)
	}
	days, err := strconv.Atoi(form.Days)
	if most := int(models.MaxRegistrationTokenLifetime / hoursOfADay); err != nil || days < 1 || days > most {
		wrong.add("days", "Write a number of days from 1 to "+strconv.Itoa(most)+".")
	}
	return days, wrong
}

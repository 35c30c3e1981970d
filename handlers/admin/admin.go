// Package admin is the administrators' part of the console: who may register apps here.
// What all handlers share is in handlers/web; the route table is in handlers.
//
//	publishers.go  publishers with their keys, and their apps
//	software.go    what one app may have
//	tokens.go      initial access tokens
//	form.go        what was typed, and what is to mend of it
//
// Each change is an event with the administrator as its actor; the same verbs stand
// behind the commands countersign publishers and countersign registration-tokens.
package admin

import (
	"context"
	"fmt"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Admin answers the requests of administrators. Make it with New.
type Admin struct{ app *web.App }

// New makes the administrators' part.
func New(app *web.App) *Admin { return &Admin{app: app} }

// render shows the one page with what is to mend, and a token that was just made.
func (h *Admin) render(c echo.Context, again formAgain, token string) error {
	props := views.PublishersProps{Policy: h.policy(), NewToken: token, Form: again.Form, ScopeHint: "Names with one blank between them: " + h.app.ScopeNames().String()}
	if err := h.addPublishers(c, &props); err != nil {
		return err
	}
	if err := h.addTokens(c, &props); err != nil {
		return err
	}
	frame := h.app.Frame(c, "Publishers and registration", views.SectionAdmin)
	frame.Errors, frame.Notice = again.Problems, notice(c.Request().Context(), h.app.Told(c))
	return web.Render(c, http.StatusOK, views.PublishersPage(frame, props))
}

// policy says what registering needs.
func (h *Admin) policy() string {
	policy := h.app.Store.Policy()
	words := "Any app may register here, with a key of its own."
	switch policy.Registration {
	case models.RegistrationByToken:
		words = "An app needs an initial access token to register here."
	case models.RegistrationStated:
		words = "An app needs a software statement, signed by a publisher on this page, to register here."
	}
	if policy.ListedSoftwareOnly {
		words += " Only apps on this page may."
	}
	return words
}

func (h *Admin) addPublishers(c echo.Context, props *views.PublishersProps) error {
	ctx := c.Request().Context()
	publishers, err := h.app.Store.Publishers(ctx)
	if err != nil {
		return err
	}
	apps, err := h.app.Store.RegisteredSoftware(ctx)
	if err != nil {
		return err
	}
	for _, publisher := range publishers {
		keys, err := publisher.Keys()
		if err != nil {
			return err
		}
		row := views.PublisherRow{Name: publisher.Name, Keys: keyWords(len(keys.Keys))}
		for _, app := range apps {
			if app.PublisherID == publisher.ID {
				row.Apps = append(row.Apps, views.AppRow{ID: app.ID, App: app.Name, Scope: app.Scope, Presence: app.PresenceRequired})
			}
		}
		props.Publishers = append(props.Publishers, row)
	}
	return nil
}

func keyWords(n int) string {
	switch n {
	case 0:
		return "None: it cannot sign statements"
	case 1:
		return "1 key"
	}
	return fmt.Sprintf("%d keys", n)
}

// notice words what was just done.
func notice(ctx context.Context, word web.Word) string {
	switch word {
	case web.PublisherSaved:
		return "The publisher is saved."
	case web.AppAdded:
		return "The app is added."
	case web.AppChanged:
		return views.Say(ctx, "The app is changed.")
	case web.TokenRevoked:
		return "The token is revoked."
	}
	return ""
}

func (h *Admin) done(c echo.Context, what web.Word) error {
	h.app.Tell(c, what)
	return c.Redirect(http.StatusSeeOther, views.PathPublishers)
}

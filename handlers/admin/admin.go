// Package admin is the administrators' part of the console: who may register apps here,
// where people are served, who serves them, and whose accounts there are.
// What staff pages share is in handlers/console, what all handlers share in handlers/web;
// the route table is in handlers.
//
//	publishers.go  publishers with their keys, and their apps
//	software.go    what one app may have
//	tokens.go      initial access tokens
//	form.go        what was typed, and what is to mend of it
//	counters.go    counters: set up, change, close (opening_hours.go: a field for each weekday)
//	staff.go       who has signed in, their sessions, and the counters they may open
//	accounts.go    find an account, suspend it, say what its approvals need
//	account_form.go  add an account by hand, or correct its record
//	import.go      a file of accounts: preview, then import (import_progress.go: and how far it is)
//	policies.go    the policies in force, to read; policies_words.go says them
//	state.go       whether the server is well
//	undelivered.go  notices that could not be sent: send them again, or put them aside
//
// Each change is an event with the administrator as its actor; the same verbs stand
// behind the commands countersign publishers, registration-tokens, counters and accounts.
package admin

import (
	"context"
	"net/http"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Admin answers the requests of administrators. Make it with New.
type Admin struct{ app *console.Pages }

// New makes the administrators' part.
func New(app *web.App) *Admin { return &Admin{app: console.New(app)} }

// render shows the one page with what is to mend, and a token that was just made.
func (h *Admin) render(c echo.Context, again formAgain, token newToken) error {
	ctx := c.Request().Context()
	props := views.PublishersProps{
		Policy: h.policy(ctx), NewToken: token.Token, TokenTexts: h.tokenTexts(c, token), Form: again.Form, Scopes: h.scopeChoices(ctx),
	}
	if err := h.addPublishers(c, &props); err != nil {
		return err
	}
	if err := h.addTokens(c, &props); err != nil {
		return err
	}
	frame := h.app.Frame(c, views.Say(ctx, "Publishers and registration"), views.SectionAdmin)
	frame.Errors, frame.Notice = again.Problems.In(ctx), notice(ctx, h.app.Told(c))
	return web.Render(c, http.StatusOK, views.PublishersPage(frame, props))
}

// policy says what registering needs.
func (h *Admin) policy(ctx context.Context) string {
	say := views.Speaker(ctx)
	policy := h.app.Store.Policy()
	words := say("Any app may register here, with a key of its own.")
	switch policy.Registration {
	case models.RegistrationByToken:
		words = say("An app needs an initial access token to register here.")
	case models.RegistrationStated:
		words = say("An app needs a software statement, signed by a publisher on this page, to register here.")
	}
	if policy.ListedSoftwareOnly {
		words += " " + say("Only apps on this page may.")
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
		row := views.PublisherRow{Name: publisher.Name, Keys: keyWords(ctx, len(keys.Keys))}
		for _, app := range apps {
			if app.PublisherID == publisher.ID {
				row.Apps = append(row.Apps, views.AppRow{ID: app.ID, App: app.Name, Scope: app.Scope, Presence: app.PresenceRequired})
			}
		}
		props.Publishers = append(props.Publishers, row)
	}
	return nil
}

func keyWords(ctx context.Context, n int) string {
	if n == 0 {
		return views.Say(ctx, "None: it cannot sign statements")
	}
	return views.Say(ctx, "%d keys", n)
}

// notice words what was just done, or why it was not.
func notice(ctx context.Context, word console.Word) string {
	words := map[console.Word]string{
		console.PublisherSaved:    views.Key("The publisher is saved."),
		console.AppAdded:          views.Key("The app is added."),
		console.AppChanged:        views.Key("The app is changed."),
		console.TokenRevoked:      views.Key("The token is revoked."),
		console.CounterSaved:      views.Key("The counter is saved."),
		console.CounterClosed:     views.Key("The counter is closed. Nobody works at it any more."),
		console.CounterReopened:   views.Key("The counter is in use again."),
		console.StaffLimited:      views.Key("The counters are saved. They count from the next step on."),
		console.SessionsEnded:     views.Key("The sessions are ended."),
		console.AccountSuspended:  views.Key("The account is suspended."),
		console.AccountReinstated: views.Key("The account is active again."),
		console.AccountSaved:      views.Key("The account is saved."),
		console.AccountRulesSaved: views.Key("What approvals need is saved."),
		console.ImportDiscarded:   views.Key("The file is discarded. Nothing was imported."),
	}
	if words[word] == "" {
		return ""
	}
	return views.Say(ctx, words[word])
}

// mistakes returns the error summary for a told word, empty when the word is no mistake.
func mistakes(ctx context.Context, word console.Word) []views.FieldError {
	of := map[console.Word]views.FieldError{
		console.OwnLimit:   {Field: "", Message: views.Key("Another administrator says which counters you may open.")},
		console.NoCounters: {Field: "counters", Message: views.Key("Choose counters from the list.")},
		console.OwnAccount: {Field: "", Message: views.Key(
			"This is your own account: another administrator changes it. The attempt is on record.")},
		console.NoReason: {Field: "reason", Message: views.Key("Choose why.")},
		console.ChangedMeanwhile: {Field: "", Message: views.Key(
			"Somebody else has changed something meanwhile. Nothing was done: look at it again.")},
		console.ImportRunning: {Field: "", Message: views.Key(
			"Another import is under way. Nothing was done: press Import again when it has ended.")},
		console.NoFile:      {Field: "file", Message: views.Key("Choose a CSV file of at most 5 MiB.")},
		console.PreviewOver: {Field: "file", Message: views.Key("The preview is over. Nothing was imported: send the file again.")},
	}
	mistake, ok := of[word]
	if !ok {
		return nil
	}
	mistake.Message = views.Say(ctx, mistake.Message)
	return []views.FieldError{mistake}
}

// frame surrounds an administrator's page, with what was just done or not.
func (h *Admin) frame(c echo.Context, title string) views.Frame {
	frame := h.app.Frame(c, title, views.SectionAdmin)
	told := h.app.Told(c)
	frame.Notice, frame.Errors = notice(c.Request().Context(), told), mistakes(c.Request().Context(), told)
	return frame
}

// then leads on: with a word when it was done, else to the error's page.
func (h *Admin) then(c echo.Context, word console.Word, to string, err error) error {
	if err != nil {
		return err
	}
	h.app.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, to)
}

func (h *Admin) done(c echo.Context, what console.Word) error {
	h.app.Tell(c, what)
	return c.Redirect(http.StatusSeeOther, views.PathPublishers)
}

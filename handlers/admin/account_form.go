package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// keptAccount names the cookie of an account's form to mend: it is shown once, on the page that it is about.
const keptAccount = "account-form"

type accountAgain struct {
	ID       string // "" of a new one
	Form     views.AccountForm
	Problems []accountProblem
}

type accountProblem struct {
	Field, Problem string // a models.ImportProblem
	Args           []string
}

// NewAccount is the form for one: GET /admin/accounts/new.
func (h *Admin) NewAccount(c echo.Context) error {
	return h.accountForm(c, views.AccountFormProps{}, views.Say(c.Request().Context(), "Add an account"))
}

// AccountRecord is the form with the record as it is: GET /admin/accounts/:id/record.
func (h *Admin) AccountRecord(c echo.Context) error {
	id := c.Param("id")
	open, err := h.app.Opened(c, id, views.ClosedRecordProps{
		Section: views.SectionAdmin, OpenURL: views.AdminOpenRecordPath(id), SearchURL: views.PathAccounts,
	})
	if err != nil || !open {
		return err
	}
	account, err := h.app.Store.AccountRecord(c.Request().Context(), id)
	if err != nil {
		return err
	}
	props := views.AccountFormProps{ID: id, Name: account.FullName, Shown: models.AccountShown(account)}
	props.Form = views.AccountForm{
		IdentifierLines: strings.Join(account.Identifiers, "\n"), FullName: account.FullName, LatinName: account.LatinName,
		BirthDate: account.DateOfBirth, Contact: account.Contact, Language: account.Language, StaffOf: account.StaffSubject,
	}
	return h.accountForm(c, props, account.FullName)
}

func (h *Admin) accountForm(c echo.Context, props views.AccountFormProps, title string) error {
	ctx := c.Request().Context()
	frame := h.frame(c, title)
	var again accountAgain
	if h.app.KeptOnce(c, keptAccount, &again) && again.ID == props.ID {
		props.Form = again.Form
		for _, p := range again.Problems {
			problem := models.ImportError{Problem: models.ImportProblem(p.Problem), Args: p.Args}
			frame.Errors = append(frame.Errors, views.FieldError{Field: p.Field, Message: fieldWords(ctx, problem)})
		}
	}
	return web.Render(c, http.StatusOK, views.AccountFormPage(frame, props))
}

// fieldWords says what is wrong with a field that somebody types. Where an accounts file is told
// of its columns and lines, a form is told of the field.
func fieldWords(ctx context.Context, problem models.ImportError) string {
	say := views.Speaker(ctx)
	switch problem.Problem {
	case models.ImportDateForm:
		return say("This date can be read in several ways. Write it like 1980-01-31.")
	case models.ImportCutNumber:
		return say("A number was cut short here, such as 4.47E+11. Write it in full.")
	case models.ImportLost:
		return say("A character got lost on its way here. Type it again.")
	case models.ImportFormula:
		return say("This is a formula of a spreadsheet, or its error. Type the value.")
	}
	return sentence(problemWords(ctx, problem))
}

// sentence begins with a capital.
func sentence(words string) string {
	for i, first := range words {
		return words[:i] + strings.ToUpper(string(first)) + words[i+len(string(first)):]
	}
	return words
}

// SaveAccount adds or corrects it: POST /admin/accounts/new and /admin/accounts/:id/record.
func (h *Admin) SaveAccount(c echo.Context) error {
	id, form := c.Param("id"), readAccount(c)
	lines := strings.FieldsFunc(form.IdentifierLines, func(r rune) bool { return r == '\n' || r == '\r' })
	fields := map[string]string{
		models.FieldIdentifiers: strings.Join(lines, ";"), models.FieldName: form.FullName, models.FieldLatinName: form.LatinName,
		models.FieldBirth: form.BirthDate, models.FieldContact: form.Contact, models.FieldLanguage: form.Language,
		models.FieldStaff: form.StaffOf,
	}
	account, problems := accountcsv.ReadOne(fields, h.app.Store.Now())
	if len(problems) == 0 {
		err := h.saveAccount(c.Request().Context(), web.SessionOf(c).ID, models.SavedAccount{
			ID: id, Shown: web.Field(c, "shown"), ImportedAccount: account})
		problem, wrong := errors.AsType[models.ImportError](err)
		if !wrong {
			return h.accountSaved(c, id, form, err)
		}
		problems = append(problems, problem)
	}
	return h.mendAccount(c, id, form, problems)
}

func (h *Admin) saveAccount(ctx context.Context, sessionID string, account models.SavedAccount) error {
	_, err := h.app.Store.SaveAccount(ctx, sessionID, account)
	if errors.Is(err, models.ErrExists) { // given to another account just now
		err = models.ErrChangedMeanwhile
	}
	return err
}

// accountSaved leads to the account, or back to the form with what was typed.
func (h *Admin) accountSaved(c echo.Context, id string, form views.AccountForm, err error) error {
	switch {
	case errors.Is(err, models.ErrChangedMeanwhile):
		h.app.Tell(c, console.ChangedMeanwhile)
		return h.mendAccount(c, id, form, nil)
	case errors.Is(err, models.ErrOwnAccount):
		h.app.Tell(c, console.OwnAccount)
		return h.mendAccount(c, id, form, nil)
	}
	if id == "" { // its record is not open
		return h.then(c, console.AccountSaved, views.PathAccounts, err)
	}
	return h.then(c, console.AccountSaved, views.AccountSettingsPath(id), err)
}

func readAccount(c echo.Context) views.AccountForm {
	text := func(name string) string { return strings.TrimSpace(web.Field(c, name)) }
	return views.AccountForm{IdentifierLines: text("identifiers"), FullName: text("name"), LatinName: text("latin_name"),
		BirthDate: text("date_of_birth"), Contact: text("contact"), Language: text("language"), StaffOf: text("staff")}
}

// mendAccount leads back to the form with what was typed, as far as it can be kept.
func (h *Admin) mendAccount(c echo.Context, id string, form views.AccountForm, problems []models.ImportError) error {
	const longest, longestIdentifiers = 200, 900
	for _, field := range []*string{&form.FullName, &form.LatinName, &form.BirthDate, &form.Contact, &form.Language, &form.StaffOf} {
		*field = console.Shortened(*field, longest)
	}
	if len(form.IdentifierLines) > longestIdentifiers { // not by Shortened, which makes one line of them
		form.IdentifierLines = strings.ToValidUTF8(form.IdentifierLines[:longestIdentifiers], "")
	}
	again := accountAgain{ID: id, Form: form}
	for _, p := range problems[:min(len(problems), 10)] {
		again.Problems = append(again.Problems, accountProblem{p.Column, string(p.Problem), p.Args})
	}
	kept, err := h.app.Keep(c, keptAccount, again)
	if err == nil && !kept { // letters that take much room
		again.Form = views.AccountForm{FullName: console.Shortened(form.FullName, 128)}
		_, err = h.app.Keep(c, keptAccount, again)
	}
	if err != nil {
		return err
	}
	to := views.PathNewAccount
	if id != "" {
		to = views.AccountRecordPath(id)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

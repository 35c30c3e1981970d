package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/accountcsv"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ImportBody is the most bytes of an accounts file with its form.
const ImportBody int64 = 5 << 20

// linesShown is how many lines of a file a page lists.
const linesShown = 500

// keptImport names the cookie of the key that opens the file that was sent.
const keptImport = "import"

// UploadAccounts takes a file for its preview: POST /admin/accounts/import. Nothing is
// imported; the file is kept sealed for as long as a preview lasts.
func (h *Admin) UploadAccounts(c echo.Context) error {
	ctx := c.Request().Context()
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 { // no file was chosen
		return h.then(c, console.NoFile, views.PathAccounts, nil)
	}
	file, err := header.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	key, err := h.app.Store.KeepAccountFile(ctx, web.SessionOf(c).ID, accountcsv.Read(file, h.app.Store.Now()))
	if err != nil {
		return err
	}
	if _, err := h.app.Keep(c, keptImport, key); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.PathAccountsImport)
}

// ImportPreview shows what the file would change: GET /admin/accounts/import.
func (h *Admin) ImportPreview(c echo.Context) error {
	file, plan, err := h.app.Store.PreviewImport(c.Request().Context(), web.SessionOf(c).ID, h.importKey(c))
	if errors.Is(err, models.ErrNotFound) {
		return h.then(c, console.PreviewOver, views.PathAccounts, nil)
	}
	if err != nil {
		return err
	}
	props, err := importProps(c.Request().Context(), file, plan)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ImportPage(h.frame(c, views.Say(c.Request().Context(), "Import accounts")), props))
}

// ConfirmImport begins to import what was previewed: POST /admin/accounts/import/confirm.
func (h *Admin) ConfirmImport(c echo.Context) error {
	err := h.app.Store.ConfirmImport(c.Request().Context(), web.SessionOf(c).ID, h.importKey(c), web.Field(c, "digest"))
	switch {
	case errors.Is(err, models.ErrChangedMeanwhile):
		return h.then(c, console.ChangedMeanwhile, views.PathAccountsImport, nil)
	case errors.Is(err, models.ErrImportRunning), errors.Is(err, models.ErrImportAbandoned):
		return h.then(c, console.ImportRunning, views.PathAccountsImport, nil)
	case errors.Is(err, models.ErrNotFound):
		return h.then(c, console.PreviewOver, views.PathAccounts, nil)
	case err != nil:
		return err
	}
	h.app.Forget(c, keptImport)
	return c.Redirect(http.StatusSeeOther, views.PathImportProgress)
}

// DiscardImport forgets the file: POST /admin/accounts/import/discard.
func (h *Admin) DiscardImport(c echo.Context) error {
	h.app.Forget(c, keptImport)
	err := h.app.Store.ForgetAccountFile(c.Request().Context(), web.SessionOf(c).ID)
	return h.then(c, console.ImportDiscarded, views.PathAccounts, err)
}

func (h *Admin) importKey(c echo.Context) string {
	var key string
	h.app.Kept(c, keptImport, &key)
	return key
}

// importProps lists changed accounts first, then new ones: what is to be looked at.
func importProps(ctx context.Context, file models.ReadAccounts, plan models.ImportPlan) (views.ImportProps, error) {
	props := views.ImportProps{Added: plan.Added, Changed: plan.Changed, Unchanged: plan.Unchanged, Further: file.Further}
	for i, problem := range file.Problems {
		if i == models.MaxListed {
			props.Further += len(file.Problems) - models.MaxListed
			break
		}
		props.Problems = append(props.Problems, views.ImportProblem{Line: problem.Line, Column: problem.Column,
			Problem: problemWords(ctx, problem)})
	}
	if len(props.Problems) > 0 {
		return props, nil
	}
	digest, err := plan.Digest()
	props.Digest = digest
	order := []string{models.LineChanged, models.LineAdded, models.LineUnchanged}
	lines := slices.SortedStableFunc(slices.Values(plan.Lines), func(a, b models.PlannedLine) int {
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
	props.Hidden = max(0, len(lines)-linesShown)
	for _, line := range lines[:len(lines)-props.Hidden] {
		row := views.ImportLine{Line: line.Line, Kind: line.Kind, Name: line.Name}
		for _, change := range line.Changes {
			row.Changes = append(row.Changes, changeWords(ctx, change))
		}
		props.Lines = append(props.Lines, row)
	}
	return props, err
}

// problemWords says a problem. What it names of the file is kept apart from the sentence.
func problemWords(ctx context.Context, problem models.ImportError) string {
	args := make([]any, len(problem.Args))
	for i, arg := range problem.Args {
		args[i] = "\u2068" + arg + "\u2069"
	}
	return views.Say(ctx, string(problem.Problem), args...)
}

// changeWords names the field, and says what of its values is a code.
func changeWords(ctx context.Context, change models.Change) views.ImportChange {
	say := views.Speaker(ctx)
	words := views.ImportChange{Field: change.Field, Before: change.Before, After: change.After}
	required := func(value string) string {
		if value == "" {
			return ""
		}
		return say("required")
	}
	switch change.Field {
	case models.FieldIdentifiers:
		words.Field = say("Identifiers")
	case models.FieldName:
		words.Field = say("Name")
	case models.FieldLatinName:
		words.Field = say("Name in Latin letters")
	case models.FieldLanguage:
		words.Field = say("Language of notices")
	case models.FieldStaff:
		words.Field = say("Member of staff")
	case models.FieldBirth:
		words.Field = say("Date of birth")
	case models.FieldContact:
		words.Field = say("Contact")
	case models.FieldStatus:
		words.Field, words.Before, words.After = say("State"), views.AccountStatus(ctx, change.Before), views.AccountStatus(ctx, change.After)
	case models.FieldPresence:
		words.Field, words.Before, words.After = say("Presence proof"), required(change.Before), required(change.After)
	case models.FieldTwoPerson:
		words.Field, words.Before, words.After = say("Two people"), required(change.Before), required(change.After)
	}
	return words
}

package counter

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// What a page to decide showed travels in its form, sealed under the session's key, and
// comes back with the decision. Where one of it is another by then, the page is shown anew
// and says so (docs/decisions/0031-bound-to-what-was-shown.md).

// sealedShown is what the form carries: what the page showed, and in which words it said the scopes. The words are this
// process's settings, so that models does not know them.
type sealedShown struct {
	models.Shown
	Meaning []string
}

// sealShown is the field of the form.
func (h *Console) sealShown(c echo.Context, shown sealedShown) (string, error) {
	return h.app.Seal(c, views.FieldShown, shown)
}

// shownNow adds the words that this process has.
func (h *Console) shownNow(shown models.Shown) sealedShown {
	return sealedShown{shown, h.meaning(shown)}
}

// meaning is what the scopes are said to mean, in the words for everybody: a reader may choose another language meanwhile.
func (h *Console) meaning(shown models.Shown) []string {
	var list []string
	for _, name := range strings.Fields(shown.Scope) {
		for _, scope := range h.app.Scopes {
			if scope.Name == name {
				list = append(list, name, scope.Words)
			}
		}
	}
	return list
}

// shownBefore is what a page showed that refreshes a part of itself by now: the part
// approves what the rest of the page says.
func (h *Console) shownBefore(c echo.Context, now models.Shown) sealedShown {
	var before sealedShown
	if h.app.Unseal(c, views.FieldShown, c.Request().Header.Get(views.HeaderShown), &before) {
		return before
	}
	return h.shownNow(now)
}

// shown is what the page of this form showed; the zero models.Shown when it does not say, or said the scopes in other words
// than this process has.
func (h *Console) shown(c echo.Context) models.Shown {
	var sealed sealedShown
	if !h.app.Unseal(c, views.FieldShown, web.Field(c, views.FieldShown), &sealed) || !slices.Equal(sealed.Meaning, h.meaning(sealed.Shown)) {
		return models.Shown{}
	}
	return sealed.Shown
}

// toldLater is what is told of a page that was not as it is now.
type toldLater struct {
	Page    string // of which it is told
	Changes []models.ShownChange
}

// changedMeanwhile leads back to the page where err says that it was another. What is too
// long to be kept is told without its words.
func (h *Console) changedMeanwhile(c echo.Context, page string, err error) error {
	var other *models.ChangedError
	if !errors.As(err, &other) {
		return err
	}
	told := toldLater{page, other.Changes}
	kept, err := h.app.Keep(c, console.KeptChanged, told)
	if err == nil && !kept {
		for i := range told.Changes {
			told.Changes[i].Before, told.Changes[i].Now = "…", "…"
		}
		_, err = h.app.Keep(c, console.KeptChanged, told)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, page)
}

// toldChanges are what the page says of what changed; nil when it says nothing.
func (h *Console) toldChanges(c echo.Context, page string) *views.Changed {
	var told toldLater
	if c.Request().Header.Get("HX-Request") != "" || !h.app.KeptOnce(c, console.KeptChanged, &told) || told.Page != page {
		return nil
	}
	ctx := c.Request().Context()
	props := &views.Changed{}
	for _, change := range told.Changes {
		props.Facts = append(props.Facts, views.ChangedFact{
			Label: shownLabel(ctx, change.Fact), Before: h.shownWords(ctx, change.Fact, change.Before),
			Now: h.shownWords(ctx, change.Fact, change.Now),
		})
	}
	return props
}

func shownLabel(ctx context.Context, fact string) string {
	switch fact {
	case models.ShownApp:
		return views.Say(ctx, "App")
	case models.ShownSoftware:
		return views.Say(ctx, "Identifier of the app")
	case models.ShownPublisher:
		return views.Say(ctx, "Publisher")
	case models.ShownVerified:
		return views.Say(ctx, "Signed by its publisher")
	case models.ShownName:
		return views.Say(ctx, "Name on record")
	case models.ShownLatinName:
		return views.Say(ctx, "Name in Latin letters")
	case models.ShownBirthDate:
		return views.Say(ctx, "Date of birth")
	case models.ShownScope:
		return views.Say(ctx, "The app may")
	case models.ShownResources:
		return views.Say(ctx, "For these APIs")
	case models.ShownPresence:
		return views.Say(ctx, "What the match rests on")
	case models.ShownSecond:
		return views.Say(ctx, "Second person")
	}
	return views.Say(ctx, "Check of the document")
}

// shownWords says a fact as pages do.
func (h *Console) shownWords(ctx context.Context, fact, value string) string {
	if value == "" {
		return views.Say(ctx, "none")
	}
	switch fact {
	case models.ShownVerified:
		return views.Say(ctx, "yes")
	case models.ShownBirthDate:
		return views.Day(ctx, value)
	case models.ShownScope:
		var list []string
		for _, scope := range h.app.ScopeFacts(ctx, value) {
			list = append(list, scope.Meaning)
		}
		return strings.Join(list, ", ")
	case models.ShownPresence:
		if value == models.PresenceProved {
			return views.Say(ctx, "The QR code of the device itself")
		}
		return views.Say(ctx, "Code only")
	case models.ShownSecond:
		return views.Say(ctx, "needed")
	case models.ShownProofing:
		return views.Say(ctx, "another one")
	}
	return value
}

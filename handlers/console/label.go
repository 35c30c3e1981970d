package console

import (
	"errors"
	"net/http"
	"strings"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Relabel takes another label for a binding and leads back to the page that the form
// stands on. What the device called itself stays beside it
// (draft-richer-oauth-instance-00 §2); who may is settled by models.
func (p *Pages) Relabel(c echo.Context, binding models.Binding, back string) error {
	label := strings.TrimSpace(web.Field(c, "label"))
	err := p.Store.RelabelBinding(c.Request().Context(), web.SessionOf(c).ID, binding.ID, label)
	switch _, unfit := errors.AsType[*oauth.Error](err); {
	case unfit:
		if _, err := p.Keep(c, keptLabel, labelAgain{binding.ID, Shortened(label, oauth.MaxInstanceName)}); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		p.Tell(c, Labelled)
	}
	return c.Redirect(http.StatusSeeOther, back)
}

// keptLabel names the cookie of a label to mend: it is shown once.
const keptLabel = "label"

type labelAgain struct{ Binding, Label string }

// LabelField returns what the field for a binding's label holds: the label, or what was typed
// and is to mend, which the frame then says.
func (p *Pages) LabelField(c echo.Context, binding models.Binding, frame *views.Frame) string {
	var again labelAgain
	if p.Kept(c, keptLabel, &again) {
		p.Forget(c, keptLabel)
	}
	if again.Binding != binding.ID {
		return binding.Label
	}
	frame.Errors = append(frame.Errors, views.FieldError{Field: "label",
		Message: views.Say(c.Request().Context(), "Write a label of 1 to 64 characters, none of them invisible.")})
	return again.Label
}

// LabelledNotice says that a label was saved.
func LabelledNotice(c echo.Context) string {
	return views.Say(c.Request().Context(), "The label is saved. What the device calls itself is kept.")
}

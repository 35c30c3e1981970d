package counter

import (
	"net/http"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Bindings shows what the account of a visit has: GET /counter/accounts/:id/bindings.
// Error: models.ErrNoVisit.
func (h *Console) Bindings(c echo.Context) error {
	to := places(c)
	to.Lost = func(account string) (views.LostDeviceProps, error) { return h.lostDevice(c, account, "") }
	return h.app.Bindings(c, to)
}

// EndAllPage says what would end: GET /counter/accounts/:id/bindings/end.
func (h *Console) EndAllPage(c echo.Context) error { return h.app.EndAllPage(c, places(c)) }

// EndAll ends all of it: POST /counter/accounts/:id/bindings/end.
func (h *Console) EndAll(c echo.Context) error { return h.app.EndAll(c, places(c)) }

// EndWaiting ends all that waits for the account: POST /counter/accounts/:id/waiting/end.
func (h *Console) EndWaiting(c echo.Context) error { return h.app.EndWaiting(c, places(c)) }

func places(c echo.Context) console.Places {
	account := c.Param("id")
	return console.Places{
		Zone: web.Zone(c), Section: views.SectionCounter, All: views.BindingsPath(account),
		End: views.EndAllPath(account), EndWaiting: views.EndWaitingPath(account),
		One:     func(b models.BindingView) string { return views.BindingPath(b.ID) },
		BackURL: views.AccountPath(account), BackText: views.Say(c.Request().Context(), "Back to the account"),
		Closed: closedRecord(account),
	}
}

func closedRecord(account string) views.ClosedRecordProps {
	return views.ClosedRecordProps{Section: views.SectionCounter, OpenURL: views.OpenRecordPath(account), SearchURL: views.PathCounter}
}

// Binding is the page of one: GET /counter/bindings/:id.
func (h *Console) Binding(c echo.Context) error {
	ctx := c.Request().Context()
	binding, refusal, err := h.app.Store.BindingOfAccount(ctx, web.SessionOf(c).ID, c.Param("id"))
	if err != nil {
		return err
	}
	if open, err := h.app.Opened(c, binding.AccountID, closedRecord(binding.AccountID)); err != nil || !open {
		return err
	}
	account, err := h.app.Store.AccountRecord(ctx, binding.AccountID)
	if err != nil {
		return err
	}
	props := views.BindingProps{
		BindingRow: console.BindingRow(ctx, binding, web.Zone(c), ""), AccountName: account.FullName, BackURL: views.BindingsPath(account.ID),
	}
	if binding.Live() && refusal == nil {
		props.RevokeURL = views.BindingRevokePath(binding.ID)
	}
	if binding.Live() {
		props.Why = console.WhyNot(ctx, refusal)
	}
	if refusal != nil {
		if props.Lost, err = h.lostDevice(c, account.ID, binding.ID); err != nil {
			return err
		}
	}
	frame := h.app.Frame(c, views.Say(ctx, "A device of %s", account.FullName), views.SectionCounter)
	switch word := h.app.Told(c); word {
	case console.NoReason:
		frame.Errors = []views.FieldError{{Field: "reason", Message: views.Say(ctx, "Choose a reason.")}}
	case console.Labelled:
		frame.Notice = console.LabelledNotice(c)
	default:
		tellAsked(ctx, &frame, word)
	}
	if binding.Live() {
		props.LabelURL, props.Label = views.BindingLabelPath(binding.ID), h.app.LabelField(c, binding.Binding, &frame)
	}
	return web.Render(c, http.StatusOK, views.BindingPage(frame, props))
}

// RevokeBinding ends one: POST /counter/bindings/:id/revoke.
func (h *Console) RevokeBinding(c echo.Context) error {
	ctx, id, reason := c.Request().Context(), c.Param("id"), web.Field(c, "reason")
	if !console.IsEndReason(ctx, reason) {
		h.app.Tell(c, console.NoReason)
		return c.Redirect(http.StatusSeeOther, views.BindingPath(id))
	}
	if err := h.app.Store.RevokeBinding(ctx, web.SessionOf(c).ID, id, term.Recall(reason)); err != nil {
		return err
	}
	binding, err := h.app.Store.Binding(ctx, id)
	if err != nil {
		return err
	}
	h.app.Tell(c, console.Revoked)
	return c.Redirect(http.StatusSeeOther, views.BindingsPath(binding.AccountID))
}

// LabelBinding names one: POST /counter/bindings/:id/label.
func (h *Console) LabelBinding(c echo.Context) error {
	binding, err := h.app.Store.Binding(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.app.Relabel(c, binding, views.BindingPath(binding.ID))
}

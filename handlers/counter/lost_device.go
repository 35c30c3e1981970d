package counter

import (
	"context"
	"net/http"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// AskDisconnection asks the supervisors to disconnect a device of an account: POST /counter/accounts/:id/disconnection.
func (h *Console) AskDisconnection(c echo.Context) error {
	return h.askDisconnection(c, c.Param("id"), "", views.AccountPath(c.Param("id")))
}

// AskBindingDisconnection asks them to disconnect this one: POST /counter/bindings/:id/disconnection.
func (h *Console) AskBindingDisconnection(c echo.Context) error {
	binding, err := h.app.Store.Binding(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return h.askDisconnection(c, binding.AccountID, binding.ID, views.BindingPath(binding.ID))
}

func (h *Console) askDisconnection(c echo.Context, account, binding, back string) error {
	ctx, reason, word := c.Request().Context(), web.Field(c, "reason"), console.NoReason
	if console.IsEndReason(ctx, reason) {
		asked, err := h.app.Store.AskDisconnection(ctx, web.SessionOf(c).ID, account, binding, term.Recall(reason))
		if err != nil {
			return err
		}
		if word = console.DisconnectionAsked; !asked {
			word = console.DisconnectionOpen
		}
	}
	h.app.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, back)
}

// tellAsked words what came of the form.
func tellAsked(ctx context.Context, frame *views.Frame, word console.Word) {
	switch word {
	case console.NoReason:
		frame.Errors = []views.FieldError{{Field: "reason", Message: views.Say(ctx, "Choose a reason.")}}
	case console.DisconnectionAsked:
		frame.Notice = views.Say(ctx, "The supervisors are asked. What they answer stands on this page.")
	case console.DisconnectionOpen:
		frame.Notice = views.Say(ctx, "This was asked already, and nobody has answered yet.")
	}
}

// lostDevice tells an operator who can disconnect a device that they cannot, and what was asked of supervisors. With a binding
// it is about that one.
func (h *Console) lostDevice(c echo.Context, account, binding string) (views.LostDeviceProps, error) {
	ctx, session, props := c.Request().Context(), web.SessionOf(c), views.LostDeviceProps{}
	asked, live, err := h.app.Store.Disconnections(ctx, account)
	if err != nil {
		return props, err
	}
	for _, one := range asked {
		if binding == "" || one.Binding == "" || one.Binding == binding {
			props.Asked = append(props.Asked, askedFacts(c, one))
			waits := one.LookedAt == nil && (one.Binding == "" || one.Ended == 0)
			props.Open = props.Open || waits && (binding == "" || binding == one.Binding)
		}
	}
	switch {
	case !live:
		return props, nil
	case session.Has(models.Supervisor):
		props.OwnURL = views.ReviewBindingsPath(account)
		return props, nil
	case binding != "":
		props.Action = views.AskBindingDisconnectionPath(binding)
	default:
		props.Action = views.AskDisconnectionPath(account)
	}
	props.Telephone = h.app.OrganisationShown().Telephone
	supervisors, err := h.app.Store.SupervisorsNow(ctx, session.Counter.ID)
	for _, s := range supervisors {
		props.Supervisors = append(props.Supervisors, views.ColleagueFacts{Name: s.Name, Here: s.Here})
	}
	return props, err
}

// askedFacts words what was asked, and what came of it.
func askedFacts(c echo.Context, one models.Disconnection) views.AskedFacts {
	ctx := c.Request().Context()
	say, at := views.Speaker(ctx), func(i models.Instant) string { return views.Moment(ctx, i.Time(), web.Zone(c)) }
	facts := views.AskedFacts{By: one.AskedBy, Counter: one.Counter, At: at(one.AskedAt), Reason: say(one.Reason.Label())}
	switch {
	case one.Ended > 0 && one.Binding == "":
		facts.Answer = say("%d devices disconnected since, the last on %s", one.Ended, at(one.EndedAt))
	case one.Ended > 0:
		facts.Answer = say("Disconnected on %s", at(one.EndedAt))
	case one.LookedAt != nil:
		facts.Answer = say("%s looked at it on %s and disconnected nothing", "\u2068"+one.LookedAt.Name+"\u2069", at(one.LookedAt.At))
	default:
		facts.Answer = say("No supervisor has answered yet")
	}
	return facts
}

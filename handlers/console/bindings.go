package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"countersign/audit/term"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// What an account has, as the counter and the supervisors show and end it. Who may see and
// end what is settled by models.

// BindingRow tells one binding; url is its page.
func BindingRow(ctx context.Context, b models.BindingView, zone *time.Location, url string) views.BindingRow {
	at := func(instant models.Instant) string { return views.Moment(ctx, instant.Time(), zone) }
	row := views.BindingRow{
		URL: url, Called: b.Label, DeviceName: b.InstanceName, App: b.ClientName, Publisher: b.PublisherName, PublisherVerified: b.Verified,
		Counter: b.Counter, ApprovedAt: at(b.CreatedAt), ApprovedBy: b.ApprovedBy, LastUse: at(b.LastUse()), Live: b.Live(),
	}
	say := views.Speaker(ctx)
	switch {
	case b.RevokedAt != 0:
		row.State = endedWords(say, b.Binding, at(b.RevokedAt))
	case b.Phase == models.Lapsed:
		row.State = say("never connected")
	case b.Phase.Is(models.Approved):
		row.State = say("may connect until %s", at(b.RedeemUntil))
	default:
		row.State = say("connected")
	}
	return row
}

// endedWords say when a binding ended, and by what where nobody ended it.
func endedWords(say views.Sayer, b models.Binding, when string) string {
	switch b.RevokeReason {
	case models.EndedUnused:
		return say("ended on %s, not used", when)
	case models.EndedByTime:
		return say("ended on %s, its time was over", when)
	}
	return say("disconnected on %s", when)
}

// WhyNot words why an operator may see bindings and not yet end them; "" when they may.
func WhyNot(ctx context.Context, refusal error) string {
	switch {
	case errors.Is(refusal, models.ErrNotProofed):
		return views.Say(ctx, "Check the ID document first. Then devices can be disconnected here.")
	case errors.Is(refusal, models.ErrDetailsDiffer):
		return views.Say(ctx, "The document differs from the account’s record. Only a supervisor can disconnect devices now.")
	case errors.Is(refusal, models.ErrSecondApprovalRequired):
		return views.Say(ctx, "A second person must agree to this check of the document first. Or a supervisor can disconnect devices.")
	}
	return ""
}

// Places are the addresses of the pages about an account's bindings: the counter's or the
// supervisors'.
type Places struct {
	Zone       *time.Location
	Section    views.Section
	All, End   string
	EndWaiting string
	One        func(models.BindingView) string
	BackURL    string
	BackText   string
	StoryURL   string                  // what happened to the account; "" for who may not read it
	Closed     views.ClosedRecordProps // where the record is opened

	Lost func(account string) (views.LostDeviceProps, error) // for who may not end them now; nil for supervisors
}

// Bindings shows what an account has.
func (p *Pages) Bindings(c echo.Context, places Places) error {
	ctx := c.Request().Context()
	account, list, open, err := p.bindingsOf(c, places)
	if err != nil || !open {
		return err
	}
	props := views.BindingsProps{AccountName: account.FullName, NotShown: list.NotShown, Why: WhyNot(ctx, list.Refusal),
		StoryURL: places.StoryURL, BackURL: places.BackURL, BackText: places.BackText, Bindings: rows(ctx, list.Bindings, places)}
	if list.Refusal != nil && places.Lost != nil {
		if props.Lost, err = places.Lost(account.ID); err != nil {
			return err
		}
	}
	if list.Refusal == nil && list.Live > 0 {
		props.EndAllURL = places.End
	}
	if list.Refusal == nil {
		if props.EndWaiting, err = p.endWaitingProps(ctx, account.ID, places.EndWaiting); err != nil {
			return err
		}
	}
	frame := p.Frame(c, views.Say(ctx, "Devices of %s", account.FullName), places.Section)
	switch p.Told(c) {
	case EndedAll:
		frame.Notice = views.Say(ctx, "All devices of this account are disconnected. Their tokens no longer work.")
	case NothingToEnd:
		frame.Notice = views.Say(ctx, "There was nothing left to end.")
	case EndedWaiting:
		frame.Notice = views.Say(ctx, "All that waited for this account has ended, but for what is being handled.")
	case Revoked:
		frame.Notice = views.Say(ctx, "The device is disconnected. Its tokens no longer work.")
	}
	return web.Render(c, http.StatusOK, views.BindingsPage(frame, props))
}

// EndAllPage says what would end.
func (p *Pages) EndAllPage(c echo.Context, places Places) error {
	ctx := c.Request().Context()
	account, list, open, err := p.bindingsOf(c, places)
	if err != nil || !open {
		return err
	}
	if list.Refusal != nil {
		return c.Redirect(http.StatusSeeOther, places.All)
	}
	live := slices.DeleteFunc(list.Bindings, func(b models.BindingView) bool { return !b.Live() })
	frame := p.Frame(c, views.Say(ctx, "Disconnect every device of %s?", account.FullName), places.Section)
	frame.Errors = p.NoReasonTold(c)
	return web.Render(c, http.StatusOK, views.EndAllPage(frame, views.EndAllProps{
		AccountName: account.FullName, Bindings: rows(ctx, live, places), NotShown: list.Live - len(live), Action: places.End,
		BackURL: places.All,
	}))
}

// EndAll ends everything that an account has, and leads back to the list.
func (p *Pages) EndAll(c echo.Context, places Places) error {
	reason := web.Field(c, "reason")
	if !IsEndReason(c.Request().Context(), reason) {
		p.Tell(c, NoReason)
		return c.Redirect(http.StatusSeeOther, places.End)
	}
	ended, err := p.Store.RevokeAll(c.Request().Context(), web.SessionOf(c).ID, c.Param("id"), term.Recall(reason))
	if err != nil {
		return err
	}
	word := EndedAll
	if ended == 0 {
		word = NothingToEnd
	}
	p.Tell(c, word)
	return c.Redirect(http.StatusSeeOther, places.All)
}

// IsEndReason reports whether a reason is one that the pages offer.
func IsEndReason(ctx context.Context, reason string) bool {
	return slices.ContainsFunc(views.RecallReasons(ctx), func(r views.Choice) bool { return r.Value == reason })
}

// NoReasonTold returns what is to mend in a form that ends something.
func (p *Pages) NoReasonTold(c echo.Context) []views.FieldError {
	if p.Told(c) != NoReason {
		return nil
	}
	return []views.FieldError{{Field: "reason", Message: views.Say(c.Request().Context(), "Choose a reason.")}}
}

// bindingsOf finds what to show. Where the record is not open to this session, the answer is given.
func (p *Pages) bindingsOf(c echo.Context, places Places) (account models.AccountView, list models.AccountBindings, open bool, err error) {
	ctx, id := c.Request().Context(), c.Param("id")
	if list, err = p.Store.Bindings(ctx, web.SessionOf(c).ID, id); err != nil {
		return account, list, false, err
	}
	if open, err = p.Opened(c, id, places.Closed); err != nil || !open {
		return account, list, false, err
	}
	account, err = p.Store.AccountRecord(ctx, id)
	return account, list, true, err
}

func rows(ctx context.Context, list []models.BindingView, places Places) []views.BindingRow {
	var told []views.BindingRow
	for _, b := range list {
		told = append(told, BindingRow(ctx, b, places.Zone, places.One(b)))
	}
	return told
}

package counter

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// AskSecondApproval asks for a second person: POST /counter/visits/:id/second.
func (h *Console) AskSecondApproval(c echo.Context) error {
	id := c.Param("id")
	if err := h.app.Store.AskSecondApproval(c.Request().Context(), web.SessionOf(c).ID, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.DecidePath(id))
}

// secondApprovalPart returns what the page to decide says of the second person, and what the
// page shows altogether.
func (h *Console) secondApprovalPart(
	c echo.Context, v visit, proofing models.Proofing,
) (views.SecondApprovalPart, models.Shown, error) {
	ctx := c.Request().Context()
	needed, err := h.app.Store.SecondApprovalOn(ctx, v.DeviceAuthorization, v.account.Account, proofing)
	shown := models.ShownOf(v.RequestView, v.account.Account, needed)
	if err != nil || len(needed) == 0 {
		return views.SecondApprovalPart{}, shown, err
	}
	asked, err := h.app.Store.SecondApprovalOf(ctx, v.DeviceAuthorization)
	if errors.Is(err, models.ErrNotFound) || err == nil && asked.AskedSessionID != deref(v.ClaimSessionID) {
		return views.SecondApprovalPart{Needed: needed}, shown, nil
	}
	part := askedPart(c, asked, shown)
	part.Needed = needed
	return part, shown, err
}

// askedPart says what became of the question. Who agreed to something else than is shown
// now is asked again.
func askedPart(c echo.Context, asked models.SecondApprovalView, shown models.Shown) views.SecondApprovalPart {
	ctx, zone := c.Request().Context(), web.Zone(c)
	if asked.Status == models.SecondApprovalGiven && asked.AgreedTo != shown.Digest() {
		return views.SecondApprovalPart{Before: asked.AnsweredBy}
	}
	var part views.SecondApprovalPart
	if asked.LookedBy != "" {
		part.LookedBy, part.LookedAt = asked.LookedBy, views.Clock(ctx, asked.LookedAt.Time(), zone)
	}
	part.State, part.By, part.At = asked.Status, asked.AnsweredBy, views.Clock(ctx, asked.AskedAt.Time(), zone)
	if asked.Status != models.SecondApprovalWaiting {
		part.At = views.Clock(ctx, asked.AnsweredAt.Time(), zone)
	}
	part.ReasonText = views.ChoiceLabel(views.SecondApprovalReturnReasons(ctx), asked.Reason)
	return part
}

// SecondApprovals lists what waits for a second person: GET /second.
func (h *Console) SecondApprovals(c echo.Context) error {
	ctx, now := c.Request().Context(), h.app.Store.Now()
	waiting, err := h.app.Store.WaitingSecondApprovals(ctx, web.SessionOf(c))
	if err != nil {
		return err
	}
	var props views.SecondApprovalListProps
	for _, w := range waiting {
		props.Waiting = append(props.Waiting, views.SecondApprovalRow{
			ID: w.ID, App: w.App, Account: w.Account, AskedBy: w.AskedBy, Counter: w.Counter, Looking: w.LookedBy,
			Age:   views.Age(ctx, now.Sub(w.AskedAt.Time())),
			Until: views.Clock(ctx, w.ClaimUntil.Time(), secondZone(c, w)), Own: w.AskedStaffID == web.SessionOf(c).Staff.ID,
		})
	}
	frame := h.app.Frame(c, views.Say(ctx, "Second person"), views.SectionSecondApproval)
	switch h.app.Told(c) {
	case console.SecondApprovalGiven:
		frame.Notice = views.Say(ctx, "You agreed. The operator can approve now.")
	case console.SecondApprovalReturned:
		frame.Notice = views.Say(ctx, "Returned. The operator sees your reason.")
	}
	return web.Render(c, http.StatusOK, views.SecondApprovalListPage(frame, props))
}

// Calls is the number on the tab, as it is now: GET /second/calls.
func (h *Console) Calls(c echo.Context) error {
	calls, err := h.app.Store.Calls(c.Request().Context(), web.SessionOf(c))
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.Calls(calls, true))
}

// LookSecondApproval opens the record of a visit to this session: POST /second/:id/look. It is a
// form, since opening it is an event, and a GET changes nothing.
func (h *Console) LookSecondApproval(c echo.Context) error {
	id := c.Param("id")
	if err := h.app.Store.LookSecondApproval(c.Request().Context(), web.SessionOf(c).ID, id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.SecondApprovalPath(id))
}

// SecondApproval shows the whole record of a visit while it waits for this person's word, once
// they have opened it, and afterwards what became of it: GET /second/:id.
func (h *Console) SecondApproval(c echo.Context) error {
	ctx := c.Request().Context()
	asked, err := h.app.Store.SecondApproval(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	zone := secondZone(c, asked)
	props := views.SecondApprovalProps{
		ID: asked.ID, AskedBy: asked.AskedBy, Counter: asked.Counter, AskedAt: views.Clock(ctx, asked.AskedAt.Time(), zone),
		Until: views.Clock(ctx, asked.ClaimUntil.Time(), zone), Own: asked.AskedStaffID == web.SessionOf(c).Staff.ID,
		Over: !asked.Stands, Answered: h.answeredWords(c, asked),
	}
	looked, err := h.app.Store.LookedSecondApproval(ctx, web.SessionOf(c).ID, asked.ID)
	if err != nil {
		return err
	}
	if props.Closed = !looked; looked && asked.Status == models.SecondApprovalWaiting && asked.Stands && !props.Own {
		if err := h.secondApprovalRecord(c, asked, &props); err != nil {
			return err
		}
	}
	frame := h.app.Frame(c, views.Say(ctx, "Look as the second person"), views.SectionSecondApproval)
	frame.PageStylesheetURL = static.URL("visit.css")
	if h.app.Told(c) == console.NoReason {
		frame.Errors = []views.FieldError{{Field: "reason", Message: views.Say(ctx, "Choose a reason.")}}
	}
	return web.Render(c, http.StatusOK, views.SecondApprovalPage(frame, props))
}

// secondApprovalRecord adds the person, the document and what is asked for.
func (h *Console) secondApprovalRecord(c echo.Context, asked models.SecondApprovalView, props *views.SecondApprovalProps) error {
	ctx, zone, now := c.Request().Context(), secondZone(c, asked), h.app.Store.Now()
	v, proofing, err := h.askedVisit(c, asked)
	if err != nil {
		return err
	}
	at, err := h.askedAt(c, asked)
	if err != nil {
		return err
	}
	checks, err := h.cautions(c, v, proofing, at)
	if err != nil {
		return err
	}
	if props.Needed, err = h.app.Store.SecondApprovalNeeded(ctx, v.DeviceAuthorization); err != nil {
		return err
	}
	if props.Shown, err = h.sealShown(c, h.shownNow(models.ShownOf(v.RequestView, v.account.Account, props.Needed))); err != nil {
		return err
	}
	props.Changed = h.toldChanges(c, views.SecondApprovalPath(asked.ID))
	returned, err := h.app.Store.ReturnedSecondApprovals(ctx, v.DeviceAuthorization)
	if err != nil {
		return err
	}
	for _, r := range returned {
		props.Returned = append(props.Returned, views.SecondApprovalReturn{
			By: r.AnsweredBy, At: views.Moment(ctx, r.AnsweredAt.Time(), zone),
			Reason: views.ChoiceLabel(views.SecondApprovalReturnReasons(ctx), r.Reason),
		})
	}
	differences, err := h.app.Differences(c, v.DeviceAuthorization, zone)
	if err != nil {
		return err
	}
	props.Decide = &views.DecideProps{Differences: differences,
		Visit: v.facts(ctx, zone, now), Proofing: console.ProofingFacts(ctx, proofing, zone),
		Scopes: h.app.ScopeFacts(ctx, v.Scope), Checks: checks}
	return nil
}

// askedVisit returns the visit that a second person is asked about, with the proofing that
// they are asked about.
func (h *Console) askedVisit(c echo.Context, asked models.SecondApprovalView) (visit, models.Proofing, error) {
	ctx := c.Request().Context()
	request, err := h.app.Store.Request(ctx, asked.DeviceAuthorizationID)
	if err != nil {
		return visit{}, models.Proofing{}, err
	}
	account, err := h.app.Store.Account(ctx, deref(request.AccountID))
	if err != nil {
		return visit{}, models.Proofing{}, err
	}
	request.ProofingID = &asked.ProofingID
	proofing, err := h.app.Store.ProofingOf(ctx, request.DeviceAuthorization)
	return visit{request, account}, proofing, err
}

// secondZone returns the time zone that a second person reads: that of their open counter. A
// supervisor has none, and reads the times of the counter that asks.
func secondZone(c echo.Context, asked models.SecondApprovalView) *time.Location {
	if web.SessionOf(c).Counter != nil {
		return web.Zone(c)
	}
	return models.Counter{TimeZone: asked.TimeZone}.Location()
}

// askedAt returns where the visit is, which is not where the second person is.
func (h *Console) askedAt(c echo.Context, asked models.SecondApprovalView) (workplace, error) {
	counter, err := h.app.Store.Counter(c.Request().Context(), asked.AskedCounterID)
	address, _ := netip.ParseAddr(asked.AskedFrom) // as the session signed in; none where it is not known
	return workplace{address: address.Unmap(), counter: &counter, zone: secondZone(c, asked), elsewhere: true}, err
}

func (h *Console) answeredWords(c echo.Context, asked models.SecondApprovalView) string {
	ctx := c.Request().Context()
	at := views.Clock(ctx, asked.AnsweredAt.Time(), secondZone(c, asked))
	switch asked.Status {
	case models.SecondApprovalGiven:
		return views.Say(ctx, "%s looked at %s and agrees.", "\u2068"+asked.AnsweredBy+"\u2069", at)
	case models.SecondApprovalReturned:
		return views.Say(ctx, "%s returned it at %s: %s.", "\u2068"+asked.AnsweredBy+"\u2069", at,
			views.ChoiceLabel(views.SecondApprovalReturnReasons(ctx), asked.Reason))
	}
	return ""
}

// GiveSecondApproval agrees: POST /second/:id/agree.
func (h *Console) GiveSecondApproval(c echo.Context) error {
	id := c.Param("id")
	err := h.app.Store.GiveSecondApproval(c.Request().Context(), web.SessionOf(c).ID, id, h.shown(c))
	if errors.Is(err, models.ErrStepUp) {
		return c.Redirect(http.StatusSeeOther, views.StepUpPath(views.SecondApprovalPath(id)))
	}
	if err != nil {
		return h.changedMeanwhile(c, views.SecondApprovalPath(id), err)
	}
	h.app.Tell(c, console.SecondApprovalGiven)
	return c.Redirect(http.StatusSeeOther, views.SecondApprovalListPath)
}

// ReturnSecondApproval gives the visit back with a reason: POST /second/:id/return.
func (h *Console) ReturnSecondApproval(c echo.Context) error {
	id, reason := c.Param("id"), web.Field(c, "reason")
	if !slices.Contains(term.Returns(), term.Return(reason)) {
		h.app.Tell(c, console.NoReason)
		return c.Redirect(http.StatusSeeOther, views.SecondApprovalPath(id))
	}
	if err := h.app.Store.ReturnSecondApproval(c.Request().Context(), web.SessionOf(c).ID, id, term.Return(reason)); err != nil {
		return err
	}
	h.app.Tell(c, console.SecondApprovalReturned)
	return c.Redirect(http.StatusSeeOther, views.SecondApprovalListPath)
}

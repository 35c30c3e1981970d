package counter

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// DecidePage shows everything to check: GET /counter/visits/:id/decide. A visit whose
// document is not checked is led back to that.
func (h *Console) DecidePage(c echo.Context) error {
	visit, err := h.visit(c)
	if err != nil {
		return err
	}
	if !visit.Phase.Is(models.Proofed) {
		return c.Redirect(http.StatusSeeOther, views.ProofPath(visit.ID))
	}
	return h.renderDecide(c, visit)
}

// Approve binds the device to the account of the visit: POST /counter/visits/:id/approve.
// The form says what its page showed, and what was looked at where that is asked; whether it
// may be approved is settled by models alone.
func (h *Console) Approve(c echo.Context) error {
	id := c.Param("id")
	all, err := h.lookedAtAll(c)
	if err != nil {
		return err
	}
	if only := web.Field(c, views.FieldOnlyLooked) != ""; only || !all {
		if !only {
			h.app.Tell(c, console.NotLooked)
		}
		return c.Redirect(http.StatusSeeOther, views.DecidePath(id))
	}
	_, err = h.app.Store.Approve(c.Request().Context(), web.SessionOf(c).ID, id, h.shown(c))
	if errors.Is(err, models.ErrStepUp) {
		return c.Redirect(http.StatusSeeOther, views.StepUpPath(views.DecidePath(id)))
	}
	if err != nil {
		return h.changedMeanwhile(c, views.DecidePath(id), err)
	}
	h.app.ForgetProof(c)
	return c.Redirect(http.StatusSeeOther, views.ReceiptPath(id))
}

// DeclinePage asks why: GET /counter/visits/:id/decline. A request that waits can be
// declined without a match; one that another session handles cannot.
func (h *Console) DeclinePage(c echo.Context) error {
	request, err := h.declinable(c)
	if err != nil {
		return err
	}
	if open, err := h.opened(c, request, pageDecline); err != nil || !open {
		return err
	}
	return h.renderDecline(c, request)
}

// Decline ends the request: POST /counter/visits/:id/decline. The device's next poll is
// answered access_denied. Whoever declines reads the receipt, so that the record has to be open.
func (h *Console) Decline(c echo.Context) error {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	may, err := h.app.Store.MayRead(c.Request().Context(), web.SessionOf(c).ID, deref(request.AccountID))
	if err != nil {
		return err
	}
	if !may && request.Phase.Is(models.Pending) {
		return c.Redirect(http.StatusSeeOther, views.DeclinePath(request.ID))
	}
	reason := web.Field(c, "reason")
	if !slices.ContainsFunc(views.DeclineReasons(c.Request().Context()), func(r views.Choice) bool { return r.Value == reason }) {
		return h.declineAgain(c)
	}
	if err := h.app.Store.Decline(c.Request().Context(), web.SessionOf(c).ID, request.ID, term.Decline(reason)); err != nil {
		return err
	}
	h.app.ForgetProof(c)
	h.app.Tell(c, console.Declined)
	return c.Redirect(http.StatusSeeOther, views.ReceiptPath(request.ID))
}

// declineAgain leads back to the page to decide on, or to decline on before that.
func (h *Console) declineAgain(c echo.Context) error {
	request, err := h.declinable(c)
	if err != nil {
		return err
	}
	h.app.Tell(c, console.NoReason)
	if request.Phase.Is(models.Proofed) {
		return c.Redirect(http.StatusSeeOther, views.DecidePath(request.ID))
	}
	return c.Redirect(http.StatusSeeOther, views.DeclinePath(request.ID))
}

// toMend returns what is to mend in the forms to decline and to approve.
func toMend(ctx context.Context, word console.Word) []views.FieldError {
	switch word {
	case console.NoReason:
		return []views.FieldError{{Field: "reason", Message: views.Say(ctx, "Choose a reason.")}}
	case console.NotLooked:
		return []views.FieldError{{Field: views.FieldLooked, Message: views.Say(ctx, "Look at each of these, and tick it.")}}
	}
	return nil
}

// declinable finds a request that this session may decline. Errors: as visit, but a
// request that waits is fine.
func (h *Console) declinable(c echo.Context) (models.RequestView, error) {
	request, err := h.app.Store.Request(c.Request().Context(), c.Param("id"))
	if err != nil {
		return request, err
	}
	if request.AccountID == nil {
		return request, models.ErrNotFound
	}
	if request.Phase.Is(models.Pending) {
		return request, nil
	}
	return h.heldRequest(c)
}

func (h *Console) renderDecline(c echo.Context, request models.RequestView) error {
	ctx := c.Request().Context()
	account, err := h.app.Store.AccountRecord(ctx, *request.AccountID)
	if err != nil {
		return err
	}
	with, err := h.fallsWith(ctx, request)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, views.Say(ctx, "Decline this request?"), views.SectionCounter)
	frame.Errors = toMend(ctx, h.app.Told(c))
	back := views.AccountPath(*request.AccountID)
	if !request.Phase.Is(models.Pending) { // this session holds it, with what was typed of its document
		back = continueURL(request)
	}
	return web.Render(c, http.StatusOK, views.DeclinePage(frame, views.DeclineProps{
		ID: request.ID, BackURL: back, Account: console.AccountFacts(ctx, account),
		Request: console.RequestFacts(ctx, request, web.Zone(c), h.app.Store.Now()), FallsWith: with,
	}))
}

// fallsWith is what a decline as suspicious would end as well.
func (h *Console) fallsWith(ctx context.Context, request models.RequestView) (views.FallsWith, error) {
	falling, err := h.app.Store.FallingWith(ctx, request.DeviceAuthorization)
	return views.FallsWith{Others: console.HowMany(ctx, falling), Spared: falling.Spared}, err
}

func (h *Console) renderDecide(c echo.Context, v visit) error {
	ctx, zone, now := c.Request().Context(), web.Zone(c), h.app.Store.Now()
	proofing, err := h.app.Store.ProofingOf(ctx, v.DeviceAuthorization)
	if err != nil {
		return err
	}
	checks, err := h.cautions(c, v, proofing, workplaceHere(c))
	if err != nil {
		return err
	}
	own, err := h.app.Store.OwnAccount(ctx, web.SessionOf(c).Staff.ID, v.account.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	mayApprove, err := h.app.Store.MayApprove(ctx, web.SessionOf(c).Staff)
	if err != nil {
		return err
	}
	second, shown, err := h.secondApprovalPart(c, v, proofing)
	if err != nil {
		return err
	}
	sealed, err := h.sealShown(c, h.shownBefore(c, shown))
	if err != nil {
		return err
	}
	with, err := h.fallsWith(ctx, v.RequestView)
	if err != nil {
		return err
	}
	differences, err := h.app.Differences(c, v.DeviceAuthorization, zone)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, views.Say(ctx, "Check everything, then decide"), views.SectionCounter)
	frame.PageStylesheetURL = static.URL("visit.css")
	word := h.app.Told(c)
	frame.Errors = toMend(ctx, word)
	tellExtended(c, &frame, word)
	return web.Render(c, http.StatusOK, views.DecidePage(frame, views.DecideProps{
		Visit: v.facts(ctx, zone, now), Proofing: console.ProofingFacts(ctx, proofing, zone),
		Scopes: h.app.ScopeFacts(ctx, v.Scope), Checks: checks,
		RedeemBy: views.Moment(ctx, now.Add(h.app.Store.Policy().RedemptionWindow), zone),
		Blocked:  blocked(ctx, v, proofing, own, mayApprove), SecondApproval: second, FallsWith: with,
		Shown: sealed, Changed: h.toldChanges(c, views.DecidePath(v.ID)), Looked: h.looked(c, v.ID),
		Differences: differences,
	}))
}

// blocked returns why models would refuse the approval, "" when it would not. It only
// spares the operator the button: models decides.
func blocked(ctx context.Context, v visit, proofing models.Proofing, own, mayApprove bool) string {
	say := views.Speaker(ctx)
	switch {
	case own:
		return say("This is your own account. Another operator must decide.")
	case !mayApprove:
		return say("Your organisation’s sign-in does not say which account is your own. Another operator must decide.")
	case v.account.Status != models.AccountActive:
		return say("The account is %s. Nothing can be approved for it.", views.AccountStatus(ctx, v.account.Status))
	case v.account.MatchLockedAt != 0:
		return say("Too many wrong codes were entered for this account. A supervisor must look and unlock it before anything is approved for it.")
	case v.PresenceRequired && v.PresenceShown() != models.PresenceProved:
		return say("This account or app needs the device’s own proof, and only the code was entered. Give the request back and scan the QR code.")
	case !proofing.IsOf(v.account.Account):
		return say("The account’s record was changed after the document was checked. Check the document again.")
	case proofing.NameResult == models.Differs && proofing.NameReason == "":
		return say("The name on the document differs from the record. Decline the request, or check the document again.")
	case proofing.BirthDateResult == models.Differs:
		return say("The date of birth on the document differs from the record. Decline the request, or check the document again.")
	}
	return ""
}

package review

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// longestTimeline is how many events of one request its page shows.
const longestTimeline = 200

// Request shows one device authorization: GET /review/device-authorizations/:id.
func (h *Review) Request(c echo.Context) error {
	ctx := c.Request().Context()
	request, err := h.app.Store.Request(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if open, err := h.requestOpened(c, request); err != nil || !open {
		return err
	}
	zone, err := h.zone(c)
	if err != nil {
		return err
	}
	props, err := h.requestProps(c, request, zone)
	if err != nil {
		return err
	}
	if err := h.addTimeline(c, request, zone, &props); err != nil {
		return err
	}
	frame := h.reportFrame(c, views.Say(ctx, "Request of %s", props.Account.Name))
	word := h.app.Told(c)
	tell(ctx, &frame, word, props.MayRecall || props.MayRevoke)
	if word == console.Labelled {
		frame.Notice = console.LabelledNotice(c)
	}
	if props.Binding != nil {
		props.Label = h.app.LabelField(c, models.Binding{ID: props.Binding.ID, Label: props.Binding.Called}, &frame)
	}
	return web.Render(c, http.StatusOK, views.ReviewRequestPage(frame, props))
}

// requestOpened reports whether the record of a request's account is open, if it has one; otherwise it has asked for that.
func (h *Review) requestOpened(c echo.Context, request models.RequestView) (bool, error) {
	if request.AccountID == nil {
		return true, nil
	}
	return h.app.Opened(c, *request.AccountID, views.ClosedRecordProps{
		Section: views.SectionReview, OpenURL: views.OpenRequestPath(request.ID), SearchURL: views.PathReviewEvents,
	})
}

// tell words what was just done or refused.
func tell(ctx context.Context, frame *views.Frame, word console.Word, reason bool) {
	switch {
	case word == console.Recalled:
		frame.Notice = views.Say(ctx, "The approval is taken back. The device will be told no.")
	case word == console.Revoked:
		frame.Notice = views.Say(ctx, "The device is disconnected. Its tokens no longer work.")
	case word == console.NoReason && reason:
		frame.Errors = []views.FieldError{{Field: "reason", Message: views.Say(ctx, "Choose a reason.")}}
	}
}

func (h *Review) requestProps(c echo.Context, request models.RequestView, zone *time.Location) (views.ReviewRequestProps, error) {
	ctx := c.Request().Context()
	at := func(instant models.Instant) string { return views.Moment(ctx, instant.Time(), zone) }
	props := views.ReviewRequestProps{
		Request: console.RequestFacts(ctx, request, zone, h.app.Store.Now()), Scopes: h.app.ScopeFacts(ctx, request.Scope),
	}
	if request.SoftwareName != "" {
		props.AppName, props.AppURL = request.SoftwareName, asked{}.address(askApp, request.SoftwareID)
	}
	if request.AccountID != nil && request.DecidedStaffID != nil {
		props.ReceiptFileURL = views.ReviewReceiptFilePath(request.ID)
	}
	props.State, props.StateNote = stateWords(ctx, request, at)
	props.Counted = countedWords(ctx, request, at)
	if request.MatchedAt != 0 {
		props.Presence = views.Say(ctx, term.Presence(request.PresenceShown()).Label())
	}
	if err := h.addAccount(c, request, zone, &props); err != nil {
		return props, err
	}
	if err := h.addProofing(c, request, zone, &props); err != nil {
		return props, err
	}
	binding, err := h.app.Store.BindingOf(c.Request().Context(), request.ID)
	if errors.Is(err, models.ErrNotFound) {
		return props, nil
	}
	props.Binding = &views.BindingFacts{
		ID: binding.ID, Called: binding.Label, State: bindingState(ctx, binding, request.Phase), ApprovedBy: request.DecidedStaff,
		ApprovedAt: at(binding.CreatedAt), RedeemBy: at(request.RedeemUntil),
		RedeemedAt: at(binding.RedeemedAt), EndedAt: at(binding.RevokedAt),
	}
	if request.Phase.Is(models.Redeemed) && binding.RevokedAt != 0 {
		props.State, props.StateNote = props.Binding.State, views.Say(ctx, "On %s", at(binding.RevokedAt))
	}
	props.MayRecall = request.Phase.Is(models.Approved) && binding.RevokedAt == 0
	props.MayRevoke = request.Phase.Is(models.Redeemed) && binding.RevokedAt == 0
	return props, err
}

// addAccount fills in the account, or says that the request's identifier named none.
func (h *Review) addAccount(c echo.Context, request models.RequestView, zone *time.Location, props *views.ReviewRequestProps) error {
	if request.AccountID == nil {
		props.Account = views.AccountFacts{
			Name:   views.Say(c.Request().Context(), "nobody: the identifier names no account"),
			Status: views.Say(c.Request().Context(), "none"),
		}
		return nil
	}
	account, err := h.app.Store.Account(c.Request().Context(), *request.AccountID)
	props.Account = console.AccountFacts(c.Request().Context(), account)
	if err == nil && account.Locked() {
		locked, err := h.lockedAccounts(c, zone, account.Account)
		if err != nil {
			return err
		}
		props.Locked = &locked[0]
	}
	return err
}

func (h *Review) addProofing(c echo.Context, request models.RequestView, zone *time.Location, props *views.ReviewRequestProps) error {
	var err error
	if props.Differences, err = h.app.Differences(c, request.DeviceAuthorization, zone); err != nil {
		return err
	}
	proofing, err := h.app.Store.ProofingOf(c.Request().Context(), request.DeviceAuthorization)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	facts := console.ProofingFacts(c.Request().Context(), proofing, zone)
	props.Proofing = &facts
	return err
}

// addTimeline lists what happened to the request, oldest first, and tells the visit by it. What ended together with others has
// no event of that: the event of the rule that ended it comes last, and leads to its place in the trail.
func (h *Review) addTimeline(
	c echo.Context, request models.RequestView, zone *time.Location, props *views.ReviewRequestProps,
) error {
	rows, err := h.app.Store.Trail(c.Request().Context(), audit.Filter{DeviceAuthorizationID: request.ID, Limit: longestTimeline})
	if err != nil {
		return err
	}
	slices.Reverse(rows)
	if props.Seen, err = h.seen(c.Request().Context(), request, rows, zone); err != nil {
		return err
	}
	open := map[string]bool{props.Account.ID: true} // this page shows it
	for _, row := range rows {
		event := reportRow(c.Request().Context(), row, zone, open)
		event.OpenURL, event.LinkURL = "", "" // this page
		props.Timeline = append(props.Timeline, event)
	}
	if seq := request.EndedBySeq; seq != 0 {
		rows, err := h.app.Store.Trail(c.Request().Context(), audit.Filter{Before: seq + 1, Limit: 1})
		if err != nil || len(rows) == 0 {
			return err
		}
		event := reportRow(c.Request().Context(), rows[0], zone, open)
		event.OpenURL, event.LinkURL = "", asked{}.older(seq+1)
		props.Timeline = append(props.Timeline, event)
	}
	return nil
}

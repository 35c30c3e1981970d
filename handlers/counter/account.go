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

// Account shows what waits for an account, and takes the code: GET /counter/accounts/:id.
func (h *Console) Account(c echo.Context) error {
	ctx, session := c.Request().Context(), web.SessionOf(c)
	open, err := h.app.Opened(c, c.Param("id"), closedRecord(c.Param("id")))
	if err != nil || !open {
		return err
	}
	account, err := h.app.Store.Account(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	own, err := h.app.Store.OwnAccount(ctx, session.Staff.ID, account.ID)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, account.FullName, views.SectionCounter)
	mayApprove, err := h.app.Store.MayApprove(ctx, session.Staff)
	if err != nil {
		return err
	}
	props := h.accountProps(c, account, own)
	props.AccountUnknown = !mayApprove
	word := h.app.Told(c)
	tellAccount(ctx, &frame, word, account.TriesLeft)
	if !props.MayMatch() {
		frame.Errors = nil // they are all about the code
	}
	tellAsked(ctx, &frame, word)
	if !own {
		if props.Lost, err = h.lostDevice(c, account.ID, ""); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, views.AccountPage(frame, props))
}

// OpenRecord opens the record of an account to this session: POST /counter/accounts/:id/open.
func (h *Console) OpenRecord(c echo.Context) error {
	if err := h.open(c, c.Param("id"), term.QueryResult); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, views.AccountPath(c.Param("id")))
}

func (h *Console) open(c echo.Context, account string, how term.QueryKind) error {
	return h.app.Store.OpenRecord(c.Request().Context(), web.SessionOf(c).ID, account, models.Operator, how)
}

// tellAccount words what was just done or refused.
func tellAccount(ctx context.Context, frame *views.Frame, word console.Word, triesLeft int) {
	switch word {
	case console.Released:
		frame.Notice = views.Say(ctx, "Given back to the queue. Nothing was decided.")
	case console.WrongCode:
		frame.Errors = []views.FieldError{views.WrongCode(ctx, triesLeft)}
	case console.NoCode:
		frame.Errors = []views.FieldError{{Field: "user_code", Message: views.Say(ctx,
			"Enter the 8 letters that the customer’s screen shows. No try was used.")}}
	default:
		if problem := presenceProblem(ctx, word); problem != "" {
			frame.Errors = []views.FieldError{{Field: "user_code", Message: problem + " " + views.Say(ctx, "No try was used.")}}
		}
	}
}

// presenceProblem says what to do about a presence proof that was not accepted, or is
// missing.
func presenceProblem(ctx context.Context, word console.Word) string {
	say := views.Speaker(ctx)
	switch word {
	case console.PresenceRequired:
		return say("This account or app needs the device’s own proof: ask the customer to show the QR code, and scan it.")
	case console.PresenceUnread:
		return say("The QR code was not read as a whole. Scan it again; if it is refused again, open the scanner test.")
	case console.PresenceExpired:
		return say("This QR code is more than a minute old. Scan the one that the screen shows now; if it is refused again, the device’s clock is slow. Never take a picture of a QR code.")
	case console.PresenceNotYet:
		return say("The device’s clock is fast. Ask the customer to set date and time automatically, and scan again.")
	case console.PresenceReplayed:
		return say("This QR code was used before. Wait until the screen shows the next one, and scan that.")
	case console.PresenceUnchecked:
		return say("The device’s key could not be checked right now. Wait a minute, then scan the QR code again.")
	case console.PresenceOtherServer:
		return say("This QR code is meant for another organisation’s server.")
	}
	return ""
}

func (h *Console) accountProps(c echo.Context, account models.AccountView, own bool) views.AccountProps {
	props := views.AccountProps{Account: console.AccountFacts(c.Request().Context(), account), Locked: account.Locked(), OwnAccount: own,
		NotShown: account.NotShown}
	for _, request := range account.Requests {
		if request.Phase.Open() {
			props.Requests = append(props.Requests, h.waiting(c, request, own))
			continue
		}
		props.Ended = append(props.Ended, endedSentence(c, request))
	}
	return props
}

// waiting returns a row of the pending table.
func (h *Console) waiting(c echo.Context, request models.RequestView, own bool) views.WaitingRequest {
	ctx, zone := c.Request().Context(), web.Zone(c)
	row := views.WaitingRequest{
		RequestFacts: console.RequestFacts(ctx, request, zone, h.app.Store.Now()), MayDecline: !own,
		PresenceRequired: request.PresenceRequired,
	}
	if request.Phase.Is(models.Pending) {
		return row
	}
	row.HandledUntil = views.Clock(ctx, request.ClaimUntil.Time(), zone)
	if holdsClaim(c, request.DeviceAuthorization) {
		row.ContinueURL = views.ProofPath(request.ID)
		if request.Phase.Is(models.Proofed) {
			row.ContinueURL = views.DecidePath(request.ID)
		}
		return row
	}
	row.HandledBy, row.MayDecline = views.Say(ctx, "%s at %s", request.ClaimStaff, request.ClaimCounter), false
	if deref(request.ClaimStaffID) == web.SessionOf(c).Staff.ID {
		row.HandledBy = views.Say(ctx, "you in another session")
	}
	return row
}

// holdsClaim reports whether this session holds the claim.
func holdsClaim(c echo.Context, d models.DeviceAuthorization) bool {
	return d.ClaimSessionID != nil && *d.ClaimSessionID == web.SessionOf(c).ID
}

// endedSentence returns the sentence about a request that is no longer waiting. The app's name comes
// from outside and is kept apart by isolates.
func endedSentence(c echo.Context, request models.RequestView) string {
	say := views.Speaker(c.Request().Context())
	at := func(instant models.Instant) string {
		return views.Moment(c.Request().Context(), instant.Time(), web.Zone(c))
	}
	app := "\u2068" + request.ClientName + "\u2069"
	switch phase := request.Phase; {
	case phase == models.Expired:
		return say("Expired on %s. Ask the customer to start again. (%s)", at(request.PendingUntil), app)
	case phase.Is(models.Declined):
		switch term.Ending(request.DeclineReason) {
		case term.EndingClientDeleted, term.EndingClientDisabled:
			return say("Ended on %s: the app was disconnected or disabled. Ask the customer to start again. (%s)", at(request.DecidedAt), app)
		case term.EndingNotMe:
			return say("Ended by the account’s holder, who said that it was not them. Whoever is in front of you may be somebody else. (%s)", app)
		case term.EndingRecalled:
			return say("Approved on %s by %s, and taken back before the device was connected. (%s)",
				at(request.DecidedAt), request.DecidedStaff, app)
		}
		if request.DecidedStaffID == nil {
			return say("Ended on %s together with other requests for this account. Ask the customer to start again. (%s)",
				at(request.DecidedAt), app)
		}
		return say("Declined on %s by %s. (%s)", at(request.DecidedAt), request.DecidedStaff, app)
	case phase.Is(models.Approved):
		return say("Approved on %s by %s. The device has until %s to get online. (%s)", at(request.DecidedAt), request.DecidedStaff,
			at(request.RedeemUntil), app)
	case phase == models.Lapsed:
		return say("Approved, but not used by %s. Ask the customer to start again. (%s)", at(request.RedeemUntil), app)
	}
	return say("Approved on %s by %s, and connected on %s. (%s)", at(request.DecidedAt), request.DecidedStaff, at(request.RedeemedAt), app)
}

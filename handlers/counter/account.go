package counter

import (
	"fmt"
	"net/http"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Account shows what waits for an account, and takes the code: GET /counter/accounts/:id.
func (h *Console) Account(c echo.Context) error {
	ctx, session := c.Request().Context(), web.SessionOf(c)
	account, err := h.app.Store.Account(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	own, err := h.app.Store.OwnAccount(ctx, session.Staff.ID, account.ID)
	if err != nil {
		return err
	}
	frame := h.app.Frame(c, account.FullName, views.SectionCounter)
	props := h.accountProps(c, account, own)
	tell(&frame, h.app.Told(c), account.TriesLeft)
	if !props.MayMatch() {
		frame.Errors = nil // they are all about the code
	}
	return web.Render(c, http.StatusOK, views.AccountPage(frame, props))
}

// tell words what was just done or refused.
func tell(frame *views.Frame, word web.Word, triesLeft int) {
	switch word {
	case web.Declined:
		frame.Notice = "Declined. The device is told no."
	case web.Released:
		frame.Notice = "Given back to the queue. Nothing was decided."
	case web.WrongCode:
		frame.Errors = []views.FieldError{views.WrongCode(triesLeft)}
	case web.NoCode:
		frame.Errors = []views.FieldError{{Field: "user_code", Message: "Enter the 8 letters that the customer’s screen shows. No try was used."}}
	default:
		if problem := presenceProblem(word); problem != "" {
			frame.Errors = []views.FieldError{{Field: "user_code", Message: problem + " No try was used."}}
		}
	}
}

// presenceUnchecked is told where the address of a phone's key does not answer.
const presenceUnchecked = "The device’s key could not be checked right now. Wait a minute, then scan the QR code again."

// presenceProblem says what to do about a presence proof that was not accepted, or is
// missing.
func presenceProblem(word web.Word) string {
	switch word {
	case web.PresenceRequired:
		return "This account or app needs the device’s own proof: ask the customer to show the QR code, and scan it."
	case web.PresenceUnread:
		return "The QR code was not read as a whole. Scan it again."
	case web.PresenceExpired:
		return "This QR code is more than a minute old. Scan the one that the screen shows now; if it is refused again, the device’s clock is slow. Never take a picture of a QR code."
	case web.PresenceNotYet:
		return "The device’s clock is fast. Ask the customer to set date and time automatically, and scan again."
	case web.PresenceReplayed:
		return "This QR code was used before. Wait until the screen shows the next one, and scan that."
	case web.PresenceUnchecked:
		return presenceUnchecked
	case web.PresenceOtherServer:
		return "This QR code is meant for another organisation’s server."
	}
	return ""
}

func (h *Console) accountProps(c echo.Context, account models.AccountView, own bool) views.AccountProps {
	props := views.AccountProps{Account: web.AccountFacts(account), Locked: account.Locked(), OwnAccount: own, NotShown: account.NotShown}
	for _, request := range account.Requests {
		switch request.Phase {
		case models.Phase(models.Pending), models.Phase(models.Matched), models.Phase(models.Proofed):
			props.Requests = append(props.Requests, h.waiting(c, request, own))
		default:
			props.Ended = append(props.Ended, ended(c, request))
		}
	}
	return props
}

// waiting is a row of the pending table.
func (h *Console) waiting(c echo.Context, request models.RequestView, own bool) views.WaitingRequest {
	zone := web.Zone(c)
	row := views.WaitingRequest{
		RequestFacts: web.RequestFacts(request, zone, h.app.Store.Now()), MayDecline: !own,
		PresenceRequired: request.PresenceRequired,
	}
	if request.Phase == models.Phase(models.Pending) {
		return row
	}
	row.HandledUntil = web.Clock(request.ClaimUntil.Time(), zone)
	if mine(c, request.DeviceAuthorization) {
		row.ContinueURL = views.ProofPath(request.ID)
		if request.Phase == models.Phase(models.Proofed) {
			row.ContinueURL = views.DecidePath(request.ID)
		}
		return row
	}
	row.HandledBy, row.MayDecline = request.ClaimStaff+" at "+request.ClaimCounter, false
	if deref(request.ClaimStaffID) == web.SessionOf(c).Staff.ID {
		row.HandledBy = "you in another session"
	}
	return row
}

// mine says whether this session holds the claim.
func mine(c echo.Context, d models.DeviceAuthorization) bool {
	return d.ClaimSessionID != nil && *d.ClaimSessionID == web.SessionOf(c).ID
}

// ended is the sentence about a request that is no longer waiting. The app's name comes
// from outside and is kept apart by isolates.
func ended(c echo.Context, request models.RequestView) string {
	at := func(instant models.Instant) string { return web.Moment(instant.Time(), web.Zone(c)) }
	again := "Ask the customer to start again."
	app := "\u2068" + request.ClientName + "\u2069"
	switch request.Phase {
	case models.Expired:
		return fmt.Sprintf("Expired on %s. %s (%s)", at(request.PendingUntil), again, app)
	case models.Phase(models.Declined):
		if request.DeclineReason == models.ClientDeleted || request.DeclineReason == models.ClientWasDisabled {
			return fmt.Sprintf("Ended on %s: the app was disconnected or disabled. %s (%s)", at(request.DecidedAt), again, app)
		}
		return fmt.Sprintf("Declined on %s by %s. (%s)", at(request.DecidedAt), request.DecidedStaff, app)
	case models.Phase(models.Approved):
		return fmt.Sprintf("Approved on %s by %s. The device has until %s to get online. (%s)", at(request.DecidedAt), request.DecidedStaff, at(request.RedeemUntil), app)
	case models.Lapsed:
		return fmt.Sprintf("Approved, but not used by %s. %s (%s)", at(request.RedeemUntil), again, app)
	}
	return fmt.Sprintf("Approved on %s by %s, and connected on %s. (%s)", at(request.DecidedAt), request.DecidedStaff, at(request.RedeemedAt), app)
}

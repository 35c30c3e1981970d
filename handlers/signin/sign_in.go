package signin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"countersign/audit/term"
	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/spelling"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// SignInPage is where staff begin: GET /sign-in.
func (h *SignIn) SignInPage(c echo.Context) error {
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Staff sign-in"), views.SectionNone)
	if h.app.Told(c) == console.SignedOut {
		frame.Notice = views.Say(c.Request().Context(), "You are signed out.")
	}
	props := views.SignInProps{ReturnTo: web.LocalPath(c.QueryParam("return_to"))}
	return web.Render(c, http.StatusOK, views.SignInPage(frame, props))
}

// BeginSignIn sends the browser to the organisation's provider: POST /sign-in.
func (h *SignIn) BeginSignIn(c echo.Context) error {
	ctx := c.Request().Context()
	found, err := h.provider.discover(ctx)
	if err != nil {
		return h.signInError(c, err)
	}
	signIn, sealed, err := h.app.Store.BeginSignIn(returnPath(c), "")
	if err != nil {
		return err
	}
	h.app.KeepSignIn(c, signIn.State, sealed)
	return c.Redirect(http.StatusSeeOther, found.address(signIn))
}

// returnPath returns the page to come back to. A path that is longer than any of ours would
// only make the cookie longer.
func returnPath(c echo.Context) string {
	const longest = 200
	path := web.LocalPath(web.Field(c, "return_to"))
	if len(path) > longest {
		return "/"
	}
	return path
}

// FinishSignIn takes the browser back from the provider: GET /sign-in/callback. It is
// the one GET that changes something, since the protocol has it so; state, cookie and
// single use stand in for the cross-origin rule. A state that this browser has no cookie
// of changes nothing, and ends no sign-in that is on its way.
func (h *SignIn) FinishSignIn(c echo.Context) error {
	ctx := c.Request().Context()
	state := c.QueryParam("state")
	signIn, err := h.app.Store.ResumeSignIn(ctx, h.app.KeptSignIn(c, state), state)
	h.app.ForgetSignIn(c, state)
	if err != nil {
		return h.signInError(c, err)
	}
	if err := h.checkCallback(c); err != nil {
		return h.signInError(c, err)
	}
	said, idToken, err := h.provider.redeem(ctx, signIn, c.QueryParam("code"))
	if err != nil {
		return h.signInError(c, err)
	}
	who := h.provider.identity(said)
	if signIn.SessionID != "" {
		return h.finishStepUp(c, signIn, who, said, idToken)
	}
	if len(who.Roles) == 0 {
		return h.refuseRole(c, who.Name, said)
	}
	token, err := h.app.Store.StartSession(ctx, signIn, who, h.app.SessionCookie(c), web.AddressText(c))
	if errors.Is(err, models.ErrSignInExpired) {
		return h.signInError(c, err)
	}
	if err != nil {
		return err
	}
	h.app.SetSessionCookie(c, token)
	h.app.KeepIDToken(c, idToken)
	h.warnOfUnknownAccount(c, who)
	return c.Redirect(http.StatusSeeOther, landing(signIn.ReturnTo, who.Roles))
}

// warnOfUnknownAccount says once in the log that the provider names no account of
// somebody: with them the rule about the own account cannot be held. Who it is stands on
// the administrators' page of staff, and not in the log.
func (h *SignIn) warnOfUnknownAccount(c echo.Context, who models.Identity) {
	if slices.ContainsFunc(who.Identifiers, func(identifier string) bool { return spelling.Key(identifier) != "" }) {
		return
	}
	effect := "they cannot be kept from deciding on their own account"
	if h.app.Store.Policy().AccountClaimRequired {
		effect = "they cannot approve"
	}
	h.accountUnknown.Do(func() {
		h.app.Log.WarnContext(c.Request().Context(), "the provider names no account of a member of staff", "effect", effect,
			"claims", strings.Join(h.app.Staff.AccountClaimNames(), " "), "next",
			"let the provider send one of these claims, or name others with --account-claim")
	})
}

// checkCallback reads what the provider added to the address (RFC 6749 §4.1.2.1,
// RFC 9207 §2.4). Error: errSignInRefused.
func (h *SignIn) checkCallback(c echo.Context) error {
	code, issuer := c.QueryParam("error"), c.QueryParam("iss")
	switch {
	case code != "":
		return fmt.Errorf("%w: it said error=%s", errSignInRefused, errorCode(code))
	case issuer != "" && issuer != h.app.Staff.Issuer:
		return fmt.Errorf("%w: iss is %q, and not --oidc-issuer", errSignInRefused, console.FirstRunes(issuer, longestIssuer))
	case c.QueryParam("code") == "":
		return fmt.Errorf("%w: it sent no code", errSignInRefused)
	}
	return nil
}

// longestIssuer bounds what the log repeats of an address.
const longestIssuer = 200

// errorCode returns what may stand in the log of an error code (RFC 6749 §4.1.2.1): anybody
// can write one into an address.
func errorCode(code string) string {
	const longest = 60
	if len(code) > longest || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" {
		return "(something that is no error code)"
	}
	return code
}

// landing returns the page after the sign-in: the one that was wanted, or where the role's
// work begins.
func landing(returnTo string, roles []models.Role) string {
	session := models.Session{Roles: roles}
	path := web.LocalPath(returnTo)
	switch {
	case path != "/":
		return path
	case session.Has(models.Operator):
		return views.PathCounter
	case session.Has(models.Supervisor):
		return views.PathReviewEvents
	}
	return "/"
}

// refuseRole turns somebody away who signed in but has no role here. Why stands in the log.
func (h *SignIn) refuseRole(c echo.Context, name string, said claims) error {
	h.app.Log.WarnContext(c.Request().Context(), "sign-in refused: no role here", "cause", said.whyNoRole(h.app.Staff.ClaimOfRoles()),
		"request_id", web.RequestID(c))
	err := h.app.Store.RefuseSignIn(c.Request().Context(), term.SignInWithoutRole, h.app.StrangerOf(c))
	if err != nil {
		return err
	}
	say := views.Speaker(c.Request().Context())
	return &web.PageError{Status: http.StatusForbidden, ErrorProps: views.ErrorProps{
		Heading: say("You have no role here"),
		What: say("Your organisation knows you as %s, but has not made you an operator, a supervisor or an administrator.",
			"\u2068"+name+"\u2069"),
		Next:     say("Ask whoever manages staff accounts in your organisation for the role, then sign in again."),
		LinkText: say("Sign in again"), LinkURL: views.PathSignIn,
	}}
}

// signInError words what went wrong between here and the provider, and logs it: staff
// who cannot sign in cannot look it up themselves.
func (h *SignIn) signInError(c echo.Context, err error) error {
	say := views.Speaker(c.Request().Context())
	page := views.ErrorProps{LinkText: say("Sign in again"), LinkURL: views.PathSignIn}
	status := http.StatusBadRequest
	switch {
	case errors.Is(err, errProviderDown):
		status = http.StatusServiceUnavailable
		page.Heading = say("The organisation’s sign-in does not answer")
		page.What = say("Countersign works, but nobody can sign in while the organisation’s provider cannot be reached.")
		page.Next = say("Try again in a minute. If it goes on, tell whoever runs your organisation’s sign-in.")
	case errors.Is(err, errProviderWrong):
		status = http.StatusServiceUnavailable
		page.Heading = say("The organisation’s sign-in is not set up for this server")
		page.What = say("Countersign and the organisation’s provider do not fit together yet. Waiting does not change that. Nobody was signed in.")
		page.Next = say("Tell your administrator the reference below: the log has the cause beside it.")
		page.Reference = web.RequestID(c)
	case errors.Is(err, models.ErrSignInExpired):
		page.Heading = say("This sign-in is over")
		page.What = say("It was used already, took longer than 15 minutes, or began in another browser. Nobody was signed in.")
		page.Next = say("Begin again from the sign-in page.")
	case errors.Is(err, errSignInRefused), errors.Is(err, errIDTokenRefused):
		page.Heading = say("The sign-in did not work")
		page.What = say("The organisation’s provider did not confirm who you are. Nobody was signed in.")
		page.Next = say("Begin again. If it happens twice, tell whoever runs your organisation’s sign-in.")
		if err := h.app.Store.RefuseSignIn(c.Request().Context(), refusalReason(err), h.app.StrangerOf(c)); err != nil {
			return err
		}
	default:
		return err
	}
	h.app.Log.WarnContext(c.Request().Context(), "sign-in failed", "error", err, "request_id", web.RequestID(c))
	return &web.PageError{Status: status, ErrorProps: page}
}

// refusalReason returns the word that the trail keeps.
func refusalReason(err error) term.SignInRefusal {
	if errors.Is(err, errIDTokenRefused) {
		return term.SignInIDTokenRefused
	}
	return term.SignInRefusedThere
}

package signin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"
)

// StepUpPage says why the operator, or the second person, signs in again:
// GET /sign-in/again.
func (h *SignIn) StepUpPage(c echo.Context) error {
	returnTo := web.LocalPath(c.QueryParam("return_to"))
	second := strings.HasPrefix(returnTo, views.SecondApprovalListPath+"/")
	section := views.SectionCounter
	if second {
		section = views.SectionSecondApproval
	}
	frame := h.app.Frame(c, views.Say(c.Request().Context(), "Confirm that it is you"), section)
	props := views.StepUpProps{ReturnTo: returnTo, Second: second}
	return web.Render(c, http.StatusOK, views.StepUpPage(frame, props))
}

// BeginStepUp sends the operator to the provider: POST /sign-in/again. max_age and
// acr_values say what an approval needs (OpenID Connect Core 1.0 §3.1.2.1).
func (h *SignIn) BeginStepUp(c echo.Context) error {
	ctx := c.Request().Context()
	found, err := h.provider.discover(ctx)
	if err != nil {
		return h.signInError(c, err)
	}
	signIn, sealed, err := h.app.Store.BeginSignIn(returnPath(c), web.SessionOf(c).ID)
	if err != nil {
		return err
	}
	h.app.KeepSignIn(c, signIn.State, sealed)
	return c.Redirect(http.StatusSeeOther, found.address(signIn, stepUpOptions(h.app.Store.Policy().StepUp)...))
}

func stepUpOptions(policy models.StepUp) []oauth2.AuthCodeOption {
	var options []oauth2.AuthCodeOption
	if policy.MaxAge > 0 {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(policy.MaxAge/time.Second))))
	}
	if len(policy.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(policy.ACR, " ")))
	}
	return options
}

// finishStepUp takes the operator back to where they were, in the same session. Where
// the provider did not do what was asked, the approval will ask again, so that is said
// here. Whoever has no role any more is signed out.
func (h *SignIn) finishStepUp(c echo.Context, signIn models.SignIn, who models.Identity, said claims, idToken string) error {
	ctx := c.Request().Context()
	token, err := h.app.Store.StepUp(ctx, signIn, who)
	if errors.Is(err, models.ErrSignInExpired) {
		return h.signInError(c, err)
	}
	if errors.Is(err, models.ErrNotTheSame) {
		return &web.PageError{Status: http.StatusForbidden, ErrorProps: views.ErrorProps{
			Heading: views.Say(ctx, "Somebody else signed in"),
			What:    views.Say(ctx, "This session belongs to whoever began it. Nothing was changed, and you are still signed in as before."),
			Next:    views.Say(ctx, "Go back and confirm with your own account."), LinkText: views.Say(ctx, "Back to the visit"),
			LinkURL: web.LocalPath(signIn.ReturnTo),
		}}
	}
	if errors.Is(err, models.ErrNoRole) {
		h.app.SetSessionCookie(c, "")
		return h.refuseRole(c, who.Name, said)
	}
	if err != nil {
		return err
	}
	h.app.SetSessionCookie(c, token)
	h.app.KeepIDToken(c, idToken)
	if enough, err := h.app.Store.SteppedUp(ctx, signIn.SessionID); err != nil || !enough {
		return errors.Join(err, h.stepUpInsufficient(c, signIn, said))
	}
	return c.Redirect(http.StatusSeeOther, web.LocalPath(signIn.ReturnTo))
}

func (h *SignIn) stepUpInsufficient(c echo.Context, signIn models.SignIn, said claims) error {
	ctx := c.Request().Context()
	cause := said.whyNotFresh(h.app.Store.Policy().StepUp, h.app.Store.Now())
	h.app.Log.WarnContext(ctx, "sign-in is not enough for an approval", "cause", cause, "request_id", web.RequestID(c))
	return &web.PageError{Status: http.StatusForbidden, ErrorProps: views.ErrorProps{
		Heading:  views.Say(ctx, "The sign-in was not strong or fresh enough"),
		What:     views.Say(ctx, "The organisation’s provider did not confirm what an approval needs here. The visit waits; nothing was approved."),
		Next:     views.Say(ctx, "Try once more. If it happens again, tell whoever runs your organisation’s sign-in."),
		LinkText: views.Say(ctx, "Back to the visit"), LinkURL: web.LocalPath(signIn.ReturnTo),
	}}
}

package admin

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Policies shows what is in force: GET /admin/policies. They come with the deployment's
// configuration and are not changed here (docs/decisions/0022-administration.md).
func (h *Admin) Policies(c echo.Context) error {
	ctx := c.Request().Context()
	props := views.PoliciesProps{Groups: []views.PolicyGroup{
		h.windows(ctx), h.approvals(ctx), h.registration(ctx), h.guards(ctx), h.tokens(ctx),
	}}
	return web.Render(c, http.StatusOK, views.PoliciesPage(h.frame(c, "Policies"), props))
}

func (h *Admin) windows(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), sayer(ctx)
	return views.PolicyGroup{Title: say("Windows"), Policies: []views.PolicyRow{
		row(say("Pending window"), span(ctx, p.PendingWindow), "--pending-window", say("From a device’s request to the decision. After it the person starts again.")),
		row(say("Redemption window"), span(ctx, p.RedemptionWindow), "--redemption-window", say("From the approval until the device has collected it.")),
		row(say("Claim"), span(ctx, p.ClaimLength), "--claim-length", say("From the match to the decision. After it match and document check are done again.")),
		row(say("Polling"), span(ctx, p.Interval), "--poll-interval", say("How often a waiting device asks.")),
	}}
}

func (h *Admin) approvals(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), sayer(ctx)
	maxAge := say("Any")
	if p.StepUp.MaxAge > 0 {
		maxAge = span(ctx, p.StepUp.MaxAge)
	}
	return views.PolicyGroup{Title: say("Approvals"), Policies: []views.PolicyRow{
		row(say("Own accounts of staff"), names(ctx, h.app.Staff.AccountClaimNames()), "--account-claim", say("The provider’s claims by which somebody’s own account is known: nobody decides on that.")),
		row(say("Only staff whose account is known approve"), yes(ctx, p.AccountClaimRequired), "--account-claim-required", say("Of whom the provider sends none of these claims, nobody can tell.")),
		row(say("Presence proof"), names(ctx, p.PresenceScopes), "--presence-required-scope", say("For these scopes a typed code is not enough: the device proves its key at the counter.")),
		row(say("Presence proof’s clock"), span(ctx, p.PresenceSkew), "--presence-skew", say("How far the device’s clock may be off.")),
		row(say("Two people"), names(ctx, p.TwoPersonScopes), "--two-person-scope", say("For these scopes another member of the staff looks first.")),
		row(say("Age of the sign-in"), maxAge, "--step-up-max-age", say("An older sign-in is done again before an approval.")),
		row(say("Strength of the sign-in"), names(ctx, p.StepUp.ACR), "--step-up-acr", say("An approval needs a sign-in of one of these kinds.")),
	}}
}

func (h *Admin) registration(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), sayer(ctx)
	return views.PolicyGroup{Title: say("Apps"), Policies: []views.PolicyRow{
		row(say("Registration"), cmp.Or(string(p.Registration), "open"), "--registration", say("What an app needs to register: nothing, a token of yours, or its publisher’s signature.")),
		row(say("Listed apps only"), yes(ctx, p.ListedSoftwareOnly), "--listed-software-only", say("Whether only apps of publishers here may register.")),
		row(say("The page for phones"), yes(ctx, !h.app.NoPhonePage), "--phone-page", say("Whether a person can connect a phone without an app.")),
	}}
}

func (h *Admin) guards(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), sayer(ctx)
	limits := h.app.Limits
	if limits == "" {
		limits = web.LimitsDefault
	}
	return views.PolicyGroup{Title: say("Guards"), Policies: []views.PolicyRow{
		row(say("Limits"), string(limits), "--limits", say("How much strangers, devices and operators may ask for in a while.")),
		row(say("Wrong codes of an operator in an hour"), number(ctx, p.WrongCodesPerOperator), "--limits", say("More are refused.")),
		row(say("Usual approvals of an operator in an hour"), number(ctx, p.ApprovalAlert), "--approval-alert", say("One more is an alert. Nothing is refused.")),
		row(say("Notices by mail"), yes(ctx, hasChannel(p, models.ChannelMail)), "--smtp-address", say("Whether accounts’ contacts are told what happens, by mail.")),
		row(say("Notices by webhook"), yes(ctx, hasChannel(p, models.ChannelWebhook)), "--notice-webhook", say("Whether they are told by a program of yours.")),
		row(say("Signed out when idle"), span(ctx, p.SessionIdle), "--session-idle", say("Staff are signed out after this time without a click.")),
		row(say("Signed out in any case"), span(ctx, p.SessionLifetime), "--session-lifetime", say("The longest that a sign-in lasts.")),
	}}
}

func (h *Admin) tokens(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), sayer(ctx)
	rotation := say("Never")
	if h.app.KeyRotation > 0 {
		rotation = span(ctx, h.app.KeyRotation)
	}
	return views.PolicyGroup{Title: say("Tokens and keys"), Policies: []views.PolicyRow{
		row(say("Access token"), span(ctx, p.AccessTokenLifetime), "--access-token-lifetime", say("How long one is valid.")),
		row(say("Unused device"), span(ctx, p.RefreshTokenIdle), "--refresh-token-idle", say("A device that was not used for this time is disconnected.")),
		row(say("Any device"), span(ctx, p.RefreshTokenLifetime), "--refresh-token-lifetime", say("A device is disconnected after this time in any case.")),
		row(say("Nonce in key proofs"), yes(ctx, p.DPoPNonceRequired), "--dpop-nonce", say("Whether devices prove their key with a nonce of this server.")),
		row(say("Rotation of signing keys"), rotation, "--key-rotation", say("Age at which a signing key is replaced by the next one.")),
	}}
}

func row(what, setting, flag, meaning string) views.PolicyRow {
	return views.PolicyRow{What: what, Setting: setting, Flag: flag, Meaning: meaning}
}

func sayer(ctx context.Context) func(string) string {
	return func(english string) string { return views.Say(ctx, english) }
}

func hasChannel(p models.Policy, channel models.Channel) bool {
	for _, one := range p.NoticeChannels {
		if one == channel {
			return true
		}
	}
	return false
}

func yes(ctx context.Context, is bool) string {
	if is {
		return views.Say(ctx, "Yes")
	}
	return views.Say(ctx, "No")
}

func names(ctx context.Context, list []string) string {
	if len(list) == 0 {
		return views.Say(ctx, "None")
	}
	return strings.Join(list, ", ")
}

func number(ctx context.Context, n int) string {
	if n < 0 {
		return views.Say(ctx, "Any number")
	}
	return strconv.Itoa(n)
}

// span tells a length of time in the largest units that tell it whole.
func span(ctx context.Context, length time.Duration) string {
	switch {
	case length%hoursOfADay == 0:
		return views.Say(ctx, "%d days", int(length/hoursOfADay))
	case length%time.Hour == 0:
		return views.Say(ctx, "%d hours", int(length/time.Hour))
	case length%time.Minute == 0:
		return views.Say(ctx, "%d minutes", int(length/time.Minute))
	case length%time.Second == 0:
		return views.Say(ctx, "%d seconds", int(length/time.Second))
	}
	return length.String()
}

package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/zones"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Policies shows what is in force: GET /admin/policies. They come with the deployment's
// configuration and are not changed here (docs/decisions/0022-administration.md).
func (h *Admin) Policies(c echo.Context) error {
	ctx := c.Request().Context()
	props := views.PoliciesProps{Groups: []views.PolicyGroup{
		h.windows(ctx), h.approvals(ctx), h.alerts(ctx), h.apps(ctx), h.staff(ctx), h.guards(ctx), h.notices(ctx), h.organisation(ctx),
		h.tokens(ctx), h.times(ctx),
	}}
	return web.Render(c, http.StatusOK, views.PoliciesPage(h.frame(c, views.Say(c.Request().Context(), "Policies")), props))
}

func (h *Admin) windows(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	return views.PolicyGroup{Title: say("Windows"), Policies: []views.PolicyRow{
		row(say("Pending window"), "--pending-window", say("From a device’s request to the decision. After it the person starts again."),
			span(ctx, p.PendingWindow)),
		row(say("Unused apps are kept"), "--keep-clients", say("An app on a device that has no request and no connection."),
			span(ctx, p.Keep.Clients)),
		row(say("Ended requests are kept"), "--keep-requests", say("A request that ended without an approval, from the end of its time."),
			span(ctx, p.Keep.Requests)),
		row(say("Records are kept"), "--keep-records", say("Wrong codes, results of scans, names and dates on documents where they differed, and addresses of ended staff sessions."),
			span(ctx, p.Keep.Records)),
		row(say("Redemption window"), "--redemption-window", say("From the approval until the device has collected it."),
			span(ctx, p.RedemptionWindow)),
		row(say("Claim"), "--claim-length", say("From the match to the decision. After it match and document check are done again."),
			span(ctx, p.ClaimLength)),
		row(say("Polling"), "--poll-interval", say("How often a waiting device asks."), span(ctx, p.Interval)),
		row(say("Questions of waiting devices in a second"), "--poll-rate",
			say("Beyond it, new devices are told to ask less often, down to once in 5 minutes."),
			number(ctx, cmp.Or(int(h.app.PollsPerSecond()), -1))),
	}}
}

func (h *Admin) approvals(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	return views.PolicyGroup{Title: say("Approvals"), Policies: []views.PolicyRow{
		row(say("ID documents"), "--document-type", say("These are accepted, and this is checked of each."),
			documentWords(ctx, h.app.Documents)...),
		row(say("Presence proof"), "--presence-required-scope",
			say("For these scopes a typed code is not enough: the device proves its key at the counter."), names(ctx, p.PresenceScopes)),
		row(say("Presence proof’s clock"), "--presence-skew", say("How far the device’s clock may be off."), span(ctx, p.PresenceSkew)),
		row(say("Two people"), "--two-person-scope", say("For these scopes another member of the staff looks first."),
			names(ctx, p.TwoPersonScopes)),
		row(say("Age of the sign-in"), "--step-up-max-age", say("An older sign-in is done again before an approval."),
			spanOr(ctx, p.StepUp.MaxAge, say("Any"))),
		row(say("Strength of the sign-in"), "--step-up-acr", say("An approval needs a sign-in of one of these kinds."),
			cmp.Or(strings.Join(p.StepUp.ACR, ", "), say("Any"))),
		row(say("Records that a person may open in an hour"), "--opened-records-limit", say("One more is refused."),
			number(ctx, p.OpenedRecordsLimit)),
		row(say("Search by the first characters"), "--prefix-search", say("Without it an account is found by a whole identifier only."),
			prefixSearch(ctx, p.NoPrefixSearch)),
	}}
}

// alerts are what the rules of the server's own call supervisors for.
func (h *Admin) alerts(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	more := say("One more is an alert.")
	return views.PolicyGroup{Title: say("Alerts"), Policies: []views.PolicyRow{
		row(say("Usual approvals of an operator in an hour"), "--approval-alert", say("One more is an alert. Nothing is refused."),
			number(ctx, p.ApprovalAlert)),
		row(say("Approvals of an operator on a day"), "--above-usual-alert",
			say("More than so many times what is usual of them and at their counter is an alert."), number(ctx, p.Unusual.TimesUsual)),
		row(say("Usual records opened by a person in an hour without a visit"), "--opened-records-alert", more,
			number(ctx, p.OpenedRecordsAlert)),
		row(say("Usual wrong codes at a counter in an hour"), "--wrong-codes-alert", more, number(ctx, p.Unusual.WrongCodes)),
		row(say("Usual visits of a week in which an operator overrules a difference"), "--overruled-alert", more,
			number(ctx, p.Unusual.Overruled)),
		row(say("Usual accounts of one device"), "--key-accounts-alert", more, number(ctx, p.Unusual.KeyAccounts)),
		row(say("Usual accounts approved in a week from one address"), "--address-accounts-alert",
			say("One more is an alert. Networks of counters are left out."), number(ctx, p.Unusual.AddressAccounts)),
		row(say("Alerts by mail"), "--alert-mail", say("Whether supervisors are told of alerts by mail, without a name in it."),
			yes(ctx, slices.Contains(p.AlertChannels, models.ChannelMail))),
		row(say("Alerts by webhook"), "--alert-webhook", say("Whether a program of yours is told of alerts, without a name in it."),
			yes(ctx, slices.Contains(p.AlertChannels, models.ChannelWebhook))),
	}}
}

func (h *Admin) apps(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	return views.PolicyGroup{Title: say("Apps"), Policies: []views.PolicyRow{
		row(say("Registration"), "--registration", say("What an app needs to register here."), registrationWords(ctx, p.Registration)),
		row(say("Listed apps only"), "--listed-software-only", say("Whether only apps of publishers here may register."),
			yes(ctx, p.ListedSoftwareOnly)),
		row(say("The page for phones"), "--phone-page", say("Whether a person can connect a phone without an app."),
			yes(ctx, !h.app.NoPhonePage)),
		row(say("Scopes"), "--scope", say("What apps may be allowed, and what operators read of it."),
			orNone(ctx, scopeWords(ctx, h.app.Scopes))...),
		row(say("APIs"), "--resource", say("What tokens can be for. The first is meant when an app names none."),
			resourceWords(ctx, p.Resources)...),
		row(say("Networks for apps’ keys"), "--jwks-uri-network", say("An app’s keys are fetched from public addresses, and from these."),
			networkWords(ctx, h.app.KeyNetworks)...),
	}}
}

func (h *Admin) staff(ctx context.Context) views.PolicyGroup {
	p, say, staff := h.app.Store.Policy(), views.Speaker(ctx), h.app.Staff
	return views.PolicyGroup{Title: say("Staff"), Policies: []views.PolicyRow{
		row(say("Where staff sign in"), "--oidc-issuer", say("The organisation’s OpenID Provider."), cmp.Or(staff.Issuer, say("None"))),
		row(say("Claim of the roles"), "--roles-claim", say("It says there what somebody may do here."), staff.ClaimOfRoles()),
		row(say("Roles"), "--role", say("What the values of that claim mean."), roleWords(ctx, staff)...),
		row(say("Own accounts of staff"), "--account-claim",
			say("The provider’s claims by which somebody’s own account is known: nobody decides on that."), names(ctx, staff.AccountClaimNames())),
		row(say("Only staff whose account is known approve"), "--account-claim-required",
			say("Of whom the provider sends none of these claims, nobody can tell."), yes(ctx, p.AccountClaimRequired)),
		row(say("Signed out when idle"), "--session-idle", say("Staff are signed out after this time without a click."),
			span(ctx, p.SessionIdle)),
		row(say("Signed out in any case"), "--session-lifetime", say("The longest that a sign-in lasts."), span(ctx, p.SessionLifetime)),
	}}
}

func (h *Admin) guards(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	return views.PolicyGroup{Title: say("Guards"), Policies: []views.PolicyRow{
		row(say("Limits"), "--limits", say("How much strangers, devices and operators may ask for in a while."), limitWords(ctx, h.app.Limits)),
		row(say("Limits in numbers"), "--limit", say("How many at once, and how often after that; of what is counted in the database one number."),
			h.limitNumbers(ctx)...),
		row(say("Wrong codes of an operator in an hour"), "--limits", say("More are refused."), number(ctx, p.WrongCodesPerOperator)),
		row(say("Events of strangers in an hour"), "--stranger-events",
			say("What strangers do beyond it is counted: one event an hour says how much. Nothing is refused."),
			number(ctx, limits.EventsAnHour(h.app.Limits, h.app.StrangerEvents))),
		row(say("Trusted proxies"), "--trusted-proxy", say("Only these are believed when they say where a request came from."),
			networkWords(ctx, h.app.TrustedProxies)...),
	}}
}

func (h *Admin) notices(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	by := func(channel models.Channel) string { return yes(ctx, slices.Contains(p.NoticeChannels, channel)) }
	return views.PolicyGroup{Title: say("Notices"), Policies: []views.PolicyRow{
		row(say("Notices by mail"), "--smtp-address", say("Whether accounts’ contacts are told what happens, by mail."), by(models.ChannelMail)),
		row(say("Notices by webhook"), "--notice-webhook", say("Whether they are told by a program of yours."), by(models.ChannelWebhook)),
		row(say("Language of notices"), "--notice-language", say("Of an account that has no language of its own."),
			h.languageWords(h.app.NoticeLanguage)),
	}}
}

func (h *Admin) organisation(ctx context.Context) views.PolicyGroup {
	say, o := views.Speaker(ctx), h.app.Organisation
	given := func(text string) string { return cmp.Or(text, say("None")) }
	var names []string
	for _, l := range h.app.Words.Languages() {
		names = append(names, isolated(l.Name))
	}
	return views.PolicyGroup{Title: say("Organisation"), Policies: []views.PolicyRow{
		row(say("Name"), "--organisation-name", say("On pages, receipts and notices."), given(o.Name)),
		row(say("Logo"), "--organisation-logo", say("Whether pages and receipts have one."), yes(ctx, o.Logo != nil)),
		row(say("Telephone"), "--organisation-telephone", say("Whom people call with questions."), given(o.Telephone)),
		row(say("Privacy"), "--organisation-privacy", say("Where each page leads to for that."), given(o.Privacy)),
		row(say("Imprint"), "--organisation-imprint", say("Where each page leads to for that."), given(o.Imprint)),
		row(say("Accessibility"), "--organisation-accessibility", say("Where each page leads to for that."), given(o.Accessibility)),
		row(say("Languages"), "--languages", say("What pages can be in. A folder may add some."), names...),
	}}
}

func (h *Admin) tokens(ctx context.Context) views.PolicyGroup {
	p, say := h.app.Store.Policy(), views.Speaker(ctx)
	return views.PolicyGroup{Title: say("Tokens and keys"), Policies: []views.PolicyRow{
		row(say("Access token"), "--access-token-lifetime", say("How long one is valid."), span(ctx, p.AccessTokenLifetime)),
		row(say("Unused device"), "--refresh-token-idle", say("A device that was not used for this time is disconnected."),
			span(ctx, p.RefreshTokenIdle)),
		row(say("Any device"), "--refresh-token-lifetime", say("A device is disconnected after this time in any case."),
			span(ctx, p.RefreshTokenLifetime)),
		row(say("Nonce in key proofs"), "--dpop-nonce", say("Whether devices prove their key with a nonce of this server."),
			yes(ctx, p.DPoPNonceRequired)),
		row(say("Rotation of signing keys"), "--key-rotation", say("Age at which a signing key is replaced by the next one."),
			spanOr(ctx, h.app.KeyRotation, say("Never"))),
	}}
}

// times says by which data counters' clocks are told, and whether that is old.
func (h *Admin) times(ctx context.Context) views.PolicyGroup {
	say, used := views.Speaker(ctx), zones.Used()
	settings := []string{say("%s, released on %s", used.Version, views.Day(ctx, used.Released.Format(time.DateOnly)))}
	if used.Old(h.app.Store.Now()) {
		settings = append(settings, say("Older than a year: times at counters may be an hour off. Update the program, or this machine’s time zones."))
	}
	return views.PolicyGroup{Title: say("Times"), Policies: []views.PolicyRow{
		row(say("Time zone data"), "ZONEINFO", say(
			"Governments change their clocks. The newest is used: the program’s own, or this machine’s."), settings...),
	}}
}

func row(what, flag, meaning string, settings ...string) views.PolicyRow {
	return views.PolicyRow{What: what, Settings: settings, Flag: flag, Meaning: meaning}
}

// spanOr returns what span does, and a word of its own for 0.
func spanOr(ctx context.Context, length time.Duration, none string) string {
	if length == 0 {
		return none
	}
	return span(ctx, length)
}

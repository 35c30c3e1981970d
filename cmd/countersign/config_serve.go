package main

import (
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/oauth"
	"countersign/views"

	"golang.org/x/text/language"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

func (f *ServeFlags) staff(c *checks) web.StaffProvider {
	provider := web.StaffProvider{
		Issuer:        c.provider("oidc-issuer", f.OIDCIssuer),
		ClientID:      f.OIDCClientID,
		Scopes:        f.OIDCScopes,
		RolesClaim:    f.RolesClaim,
		Roles:         f.roles(c),
		AccountClaims: f.AccountClaim,
	}
	c.given("oidc-client-id", f.OIDCClientID, "Register this server at the provider and give the client identifier")
	before := len(c.problems)
	provider.ClientSecret = c.secret("oidc-client-secret", f.OIDCClientSecret, f.OIDCClientSecretFile)
	if len(c.problems) == before {
		c.given("oidc-client-secret", provider.ClientSecret,
			"Register this server at the provider and give the secret, best as --oidc-client-secret-file")
	}
	if !slices.Contains(provider.Scopes, "openid") {
		c.refuse("oidc-scopes", "openid is missing", "Add openid")
	}
	return provider
}

// scopes reads --scope NAME=WORDS, and NAME#TAG=WORDS for the same in another language, as RFC 7591 §2.2 tags human-readable values.
func (f *ServeFlags) scopes(c *checks, languages *views.Words) []web.Scope {
	var scopes []web.Scope
	for _, value := range f.Scope {
		name, words, ok := c.pair("scope", value, "Write it like profile=See your name, or profile#de=Ihren Namen sehen")
		if !ok {
			continue
		}
		if name, tag, tagged := strings.Cut(name, "#"); tagged {
			c.translate(scopes, name, tag, words, languages)
			continue
		}
		if scope, err := oauth.ParseScope(name); err != nil || len(scope) != 1 {
			c.refuse("scope", fmt.Sprintf("%q cannot be the name of a scope", name), "Use letters, digits and signs, no blanks")
		}
		if slices.ContainsFunc(scopes, func(s web.Scope) bool { return s.Name == name }) {
			c.refuse("scope", fmt.Sprintf("%q is there twice", name), "Keep one of them")
		}
		scopes = append(scopes, web.Scope{Name: name, Words: words})
	}
	return scopes
}

// translate adds a scope's words in another language to the scope, which stands before.
func (c *checks) translate(scopes []web.Scope, name, tag, words string, languages *views.Words) {
	at := slices.IndexFunc(scopes, func(s web.Scope) bool { return s.Name == name })
	l, known := languages.Language(tag)
	switch {
	case at < 0:
		c.refuse("scope", fmt.Sprintf("%q has words in a language, and none for everybody", name), "Give --scope "+name+"=WORDS before them")
	case !known:
		c.refuse("scope", fmt.Sprintf("there is no language %q for the words of %q", tag, name), "Add its file to --languages, or leave it out")
	case scopes[at].Languages[l.Tag] != "":
		c.refuse("scope", fmt.Sprintf("%q is there twice in the language %q", name, tag), "Keep one of them")
	default:
		if scopes[at].Languages == nil {
			scopes[at].Languages = map[language.Tag]string{}
		}
		scopes[at].Languages[l.Tag] = words
	}
}

// knownScopes must be scopes that the server has: a mistyped one would require nothing.
func (f *ServeFlags) knownScopes(c *checks, flag string, names []string) oauth.Scope {
	for _, name := range names {
		if !slices.ContainsFunc(f.Scope, func(scope string) bool { return strings.HasPrefix(scope, name+"=") }) {
			c.refuse(flag, fmt.Sprintf("there is no scope %q", name), "Name one of --scope")
		}
	}
	return names
}

func (f *ServeFlags) documents(c *checks) document.Rules {
	rules, err := document.ParseRules(strings.Join(f.DocumentType, " "))
	if err != nil {
		c.refuse("document-type", err.Error(), "Write it like passport, or idcard:usual+age=16, or organisation_card:photo+handled+number")
	}
	return rules
}

func (f *ServeFlags) policy(c *checks) models.Policy {
	policy := models.Policy{
		PendingWindow:        c.duration("pending-window", f.PendingWindow, time.Minute, 7*day),
		RedemptionWindow:     c.duration("redemption-window", f.RedemptionWindow, time.Minute, 7*day),
		ClaimLength:          c.duration("claim-length", f.ClaimLength, time.Minute, 8*time.Hour),
		Interval:             c.duration("poll-interval", f.PollInterval, time.Second, time.Hour),
		AccessTokenLifetime:  c.duration("access-token-lifetime", f.AccessTokenLifetime, 30*time.Second, models.LongestAccessToken),
		RefreshTokenIdle:     c.duration("refresh-token-idle", f.RefreshTokenIdle, time.Hour, 10*year),
		RefreshTokenLifetime: c.duration("refresh-token-lifetime", f.RefreshTokenLifetime, time.Hour, 10*year),
		SessionIdle:          c.duration("session-idle", f.SessionIdle, time.Minute, day),
		SessionLifetime:      c.duration("session-lifetime", f.SessionLifetime, time.Minute, day),
		Keep: models.Keeping{
			Clients:  c.duration("keep-clients", f.KeepClients, day, 10*year),
			Requests: c.duration("keep-requests", f.KeepRequests, 14*day, 10*year),
			Records:  c.duration("keep-records", f.KeepRecords, day, 10*year),
		},
		StepUp:               models.StepUp{MaxAge: f.stepUpMaxAge(c), ACR: f.StepUpACR},
		AccountClaimRequired: c.toggle("account-claim-required", f.AccountClaimRequired),
		PresenceSkew:         c.duration("presence-skew", f.PresenceSkew, time.Second, 5*time.Minute),
		PresenceScopes:       f.knownScopes(c, "presence-required-scope", f.PresenceRequiredScope),
		TwoPersonScopes:      f.knownScopes(c, "two-person-scope", f.TwoPersonScope),
		OpenedRecordsLimit:   c.anHour("opened-records-limit", f.OpenedRecordsLimit),
		NoPrefixSearch:       f.noPrefixSearch(c),
		ListedSoftwareOnly:   c.toggle("listed-software-only", f.ListedSoftwareOnly),
		Registration:         f.registration(c),
		DPoPNonceRequired:    c.oneOf("dpop-nonce", f.DPoPNonce, "required", "off") == "required",
	}
	f.AlertFlags.into(&policy, c)
	if policy.Interval%time.Second != 0 {
		c.refuse("poll-interval", f.PollInterval+" is not whole seconds", "Write it like 30s")
	}
	if policy.DPoPNonceRequired && policy.Interval > oauth.LongestPollInterval {
		c.refuse("poll-interval", f.PollInterval+" is longer than a nonce of ours lives in a phone's key proof",
			"Give 5m at most, or --dpop-nonce off")
	}
	c.notLonger("session-idle", policy.SessionIdle, "session-lifetime", policy.SessionLifetime)
	c.notLonger("refresh-token-idle", policy.RefreshTokenIdle, "refresh-token-lifetime", policy.RefreshTokenLifetime)
	c.notLonger("access-token-lifetime", policy.AccessTokenLifetime, "refresh-token-idle", policy.RefreshTokenIdle)
	return policy
}

func (f *ServeFlags) noPrefixSearch(c *checks) bool {
	switch c.oneOf("prefix-search", f.PrefixSearch, "auto", "on", "off") {
	case "off":
		return true
	case "auto":
		return f.Limits == string(limits.Strict)
	}
	return false
}

// stepUpMaxAge is 0, or long enough to come back from the provider and approve.
func (f *ServeFlags) stepUpMaxAge(c *checks) time.Duration {
	if d, err := readDuration(f.StepUpMaxAge); err == nil && d == 0 {
		return 0
	}
	return c.duration("step-up-max-age", f.StepUpMaxAge, time.Minute, day)
}

// rotation is 0, or long enough that every next key is published before it signs.
func (f *ServeFlags) rotation(c *checks) time.Duration {
	if d, err := readDuration(f.KeyRotation); err == nil && d == 0 {
		return 0
	}
	return c.duration("key-rotation", f.KeyRotation, day, 10*year)
}

// strangerEvents is 0 where the limits' level says it.
func (f *ServeFlags) strangerEvents(c *checks) int {
	if f.StrangerEvents == "auto" {
		return 0
	}
	return c.anHour("stranger-events", f.StrangerEvents)
}

// pollRate is 0 where it goes by the number of processors.
func (f *ServeFlags) pollRate(c *checks) int {
	if f.PollRate == "auto" {
		return 0
	}
	return c.upTo10000("poll-rate", f.PollRate, "Write how many a second, 0 for any number, or auto")
}

// upTo10000 reads a number of what is usual or allowed; the store has -1 for any number, which is written 0.
func (c *checks) upTo10000(name, value, hint string) int {
	const most = 10_000
	n, err := strconv.Atoi(value)
	switch {
	case err != nil || n < 0 || n > most:
		c.refuse(name, fmt.Sprintf("%q is not a whole number from 0 to %d", value, most), hint)
	case n == 0:
		return -1
	}
	return n
}

// warnOfFront warns where an https issuer has nothing that speaks https, as far as the settings say. Requests from other
// machines are refused then; and those that a proxy on this machine passes on all have the proxy's address, so that a
// county has the limits of one phone.
func (f *ServeFlags) warnOfFront(c *checks, settings serveSettings) {
	host, _, err := net.SplitHostPort(settings.listen)
	if err != nil || settings.cert != nil || f.TLSCert != "" || len(f.TrustedProxy) > 0 ||
		!strings.HasPrefix(settings.store.issuer, "https://") {
		return
	}
	if isLoopback(host) {
		c.warn("trusted-proxy", "missing: the proxy that speaks https for this server is not believed when it says where requests come from, "+
			"so that all phones and all staff count as one address, with the limits of one",
			"Give --trusted-proxy 127.0.0.1/32 if it is on this machine, and let it set X-Forwarded-For (docs/proxies)")
		return
	}
	c.warn("listen", "requests from other machines come in clear and are refused",
		"Name the proxy in front that speaks https with --trusted-proxy, or give --tls-cert and --tls-key")
}

func (f *ServeFlags) logLevel(c *checks) slog.Level {
	var level slog.Level
	if c.oneOf("log-level", f.LogLevel, "debug", "info", "warn", "error") != "" {
		_ = level.UnmarshalText([]byte(f.LogLevel)) // one of the four
	}
	return level
}

// registration is what an app needs to register.
func (f *ServeFlags) registration(c *checks) models.RegistrationPolicy {
	value := c.oneOf("registration", f.Registration, "open", string(models.RegistrationByToken), string(models.RegistrationStated))
	if value == "open" {
		return models.RegistrationOpen
	}
	return models.RegistrationPolicy(value)
}

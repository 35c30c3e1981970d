package device

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// The page as a client (RFC 7591 §2): the same on every phone that opens it. An
// administrator who lists the app lists this identifier (docs/decisions/0015-phone-page.md).
const (
	phoneSoftwareID      = "countersign-phone-page"
	phoneSoftwareVersion = "1"
	phoneClientName      = "Web page on the phone"
)

// openKnown is for how long after a code's deadline the page knows when counters are open.
const openKnown = 7 * 24 * time.Hour

// PhonePage answers GET /phone: the phone's side for a person who has only a browser. The
// page is the same for everybody who reads its language, so that a browser may keep it
// for the time without a network; what is a phone's own never leaves the phone's storage.
func (d *Device) PhonePage(c echo.Context) error {
	ctx := c.Request().Context()
	policy := d.Store.Policy()
	registration, err := d.phoneRegistration(ctx, policy)
	if err != nil {
		return err
	}
	counters, err := d.Store.Counters(ctx)
	if err != nil {
		return err
	}
	props := views.PhoneProps{
		Language: views.FormatsOf(ctx), Demonstration: d.Demonstration, Practice: d.Practice != nil, Registration: registration,
		PendingWindow: within(ctx, policy.PendingWindow), RedeemWindow: within(ctx, policy.RedemptionWindow),
		StylesheetURLs: []string{static.URL("app.css"), static.URL("phone.css")}, FaviconURL: static.URL("favicon.svg"),
		TouchIconURL: static.URL("icons/icon-touch-180.png"),
		ScriptURLs:   phoneScripts(), Client: d.phoneClient(ctx, policy), Organisation: d.OrganisationShown(),
	}
	now := d.Store.Now()
	for _, counter := range counters {
		place := web.PlaceOf(ctx, counter, now)
		place.Spans = web.OpenSpans(counter, now, now.Add(policy.PendingWindow+openKnown))
		props.Places = append(props.Places, place)
		if clock := clockOf(d.Store.Now().In(counter.Location())); !slices.Contains(props.Client.Clocks, clock) {
			props.Client.Clocks = append(props.Client.Clocks, clock)
		}
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-cache")
	header.Set(views.HeaderPhoneVersion, d.phoneVersion(ctx))
	header.Add(echo.HeaderVary, "Accept-Language")
	header.Add(echo.HeaderVary, echo.HeaderCookie)
	return web.Render(c, http.StatusOK, views.PhonePage(props))
}

// phoneClient returns what the page's scripts need to know.
func (d *Device) phoneClient(ctx context.Context, policy models.Policy) views.PhoneClient {
	client := views.PhoneClient{
		Issuer: d.Issuer, Registration: oauth.PathRegistration, DeviceAuthorization: oauth.PathDeviceAuthorization,
		Token: oauth.PathToken, Revocation: oauth.PathRevocation, Events: views.PathPhoneEvents, Sample: oauth.PathWhoAmI,
		ClientName: phoneClientName, SoftwareID: phoneSoftwareID, SoftwareVersion: phoneSoftwareVersion,
		Scopes: map[string]string{},
	}
	for _, scope := range d.Scopes {
		client.Scopes[scope.Name] = scope.WordsIn(ctx)
	}
	return client
}

// clockOf returns a counter's clock at a moment in its zone.
func clockOf(at time.Time) views.PhoneClock {
	minutes := func(t time.Time) int {
		_, seconds := t.Zone()
		return seconds / 60
	}
	clock := views.PhoneClock{Minutes: minutes(at), Then: minutes(at)}
	if _, end := at.ZoneBounds(); !end.IsZero() && minutes(end) != clock.Minutes { // and not its name alone
		clock.Until, clock.Then = end.UnixMilli(), minutes(end)
	}
	return clock
}

// phoneRegistration returns whether and how this page can register here: it is held to the same
// rules as every app.
func (d *Device) phoneRegistration(ctx context.Context, policy models.Policy) (views.PhoneRegistration, error) {
	if policy.ListedSoftwareOnly {
		listed, err := d.Store.RegisteredSoftware(ctx)
		if err != nil {
			return "", err
		}
		is := false
		for _, software := range listed {
			is = is || software.ID == phoneSoftwareID
		}
		if !is {
			return views.PhoneRegistrationClosed, nil
		}
	}
	switch policy.Registration {
	case models.RegistrationOpen:
		return views.PhoneRegistrationOpen, nil
	case models.RegistrationByToken:
		return views.PhoneRegistrationToken, nil
	}
	return views.PhoneRegistrationClosed, nil // nobody signs statements for a page
}

// phoneScripts returns the page's scripts in the order in which each needs the ones before.
func phoneScripts() []string {
	var urls []string
	for _, name := range static.PhoneScripts() {
		urls = append(urls, static.URL(name))
	}
	return urls
}

// phoneVersion changes with every file that the page is made of and with its language, so
// that a worker never mixes two versions. What the page says of this server, such as its
// counters, is no part of it: the worker keeps the newest page of a version.
func (d *Device) phoneVersion(ctx context.Context) string {
	return static.PhoneVersion() + "-" + views.LanguageOf(ctx).String()
}

// PhoneWorker answers GET /phone/worker.js: the service worker that keeps the page for
// the time without a network. It is told what to keep in front of its script.
func (d *Device) PhoneWorker(c echo.Context) error {
	script, err := static.Content("phone/worker.js")
	if err != nil {
		return err
	}
	files := append(phoneScripts(), static.URL("app.css"), static.URL("phone.css"), static.URL("favicon.svg"), views.PathPhoneManifest)
	for _, own := range []string{d.OrganisationShown().StylesheetURL, d.OrganisationShown().LogoURL} {
		if own != "" {
			files = append(files, own)
		}
	}
	keep, err := json.Marshal(map[string]any{
		"version": d.phoneVersion(c.Request().Context()), "header": views.HeaderPhoneVersion, "page": views.PathPhone,
		"files": files,
	})
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-cache")
	header.Set("Service-Worker-Allowed", views.PathPhone) // it lies below the page that it works for
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", append([]byte("const kept = "+string(keep)+";\n"), script...))
}

// PhoneManifest answers GET /phone/manifest.webmanifest: how the page is called when it is
// installed (W3C Web Application Manifest).
func (d *Device) PhoneManifest(c echo.Context) error {
	ctx := c.Request().Context()
	c.Response().Header().Set("Cache-Control", "no-cache")
	manifest, err := json.Marshal(map[string]any{
		"id": views.PathPhone, "start_url": views.PathPhone, "scope": views.PathPhone, "display": "standalone",
		"name": views.Say(ctx, "Connect this phone"), "short_name": "Countersign", "lang": views.LanguageOf(ctx).String(),
		"theme_color": "#0b4a44", "background_color": "#0b4a44",
		"icons": phoneIcons(),
	})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/manifest+json", manifest)
}

// phoneIcons: home screens mostly take no SVG, and cut a maskable one to their own shape.
func phoneIcons() []map[string]string {
	return []map[string]string{
		{"src": static.URL("icons/icon-192.png"), "sizes": "192x192", "type": "image/png"},
		{"src": static.URL("icons/icon-512.png"), "sizes": "512x512", "type": "image/png"},
		{"src": static.URL("icons/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
		{"src": static.URL("favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
	}
}

// within says a window's length in the reader's language: "within 7 days". What is left
// over is cut off, so that nobody comes too late.
func within(ctx context.Context, length time.Duration) string {
	hours, minutes := int(length/time.Hour), int(length/time.Minute)
	switch {
	case length%(24*time.Hour) == 0 || hours >= 72:
		return views.Say(ctx, "within %d days", hours/24)
	case length%time.Hour == 0 || minutes >= 180:
		return views.Say(ctx, "within %d hours", hours)
	}
	return views.Say(ctx, "within %d minutes", minutes)
}

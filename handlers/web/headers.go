package web

import (
	"crypto/rand"
	"slices"
	"strings"

	"countersign/views"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// Headers sets the security headers of every answer, and gives one to people a nonce of its own:
// only a script element that carries it runs, with what that script imports. There is
// nothing inline and nothing from elsewhere. A form goes to ourselves only; but browsers
// hold a form's redirects to the same rule, so that the form which begins a sign-in may
// lead to the staff's provider and to wherever that provider sends people, by https.
func (a *App) Headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		header := c.Response().Header()
		header["X-Content-Type-Options"], header["Cross-Origin-Resource-Policy"] = valueNoSniff, valueSameOrigin
		if a.secure {
			header["Strict-Transport-Security"] = valueStrictTransport
		}
		header["Referrer-Policy"], header["Cross-Origin-Opener-Policy"] = valueNoReferrer, valueSameOrigin
		if a.isForClients(c) {
			header["Content-Security-Policy"], header["Permissions-Policy"] = valueNoPage, valueNoDevices
			return next(c)
		}
		nonce := rand.Text() // 128 bits at least
		c.SetRequest(c.Request().WithContext(templ.WithNonce(c.Request().Context(), nonce)))
		header.Set("Content-Security-Policy", a.contentPolicy(c.Path(), nonce))
		header.Set("Permissions-Policy", permissions(c.Path()))
		return next(c)
	}
}

// Values of headers that many answers have. Each answer's header holds them as they are: nobody changes one in place.
var (
	valueNoSniff         = []string{"nosniff"}
	valueSameOrigin      = []string{"same-origin"}
	valueStrictTransport = []string{"max-age=31536000; includeSubDomains"}
	valueNoReferrer      = []string{"no-referrer"}
	valueNoPage          = []string{"default-src 'none'; style-src 'self'; " + nothingElse}
	valueNoDevices       = []string{permissions("")}
	valueNoStore         = []string{"no-store"}
	valueNoCache         = []string{"no-cache"}
	valueAnyOrigin       = []string{"*"}
	valueExposed         = []string{"DPoP-Nonce, Retry-After, WWW-Authenticate, Date"}
	valueJSON            = []string{echo.MIMEApplicationJSON}
)

// nothingElse ends the policy of what no person looks at.
const nothingElse = "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

// morePolicy is what single routes need beyond what all have. The phone's page is
// installed, and works offline by a worker.
var morePolicy = map[string][]string{
	"/phone": {"manifest-src 'self'", "worker-src 'self'"},
}

// contentPolicy returns the Content-Security-Policy of a route.
func (a *App) contentPolicy(route, nonce string) string {
	formAction := "form-action 'self'"
	if route == views.PathSignIn || route == views.PathStepUp {
		formAction = strings.TrimSpace(formAction + " https: " + a.staff)
	}
	rules := []string{
		"default-src 'none'", "script-src 'nonce-" + nonce + "'", "connect-src 'self'", "style-src 'self'", "img-src 'self'",
		formAction, "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'",
	}
	return strings.Join(append(rules, morePolicy[route]...), "; ")
}

// scanning are the routes whose pages take a scan, also from a camera or a serial port.
var scanning = []string{
	views.PathCounter, views.PathSearch, views.AccountPath(":id"), views.ProofPath(":id"), views.PathScanner,
}

// permissions returns the Permissions-Policy of a route.
func permissions(route string) string {
	devices := "camera=(), serial=()"
	if slices.Contains(scanning, route) {
		devices = "camera=(self), serial=(self)"
	}
	return devices + ", geolocation=(), microphone=(), payment=(), usb=()"
}

package web

import (
	"strings"

	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Headers sets the security headers of every answer. There is no script at all, no
// inline style, nothing from elsewhere. A form goes to ourselves only; but browsers hold
// a form's redirects to the same rule, so that the form which begins a sign-in may lead
// to the staff's provider and to wherever that provider sends people, by https.
func (a *App) Headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		formAction := "'self'"
		if c.Path() == views.PathSignIn {
			formAction = strings.TrimSpace("'self' https: " + a.staff)
		}
		header := c.Response().Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action "+formAction+
			"; base-uri 'none'; object-src 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if a.secure {
			header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

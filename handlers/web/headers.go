package web

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// Headers sets the security headers of every answer. There is no script at all, no
// inline style, nothing from elsewhere; a form may only go to ourselves and, by the
// redirect that begins a sign-in, to the staff's provider.
func (a *App) Headers(next echo.HandlerFunc) echo.HandlerFunc {
	formAction := strings.TrimSpace("'self' " + a.staff)
	policy := "default-src 'none'; style-src 'self'; img-src 'self'; form-action " + formAction +
		"; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	return func(c echo.Context) error {
		header := c.Response().Header()
		header.Set("Content-Security-Policy", policy)
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

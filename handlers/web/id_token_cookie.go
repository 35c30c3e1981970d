package web

import (
	"net/http"

	"countersign/views"

	"github.com/labstack/echo/v4"
)

// longestCookie is what browsers keep of one cookie, its name and attributes included
// (RFC 6265 §6.1), with room for these.
const longestCookie = 3900

// KeepIDToken keeps the ID token of a sign-in in the browser, sealed, until it signs out: the
// provider wants it then (OpenID Connect RP-Initiated Logout 1.0 §2). It is sent to that one
// page alone. One that is too long for a cookie is not kept, and neither is an older one.
func (a *App) KeepIDToken(c echo.Context, raw string) {
	sealed, err := a.Store.SealIDToken(raw)
	if err != nil || len(sealed) > longestCookie {
		sealed = ""
	}
	a.setIDToken(c, sealed)
}

// TakeIDToken returns what KeepIDToken kept, "" for nothing, and takes it away.
func (a *App) TakeIDToken(c echo.Context) string {
	cookie, err := c.Cookie(a.idTokenCookie())
	if err != nil {
		return ""
	}
	a.setIDToken(c, "")
	raw, _ := a.Store.OpenIDToken(cookie.Value)
	return raw
}

func (a *App) setIDToken(c echo.Context, sealed string) {
	cookie := &http.Cookie{
		Name: a.idTokenCookie(), Value: sealed, Path: views.PathSignedOut, Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(a.Store.Policy().SessionLifetime.Seconds()),
	}
	if sealed == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// idTokenCookie has the prefix of a cookie with a path of its own (RFC 6265bis §4.1.3.1).
func (a *App) idTokenCookie() string {
	if a.secure {
		return "__Secure-countersign-id-token"
	}
	return "countersign-id-token"
}

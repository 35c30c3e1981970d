package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

const sessionKey = "session"

// SessionOf returns the session that an access rule for staff let in; the zero Session on
// a public page.
func SessionOf(c echo.Context) models.Session {
	session, _ := c.Get(sessionKey).(models.Session)
	return session
}

// requireStaff lets in a live session that fits the rule. Somebody who is not signed
// in is led to the sign-in and back to the page they wanted.
func (a *App) requireStaff(rule Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			find := a.Store.Session
			if c.Request().Method == http.MethodGet && c.Request().Header.Get("HX-Request") != "" { // no person did this: htmx only refreshes
				find = a.Store.SessionUnattended
			}
			session, err := find(c.Request().Context(), a.SessionCookie(c))
			if errors.Is(err, models.ErrSessionEnded) && c.Request().Method == http.MethodGet {
				return c.Redirect(http.StatusSeeOther, signInAddress(c.Request().URL.Path))
			}
			if err != nil {
				return err
			}
			c.Set(sessionKey, session)
			c.Response().Header().Set("Cache-Control", "no-store")
			if err := fits(session, rule, c); err != nil {
				return err
			}
			if needsCounter(session, rule) && session.Counter == nil {
				return c.Redirect(http.StatusSeeOther, openCounterAddress(c))
			}
			return next(c)
		}
	}
}

// Recognise lets a page for everybody know who is signed in, for SessionOf. When that cannot
// be known now, the reader is a stranger: such a page needs no database.
func (a *App) Recognise(c echo.Context) {
	session, err := a.Store.Session(c.Request().Context(), a.SessionCookie(c))
	if err != nil {
		return
	}
	c.Set(sessionKey, session)
	c.Response().Header().Set("Cache-Control", "no-store")
}

// needsCounter: a supervisor is a second person wherever they are.
func needsCounter(session models.Session, rule Access) bool {
	return rule == AtCounter || rule == SecondPerson && !session.Has(models.Supervisor)
}

// fits holds a session to a rule. Errors: models.ErrNotAllowed, models.ErrCounterNetwork.
func fits(session models.Session, rule Access, c echo.Context) error {
	switch rule {
	case SignedIn:
		return nil
	case Operator, AtCounter:
		if !session.Has(models.Operator) {
			return models.ErrNotAllowed
		}
		if rule == AtCounter && session.Counter != nil && !session.Counter.Allows(Address(c)) {
			return models.ErrCounterNetwork
		}
		return nil
	case SecondPerson:
		if session.Has(models.Supervisor) {
			return nil
		}
		return fits(session, AtCounter, c)
	case Supervisor:
		if session.Has(models.Supervisor) {
			return nil
		}
	case Administrator:
		if session.Has(models.Administrator) {
			return nil
		}
	}
	return models.ErrNotAllowed
}

func signInAddress(returnTo string) string {
	return views.PathSignIn + "?" + url.Values{"return_to": {returnTo}}.Encode()
}

// openCounterAddress asks for a counter, and leads back to a page that was wanted; a
// form has to be sent again.
func openCounterAddress(c echo.Context) string {
	if c.Request().Method != http.MethodGet {
		return views.PathOpenCounter
	}
	return OpenCounterAddress(c.Request().URL.Path)
}

// OpenCounterAddress asks for a counter, and leads on to a page of ours.
func OpenCounterAddress(returnTo string) string {
	if returnTo = LocalPath(returnTo); returnTo == "/" {
		return views.PathOpenCounter
	}
	return views.PathOpenCounter + "?" + url.Values{"return_to": {returnTo}}.Encode()
}

// LocalPath keeps a path of ours and makes everything else "/": nobody is led away by
// a return_to.
func LocalPath(path string) string {
	parsed, err := url.Parse(path)
	if err != nil || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") || parsed.Host != "" {
		return "/"
	}
	return parsed.EscapedPath()
}

// LocalAddress keeps an address of ours with its query, and makes everything else "".
func LocalAddress(address string) string {
	path, query, _ := strings.Cut(address, "?")
	if path = LocalPath(path); path == "/" {
		return ""
	}
	return (&url.URL{Path: path, RawQuery: query}).String()
}

// SessionCookie returns the value of the session's cookie, "" when there is none.
func (a *App) SessionCookie(c echo.Context) string { return a.Cookie(c, "") }

// SetSessionCookie signs the browser in; "" signs it out.
func (a *App) SetSessionCookie(c echo.Context, token string) {
	a.SetCookie(c, "", token, a.Store.Policy().SessionLifetime)
}

// LastCounter returns the counter that this browser opened last, "" when it never did: a
// proposal, not a permission.
func (a *App) LastCounter(c echo.Context) string { return a.Cookie(c, "-counter") }

// SetLastCounter remembers it.
func (a *App) SetLastCounter(c echo.Context, id string) {
	a.SetCookie(c, "-counter", id, 365*24*time.Hour)
}

// cookieName carries the __Host- prefix wherever the browser honours it. On plain
// loopback HTTP not every browser keeps Secure cookies.
func (a *App) cookieName(suffix string) string {
	if a.secure {
		return "__Host-countersign" + suffix
	}
	return "countersign" + suffix
}

// Cookie returns the value of one of our cookies, "" when the browser sends none. The suffix
// follows the name that all have.
func (a *App) Cookie(c echo.Context, suffix string) string {
	cookie, err := c.Cookie(a.cookieName(suffix))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// SetCookie sets one of our cookies for a while; an empty value takes it away. No script
// reads it, and over https the browser sends it back to this host only.
func (a *App) SetCookie(c echo.Context, suffix, value string, length time.Duration) {
	cookie := &http.Cookie{
		Name: a.cookieName(suffix), Value: value, Path: "/", MaxAge: int(length.Seconds()),
		Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/views"

	"github.com/labstack/echo/v4"
)

// languageFor is how long a browser keeps the language that its person chose.
const languageFor = 365 * 24 * time.Hour

// languageChosen names the cookie that tells the next page that its reader has just chosen
// a language, and languageChosenFor is how long it waits for that page.
const (
	languageChosen    = "-language-chosen"
	languageChosenFor = time.Minute
)

// Speak gives every request of a person the language of its reader: the one chosen on our own
// pages, else what the browser asks for (RFC 9110 §12.5.4), else English.
func (a *App) Speak(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.isForClients(c) {
			return next(c)
		}
		tag := a.Words.Match(a.Cookie(c, "-language"), c.Request().Header.Get("Accept-Language"))
		c.SetRequest(c.Request().WithContext(a.Words.In(c.Request().Context(), tag)))
		return next(c)
	}
}

// ChooseLanguage keeps the language that a person chose, and goes back to the page.
func (a *App) ChooseLanguage(c echo.Context) error {
	if chosen, there := a.Words.Language(Field(c, "language")); there {
		a.SetCookie(c, "-language", chosen.Tag.String(), languageFor)
		a.SetCookie(c, languageChosen, "yes", languageChosenFor)
	}
	path, query, _ := strings.Cut(Field(c, "return_to"), "?")
	back := url.URL{Path: LocalPath(path), RawQuery: query}
	return c.Redirect(http.StatusSeeOther, back.String())
}

// LanguageJustChosen reports, once, whether the reader of this page has just chosen another
// language, so that the same page is shown again.
func (a *App) LanguageJustChosen(c echo.Context) bool {
	if a.Cookie(c, languageChosen) == "" {
		return false
	}
	a.SetCookie(c, languageChosen, "", 0)
	return true
}

// speaksFor marks a page as one that is different for another reader's language.
func speaksFor(c echo.Context) {
	header := c.Response().Header()
	header.Add(echo.HeaderVary, "Accept-Language")
	header.Add(echo.HeaderVary, echo.HeaderCookie)
	header.Set("Content-Language", views.LanguageOf(c.Request().Context()).String())
}

// pathOf returns the page that a person looks at, to come back to; "" after a form. What a
// stranger's link puts behind a public page's path, a code perhaps, is not repeated.
func pathOf(c echo.Context) string {
	switch {
	case c.Request().Method != http.MethodGet:
		return ""
	case SessionOf(c).ID == "":
		return c.Request().URL.EscapedPath()
	}
	return c.Request().URL.RequestURI()
}

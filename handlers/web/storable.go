package web

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// storable refuses text that no database takes: NUL and invalid UTF-8, in the path, the
// query or a person's form. What clients send is held to its own rules (oauth), with
// their error codes; the query of their address is not looked at.
func storable(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, value := range c.ParamValues() {
			if !isText(value) {
				return echo.ErrNotFound
			}
		}
		if c.Get(audienceKey) != People {
			return next(c)
		}
		if !areText(c.QueryParams()) {
			return echo.ErrBadRequest
		}
		if c.Request().Method != http.MethodPost {
			return next(c)
		}
		if err := ReadForm(c); errors.Is(err, echo.ErrStatusRequestEntityTooLarge) {
			return err
		} else if err != nil || !areText(Fields(c)) {
			return echo.ErrBadRequest
		}
		return next(c)
	}
}

func areText(parameters map[string][]string) bool {
	for name, values := range parameters {
		if !isText(name) {
			return false
		}
		for _, value := range values {
			if !isText(value) {
				return false
			}
		}
	}
	return true
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

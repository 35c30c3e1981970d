package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"countersign/handlers/gate"

	"github.com/labstack/echo/v4"
)

// A place at work is given back however the request ends.
func TestPlaceIsGivenBack(t *testing.T) {
	for name, handle := range map[string]echo.HandlerFunc{
		"an answer":           func(echo.Context) error { return nil },
		"an error":            func(echo.Context) error { return echo.ErrNotFound },
		"a panic":             func(echo.Context) error { panic(http.ErrAbortHandler) },
		"it left before":      func(c echo.Context) error { LeavePlace(c); LeavePlace(c); return nil },
		"it stepped aside":    func(c echo.Context) error { stepAside(Aside(c))(); return nil },
		"a panic while aside": func(c echo.Context) error { stepAside(Aside(c)); panic("no answer") },
		"twice aside": func(c echo.Context) error {
			first, second := stepAside(Aside(c)), stepAside(Aside(c))
			second()
			first()
			return nil
		},
		"aside after it left":   func(c echo.Context) error { LeavePlace(c); stepAside(Aside(c))(); return nil },
		"it left after a while": func(c echo.Context) error { stepAside(Aside(c))(); LeavePlace(c); return nil },
	} {
		app := &App{Config: Config{Gates: GatesOf(map[Class]gate.Size{Phones: {AtWork: 1}})}}
		c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder())
		entered := false
		func() {
			defer func() { _ = recover() }()
			_ = app.admit(Phones)(func(c echo.Context) error {
				entered = app.Gates[Phones].Working() == 1
				return handle(c)
			})(c)
		}()
		if left := app.Gates[Phones].Working(); left != 0 || !entered {
			t.Errorf("%s: entered: %v, %d places are taken", name, entered, left)
		}
	}
}

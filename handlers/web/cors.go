package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// anyOrigin lets pages of other origins read what programs are answered (Fetch §3.2): an app
// in a browser is a client like any other. No cookie counts on these routes, and each
// request proves itself, so that a page learns what its own keys and tokens open.
func anyOrigin(c echo.Context) {
	header := c.Response().Header()
	header[echo.HeaderAccessControlAllowOrigin], header[echo.HeaderAccessControlExposeHeaders] = valueAnyOrigin, valueExposed
}

// mayAsk is how long a browser remembers a preflight's answer, in seconds: what Chromium
// takes at most.
const mayAsk = "7200"

// preflights adds an answer for OPTIONS to each path that programs use: which methods it
// has, and which headers a page of another origin may send (Fetch §3.2.2).
func preflights(routes []Route) []Route {
	methods, order := map[string][]string{}, []Route{}
	for _, route := range routes {
		if route.Audience != Clients {
			continue
		}
		if methods[route.Path] == nil {
			order = append(order, route)
		}
		methods[route.Path] = append(methods[route.Path], route.methods()...)
	}
	var added []Route
	for _, route := range order {
		allowed := strings.Join(append(methods[route.Path], http.MethodOptions), ", ")
		added = append(added, Route{
			Method: http.MethodOptions, Path: route.Path, Access: Public, Audience: Clients, Origins: AnyOrigin, Body: NoBody, Clear: route.Clear,
			Class:  NoClass,
			Handle: func(c echo.Context) error { return preflight(c, allowed) },
		})
	}
	return added
}

func preflight(c echo.Context, methods string) error {
	header := c.Response().Header()
	header.Set(echo.HeaderAllow, methods)
	header.Set(echo.HeaderAccessControlAllowMethods, methods)
	header.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, DPoP")
	header.Set(echo.HeaderAccessControlMaxAge, mayAsk)
	return c.NoContent(http.StatusNoContent)
}

// methods are those that the route answers: HEAD wherever GET is (RFC 9110 §9.1), unless a
// GET does something.
func (r Route) methods() []string {
	if r.Method != http.MethodGet || r.Acts {
		return []string{r.Method}
	}
	return []string{http.MethodGet, http.MethodHead}
}

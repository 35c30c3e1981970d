package web

import "github.com/labstack/echo/v4"

// TraceRequests makes a span of each request, in whose context the rest is done. It stands before the line of the log, which
// names the trace, and inside of what identifies the request. Without traces it is left out.
func (a *App) TraceRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		method := knownMethod(request.Method)
		if method == otherMethod {
			method = ""
		}
		ctx, span := a.Traces.Request(request.Context(), request.Header, a.isFromProxy(request))
		c.SetRequest(request.WithContext(ctx))
		defer func() { span.End(c.Path(), method, c.Response().Status) }()
		return next(c)
	}
}

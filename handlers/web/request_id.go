package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"log/slog"
	"net/http"
	"regexp"

	"countersign/handlers/traces"

	"github.com/labstack/echo/v4"
)

// requestIDAttr is the name of a request's identifier in the log.
const requestIDAttr = "request_id"

// lowerBase32 is RFC 4648 §6 in lower case.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")

// proxysID is what a proxy may call a request: hexadecimal digits, also as a UUID, which nginx, HAProxy, Caddy and Envoy make. Nothing
// that is secret here has only such characters, so that none gets into a log by this way.
var proxysID = regexp.MustCompile(`^[0-9A-Fa-f-]{8,64}$`)

type requestIDKey struct{}

// IdentifyRequests gives every request an identifier, in X-Request-Id of its answer, on its lines in the log and on pages of
// trouble. It is ours, since what a stranger sends as one would stand in the log; a trusted proxy's own is taken. That proxy must
// set or drop the header of its clients, as those of docs/proxies do: here the two cannot be told apart.
func (a *App) IdentifyRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := a.idFromProxy(c.Request())
		if id == "" {
			var random [10]byte
			if _, err := rand.Read(random[:]); err != nil {
				return err
			}
			id = lowerBase32.EncodeToString(random[:])
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), requestIDKey{}, id)))
		return next(c)
	}
}

func (a *App) idFromProxy(request *http.Request) string {
	said := request.Header.Get(echo.HeaderXRequestID)
	if said == "" || !proxysID.MatchString(said) {
		return ""
	}
	if !a.isFromProxy(request) {
		return ""
	}
	return said
}

// RequestID returns the name of the request, as the log has it and pages of trouble tell it.
func RequestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// LogByRequest returns a handler that adds its request's identifier to each line which has none, wherever it was logged: what
// the database says is found by it too. Where a trace is recorded, each line names that and its span.
func LogByRequest(to slog.Handler) slog.Handler { return byRequest{to} }

type byRequest struct{ slog.Handler }

// Handle is slog.Handler's.
func (h byRequest) Handle(ctx context.Context, line slog.Record) error {
	id, is := ctx.Value(requestIDKey{}).(string)
	if is && !names(line) {
		line.AddAttrs(slog.String(requestIDAttr, id))
	}
	if traceID, spanID, recorded := traces.IDs(ctx); recorded {
		line.AddAttrs(slog.String("trace_id", traceID), slog.String("span_id", spanID))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs is slog.Handler's.
func (h byRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return byRequest{h.Handler.WithAttrs(attrs)}
}

// WithGroup is slog.Handler's.
func (h byRequest) WithGroup(name string) slog.Handler { return byRequest{h.Handler.WithGroup(name)} }

// names reports whether a line says already which request it is about.
func names(line slog.Record) bool {
	found := false
	line.Attrs(func(attr slog.Attr) bool {
		found = attr.Key == requestIDAttr
		return !found
	})
	return found
}

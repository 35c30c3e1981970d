package web

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"countersign/views"

	"github.com/labstack/echo/v4"
)

// ErrInClear says that a request came to a server of an https issuer in clear.
var ErrInClear = errors.New("the request came in clear")

// encrypted refuses what did not come encrypted, before anything of it is read (RFC 8628
// §3.1, RFC 6749 §3.2): a port that is open to the world by mistake takes no
// credential and gives no token in clear. A server whose issuer is plain http, on
// loopback, has nothing to refuse.
func (a *App) encrypted(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a.secure && !a.cameEncrypted(c.Request()) {
			return ErrInClear
		}
		return next(c)
	}
}

// cameEncrypted reports whether the request could not be read on its way: it came over our
// own TLS, or from a configured proxy that says so of its own client, or it never left
// this machine. What a proxy says of a clear connection is believed before all of these;
// what a stranger says is not looked at (docs/protocol.md §6 forged-address).
func (a *App) cameEncrypted(request *http.Request) bool {
	from := connectionAddress(request)
	proxied := a.isFromProxy(request)
	scheme := forwardedScheme(request)
	if (proxied || from.IsLoopback()) && scheme != "" && scheme != "https" {
		return false
	}
	return request.TLS != nil || from.IsLoopback() || proxied && scheme == "https"
}

// connectionAddress returns where the connection itself comes from, and looks at no header;
// the zero Addr, which is in no network, when that cannot be told.
func connectionAddress(request *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return plain(from.Addr())
}

// forwardedScheme returns what X-Forwarded-Proto says: "https" only when every proxy on the
// way says so; "" when none says anything.
func forwardedScheme(request *http.Request) string {
	values := request.Header.Values(echo.HeaderXForwardedProto)
	if len(values) == 0 {
		return ""
	}
	said := strings.Join(values, ",")
	for scheme := range strings.SplitSeq(said, ",") {
		if !strings.EqualFold(strings.TrimSpace(scheme), "https") {
			return "http"
		}
	}
	return "https"
}

func (a *App) inClearPage(c echo.Context) views.ErrorProps {
	say := views.Speaker(c.Request().Context())
	return views.ErrorProps{
		Heading:  say("This connection is not encrypted"),
		What:     say("The request came to this server in clear, so that others could read it. It was refused, and nothing was changed."),
		Next:     say("Use the address below. If you came from there, tell whoever runs this server."),
		LinkText: a.Issuer, LinkURL: a.Issuer + "/",
	}
}

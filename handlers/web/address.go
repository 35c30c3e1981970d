package web

import (
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// AddressFrom is how the server learns where a request comes from: the connection's own
// address, or what a configured proxy says of it in X-Forwarded-For. A stranger's
// X-Forwarded-For changes nothing (docs/protocol.md §6 forged-address).
//
// What a proxy says and nobody can read ("unknown", "_hidden", nothing at all) is no address, and never the proxy's
// own: else everybody behind it would stand in the proxy's network, open its counters and share one bucket. That, and
// an X-Forwarded-For or Forwarded (RFC 7239) of somebody who is no configured proxy, are warned of: the first once, the
// second once an hour for a network, and for 16 networks at most. So no stranger uses up the warning of the proxy.
func AddressFrom(proxies []netip.Prefix, now func() time.Time, log *slog.Logger) echo.IPExtractor {
	a := &addresses{proxies: proxies, now: now, log: log, ignored: map[netip.Prefix]time.Time{}}
	return a.of
}

// headerForwarded is RFC 7239's. It is never read: what a proxy says stands in X-Forwarded-For.
const headerForwarded = "Forwarded"

const (
	ignoredAgain    = time.Hour // after which a network is warned of again
	ignoredNetworks = 16        // of which it is known that they were warned of
)

type addresses struct {
	proxies []netip.Prefix
	now     func() time.Time
	log     *slog.Logger

	unread sync.Once // it is warned of once

	mu      sync.Mutex                 // guards ignored
	ignored map[netip.Prefix]time.Time // when each network was warned of; ignoredNetworks at most
}

// of returns the address of a request as text, "" when it cannot be told.
func (a *addresses) of(request *http.Request) string {
	from := connectionAddress(request)
	said := request.Header.Values(echo.HeaderXForwardedFor)
	if !from.IsValid() {
		return ""
	}
	if !a.isProxy(from) {
		a.warnOfIgnored(request, from)
		return from.String()
	}
	client, told := a.client(strings.Split(strings.Join(said, ","), ","))
	if !told && !isProbe(request) {
		a.unread.Do(func() {
			a.log.WarnContext(request.Context(), "a proxy did not say where a request comes from", "proxy", from.String(),
				"effect", "such requests are in no counter's network", "next", "let the proxy append the client's address to X-Forwarded-For")
		})
	}
	if !told {
		return ""
	}
	return client.String()
}

// isProbe reports a request that a proxy makes of its own accord, to see whether the server is well.
func isProbe(request *http.Request) bool {
	return request.URL != nil && (request.URL.Path == "/readyz" || request.URL.Path == "/healthz")
}

// warnOfIgnored is of a header that only a configured proxy may send. Where the proxy in front is not configured,
// everybody behind it has its address, and one bucket of each limit.
func (a *addresses) warnOfIgnored(request *http.Request, from netip.Addr) {
	for _, name := range []string{echo.HeaderXForwardedFor, headerForwarded} {
		if len(request.Header.Values(name)) == 0 {
			continue
		}
		if a.isNews(from) {
			a.log.WarnContext(request.Context(), "what a proxy may say was ignored", "header", name, "from", from.String(),
				"effect", "all requests from there count as one address",
				"next", "if that is the proxy in front of this server, name it with --trusted-proxy; otherwise there is nothing to do")
		}
		return
	}
}

// isNews reports that the network of an address (/24, /48) was not warned of within the hour, and keeps that it is now. With
// ignoredNetworks of that hour nothing is news.
func (a *addresses) isNews(from netip.Addr) bool {
	bits := 48
	if from.Is4() {
		bits = 24
	}
	network, now := netip.PrefixFrom(from, bits).Masked(), a.now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if told, known := a.ignored[network]; known && now.Sub(told).Abs() < ignoredAgain {
		return false
	}
	maps.DeleteFunc(a.ignored, func(_ netip.Prefix, told time.Time) bool { return now.Sub(told).Abs() >= ignoredAgain })
	if len(a.ignored) >= ignoredNetworks {
		return false
	}
	a.ignored[network] = now
	return true
}

// client returns the last address that no configured proxy has: each proxy appends where its own client is. When all
// are proxies, it is the first. false when an address on the way cannot be read, or there is none.
func (a *addresses) client(said []string) (client netip.Addr, told bool) {
	for _, one := range slices.Backward(said) {
		if one = strings.TrimSpace(one); one == "" { // RFC 9110 §5.6.1: empty members of a list do not count
			continue
		}
		if client, told = forwardedAddress(one); !told || !a.isProxy(client) {
			return client, told
		}
	}
	return client, told
}

func (a *addresses) isProxy(address netip.Addr) bool { return isIn(address, a.proxies) }

// isFromProxy reports whether the connection is a configured proxy's.
func (a *App) isFromProxy(request *http.Request) bool {
	return isIn(connectionAddress(request), a.TrustedProxies)
}

func isIn(address netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(network netip.Prefix) bool { return network.Contains(address) })
}

// forwardedAddress reads one member of X-Forwarded-For: an address, in brackets or not, with a port or not, in quotes
// or not (RFC 7239 §6 has the same forms).
func forwardedAddress(text string) (netip.Addr, bool) {
	text = strings.Trim(text, `"`)
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return plain(withPort.Addr()), true
	}
	if inside, is := strings.CutPrefix(text, "["); is {
		text = strings.TrimSuffix(inside, "]")
	}
	address, err := netip.ParseAddr(text)
	return plain(address), err == nil
}

// plain takes away what is not of the address: the IPv6 form of an IPv4 address, and the zone.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

// networkOf returns the network that a request comes from, as limits and sibling requests
// count it: see models.NetworkOf. "" when it cannot be told.
func networkOf(c echo.Context) string { return models.NetworkOf(AddressText(c)) }

// within returns the key of something within a network. "" when the network cannot be told: no two such requests
// share a bucket.
func within(network, key string) string {
	if network == "" {
		return ""
	}
	return network + " " + key
}

// Address is where the request comes from, without a port; the zero Addr, which is in no network, when that cannot be
// told.
func Address(c echo.Context) netip.Addr {
	address, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return netip.Addr{}
	}
	return plain(address)
}

// AddressText is Address as text, "" when it cannot be told: what AddressFrom returns.
func AddressText(c echo.Context) string { return c.RealIP() }

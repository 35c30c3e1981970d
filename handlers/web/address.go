package web

import (
	"net"
	"net/netip"

	"countersign/models"

	"github.com/labstack/echo/v4"
)

// AddressFrom returns how the server learns where a request comes from: the connection's
// own address, or X-Forwarded-For when a configured proxy says it. A stranger's
// X-Forwarded-For changes nothing (docs/protocol.md §6 forged-address).
func AddressFrom(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{
		echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false),
	}
	for _, proxy := range proxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP:   proxy.Masked().Addr().AsSlice(),
			Mask: net.CIDRMask(proxy.Bits(), proxy.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// networkOf returns the network that a request comes from, as limits and sibling requests
// count it: see models.NetworkOf.
func networkOf(c echo.Context) string { return models.NetworkOf(Address(c).String()) }

// Address returns where the request comes from, without a port.
func Address(c echo.Context) netip.Addr {
	address, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return netip.IPv6Unspecified()
	}
	return address.Unmap().WithZone("")
}

package keyfetch

import (
	"fmt"
	"net/netip"
	"syscall"
)

// publicOnly judges the address that is about to be connected to, after the name was
// looked up: a name that resolves to another address the second time wins nothing.
func publicOnly(allowed []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%q is no address", address)
		}
		ip := target.Addr().Unmap().WithZone("")
		for _, network := range allowed {
			if network.Contains(ip) {
				return nil
			}
		}
		if !isPublic(ip) {
			return failedNotPublic
		}
		return nil
	}
}

// isPublic keeps to global unicast addresses that no registry sets aside (IANA's
// special-purpose address registries). Of IPv6 only 2000::/3 is global unicast.
func isPublic(ip netip.Addr) bool {
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, special := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // Teredo and 6to4 among them: they hide IPv4 addresses
	} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return true
}

package models

import "net/netip"

// NetworkOf is what limits count by instead of an address: an IPv4 address itself, and of
// an IPv6 address its /64, within which everybody makes up addresses as they like. Of an
// address that a translator has made, 64:ff9b::/96, it is the IPv4 address inside: all of
// them have one /64 (RFC 6052 §2.1, RFC 7755). "" for what is no address.
func NetworkOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if parsed.Is4() {
		return address // there is one way to write it
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String()
	}
	if translated.Contains(parsed) {
		inside := parsed.As16()
		return netip.AddrFrom4([4]byte(inside[12:])).String()
	}
	const subnet = 64
	return netip.PrefixFrom(parsed, subnet).Masked().String()
}

var translated = netip.MustParsePrefix("64:ff9b::/96")

// addressText is what rows and events keep of an address: "" when it could not be told.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

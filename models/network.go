package models

import "net/netip"

// NetworkOf is what limits count by instead of an address: an IPv4 address itself, and of
// an IPv6 address its /64, within which everybody makes up addresses as they like. ""
// for what is no address.
func NetworkOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	parsed = parsed.Unmap().WithZone("")
	if parsed.Is4() {
		return parsed.String()
	}
	const subnet = 64
	return netip.PrefixFrom(parsed, subnet).Masked().String()
}

// addressText is what rows and events keep of an address: "" when it could not be told.
func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

package keyfetch

import (
	"net/netip"
	"testing"
)

// The address is judged when it is connected to, so that a name which resolves to another
// one the second time wins nothing (docs/protocol.md §6 slow-and-huge).
func TestOnlyPublicAddressesAreDialled(t *testing.T) {
	control := publicOnly([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")})
	for address, allowed := range map[string]bool{
		"93.184.216.34:443": true, "[2606:4700::1111]:443": true, "8.8.8.8:8443": true,
		"10.1.2.3:443": true, "[fd00::1]:443": true, "[::ffff:10.1.2.3]:443": true,

		"127.0.0.1:443": false, "127.255.255.254:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false,
		"0.0.0.0:443": false, "[::]:443": false, "10.0.0.1:443": false, "172.31.255.255:443": false, "192.168.1.1:443": false,
		"169.254.169.254:80": false, "[::ffff:169.254.169.254]:80": false, "[fe80::1%eth0]:443": false, "100.64.0.1:443": false,
		"198.18.0.1:443": false, "192.0.0.192:443": false, "192.0.2.1:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false,
		"[fc00::1]:443": false, "[ff02::1]:443": false, "[64:ff9b::a00:1]:443": false, "[2002:7f00:1::]:443": false,
		"[2001::1]:443": false, "[2001:db8::1]:443": false, "[100::1]:443": false,
		"localhost:443": false, "": false, "127.0.0.1": false,
	} {
		if err := control("tcp", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

package limits

import (
	"net/netip"
	"time"
)

// Networks is one kind of limit by network. Networks are nested: whoever has a /48 of IPv6
// addresses has 65,536 networks of 64 bits, so that a request takes a place in the bucket
// of its /64, of its /56 and of its /48, and one from an IPv4 address in those of the
// address and of its /24. A wider bucket is larger and fills faster. A ceiling, if there
// is one, is for all requests of the process together. A nil Networks limits nothing.
type Networks struct {
	widths  [3]*Buckets // from narrow to wide
	ceiling *Buckets
}

// everybody is the key of a ceiling.
const everybody = "everybody"

// What the wider networks have, as a multiple of the narrowest.
var wider = [3]int{1, 4, 16}

// NewNetworks returns nil, which limits nothing, when limits are off. The rates are those
// of the narrowest network. What says in plain words what there is too much of.
func NewNetworks(what string, level Level, normal, strict Rate) *Networks {
	if level == Off {
		return nil
	}
	n := &Networks{}
	for i, times := range wider {
		n.widths[i] = NewBuckets(what, level, normal.times(times), strict.times(times))
	}
	return n
}

// under sets a ceiling and returns n.
func (n *Networks) under(ceiling *Buckets) *Networks {
	if n != nil {
		n.ceiling = ceiling
	}
	return n
}

func (r Rate) times(n int) Rate { return Rate{r.Burst * n, r.Every / time.Duration(n)} }

// Places returns the places that a request needs. network is an IPv4 address, or an IPv6
// /64 in the notation of RFC 4291 §2.3; "", when it cannot be told, is in no network, and
// needs a place under the ceiling alone.
func (n *Networks) Places(network string) []Place {
	if n == nil {
		return nil
	}
	var places []Place
	for i, key := range nested(network) {
		if key != "" {
			places = append(places, Place{n.widths[i], key})
		}
	}
	if n.ceiling != nil {
		places = append(places, Place{n.ceiling, everybody})
	}
	return places
}

// nested returns the networks around a network, from narrow to wide; "" where there is
// none of that width. What is no network at all is its own.
func nested(network string) [3]string {
	if address, err := netip.ParseAddr(network); err == nil {
		return [3]string{network, "", around(address, 24)}
	}
	if prefix, err := netip.ParsePrefix(network); err == nil {
		return [3]string{network, around(prefix.Addr(), 56), around(prefix.Addr(), 48)}
	}
	return [3]string{network}
}

func around(address netip.Addr, bits int) string {
	return netip.PrefixFrom(address, bits).Masked().String()
}

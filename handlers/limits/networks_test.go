package limits_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/handlers/limits"
)

// admitted counts how many of n requests are let in at once, each from the network that
// from names.
func admitted(l *limits.Limits, n *limits.Networks, count int, from func(i int) string) (in int) {
	for i := range count {
		if what, _ := l.Take(n.Places(from(i)), noon); what == "" {
			in++
		}
	}
	return in
}

// docs/protocol.md §6 many-networks: whoever has more addresses has not as many times the
// places: a /56 has 4 times those of a /64, a /48 and an IPv4 /24 have 16 times.
func TestNetworksAreNested(t *testing.T) {
	for name, test := range map[string]struct {
		from func(i int) string
		want int
	}{
		"one /64":             {func(int) string { return "2001:db8:0:1::/64" }, 10},
		"256 /64 of a /56":    {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::/64", i%256) }, 40},
		"65,536 /64 of a /48": {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::/64", i*37%65536) }, 160},
		"two /48":             {func(i int) string { return fmt.Sprintf("2001:db8:%x:%x::/64", i%2, i*37%65536) }, 320},
		"one address":         {func(int) string { return "192.0.2.7" }, 10},
		"a /24":               {func(i int) string { return fmt.Sprintf("192.0.2.%d", i%256) }, 160},
		"cannot be told":      {func(int) string { return "" }, 3000},
	} {
		networks := limits.NewNetworks("requests", limits.Default, limits.Rate{Burst: 10, Every: time.Minute}, limits.Rate{})
		if in := admitted(limits.New(limits.Default, nil), networks, 3000, test.from); in != test.want {
			t.Errorf("%s: %d of 3000 are let in, want %d", name, in, test.want)
		}
	}
}

// A stranger in a wide network leaves the neighbours the places of their own networks, and
// a narrow network that is full takes nothing of the wide one.
func TestFullNetworkTakesNothingOfTheWiderOnes(t *testing.T) {
	l := limits.New(limits.Default, nil)
	networks := limits.NewNetworks("requests", limits.Default, limits.Rate{Burst: 10, Every: time.Minute}, limits.Rate{})
	admitted(l, networks, 1000, func(int) string { return "2001:db8:0:1::/64" })
	if in := admitted(l, networks, 10, func(int) string { return "2001:db8:0:2::/64" }); in != 10 {
		t.Errorf("%d of the neighbour's requests are let in", in)
	}
}

// All strangers of a process together are held to a ceiling, also those whose address
// cannot be told.
func TestCeilingOfAllStrangers(t *testing.T) {
	for _, from := range []func(i int) string{
		func(i int) string { return fmt.Sprintf("2001:db8:%x:1::/64", i) }, func(int) string { return "" },
	} {
		l := limits.New(limits.Default, nil)
		in := 0
		for i := range 5000 {
			turn := limits.Turn{Of: l.Registrations, Network: from(i), Who: fmt.Sprint(i)}
			if _, what, _ := l.TakeTurn(turn, noon); what == "" {
				in++
			}
		}
		if in != 1200 {
			t.Errorf("%d of 5000 are let in", in)
		}
		if in := admitted(l, l.Events, 5000, from); in != limits.DefaultEvents {
			t.Errorf("%d of 5000 acts have events", in)
		}
	}
}

// docs/decisions/0035-counted-events.md: how many acts of strangers have events is the setting's, or the level's; one network
// has a twentieth of it.
func TestEventsOfStrangers(t *testing.T) {
	const unlimited = 5000
	for _, test := range []struct {
		level           limits.Level
		asked           int
		all, ofANetwork int
	}{
		{limits.Default, 0, 600, 30}, {limits.Strict, 0, 200, 10}, {limits.Off, 0, unlimited, unlimited},
		{limits.Default, 40, 40, 2}, {limits.Off, 40, 40, 2}, {limits.Strict, 5, 5, 1}, {limits.Strict, -1, unlimited, unlimited},
	} {
		l := limits.New(test.level, nil)
		l.Events = limits.EventsOfStrangers(test.level, test.asked)
		if got := admitted(l, l.Events, unlimited, func(int) string { return "198.51.100.7" }); got != test.ofANetwork {
			t.Errorf("%s, %d: %d events of one network, want %d", test.level, test.asked, got, test.ofANetwork)
		}
		l.Events = limits.EventsOfStrangers(test.level, test.asked)
		if got := admitted(l, l.Events, unlimited, func(i int) string { return fmt.Sprintf("2001:db8:%x:1::/64", i) }); got != test.all {
			t.Errorf("%s, %d: %d events of all, want %d", test.level, test.asked, got, test.all)
		}
	}
}

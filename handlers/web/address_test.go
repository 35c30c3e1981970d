package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/web"
)

// prefixes are networks of proxies.
func prefixes(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// docs/protocol.md §6 forged-address, untold-address: what a configured proxy says is read in all usual forms, and
// what cannot be read is no address, never the proxy's own.
func TestAddressFrom(t *testing.T) {
	loopback := prefixes("127.0.0.0/8")
	for _, c := range []struct {
		name    string
		proxies []netip.Prefix
		from    string
		said    []string
		want    string
	}{
		{"no proxy", nil, "198.51.100.9:1234", nil, "198.51.100.9"},
		{"a stranger's header", nil, "198.51.100.9:1234", []string{"203.0.113.5"}, "198.51.100.9"},
		{"another than the proxy", loopback, "198.51.100.9:1234", []string{"203.0.113.5"}, "198.51.100.9"},
		{"the proxy", loopback, "127.0.0.1:1234", []string{"203.0.113.5"}, "203.0.113.5"},
		{"a proxy on a socket of both kinds", loopback, "[::ffff:127.0.0.1]:1234", []string{"203.0.113.5"}, "203.0.113.5"},
		{"with a port", loopback, "127.0.0.1:1234", []string{"203.0.113.5:40000"}, "203.0.113.5"},
		{"brackets", loopback, "127.0.0.1:1234", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"brackets and a port", loopback, "127.0.0.1:1234", []string{"[2001:db8::7]:40000"}, "2001:db8::7"},
		{"quotes", loopback, "127.0.0.1:1234", []string{`"[2001:db8::7]:40000"`}, "2001:db8::7"},
		{"bare IPv6", loopback, "127.0.0.1:1234", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv4 in IPv6", loopback, "127.0.0.1:1234", []string{"::ffff:203.0.113.5"}, "203.0.113.5"},
		{"a zone", loopback, "127.0.0.1:1234", []string{"fe80::1%eth0"}, "fe80::1"},
		{"the last that is no proxy", loopback, "127.0.0.1:1234", []string{"192.0.2.1, 203.0.113.5, 127.0.0.2"}, "203.0.113.5"},
		{"several lines", loopback, "127.0.0.1:1234", []string{"192.0.2.1", "203.0.113.5"}, "203.0.113.5"},
		{"blanks and empty members", loopback, "127.0.0.1:1234", []string{"  203.0.113.5  , ,"}, "203.0.113.5"},
		{"proxies alone", loopback, "127.0.0.1:1234", []string{"127.0.0.3, 127.0.0.2"}, "127.0.0.3"},

		{"unknown", loopback, "127.0.0.1:1234", []string{"unknown"}, ""},
		{"a name for one that is hidden", loopback, "127.0.0.1:1234", []string{"203.0.113.5, _hidden"}, ""},
		{"nothing", loopback, "127.0.0.1:1234", nil, ""},
		{"an empty line", loopback, "127.0.0.1:1234", []string{""}, ""},
		{"a host name", loopback, "127.0.0.1:1234", []string{"phone.example"}, ""},
		{"a number that is too large", loopback, "127.0.0.1:1234", []string{"203.0.113.555"}, ""},
		{"a port that is none", loopback, "127.0.0.1:1234", []string{"203.0.113.5:http"}, ""},
		{"unread behind a proxy of its own", loopback, "127.0.0.1:1234", []string{"203.0.113.5, unknown, 127.0.0.2"}, ""},
		{"no connection's address", loopback, "@", []string{"203.0.113.5"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := &http.Request{RemoteAddr: c.from, Header: http.Header{}}
			for _, line := range c.said {
				request.Header.Add("X-Forwarded-For", line)
			}
			if got := web.AddressFrom(c.proxies, time.Now, slog.New(slog.DiscardHandler))(request); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Each trouble is warned of once, with what to do; the log never repeats what a stranger sent.
func TestUntoldAddressIsWarnedOfOnce(t *testing.T) {
	var log bytes.Buffer
	address := web.AddressFrom(prefixes("127.0.0.0/8"), time.Now, slog.New(slog.NewTextHandler(&log, nil)))
	address(&http.Request{RemoteAddr: "127.0.0.1:1", URL: &url.URL{Path: "/readyz"}}) // the proxy's own question
	if log.Len() > 0 {
		t.Errorf("of a proxy that asks whether the server is well the log says %s", log.String())
	}
	for range 3 {
		address(&http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{"X-Forwarded-For": {"_hidden"}}})
		address(&http.Request{RemoteAddr: "198.51.100.9:1", Header: http.Header{"X-Forwarded-For": {"203.0.113.77"}}})
	}
	said := log.String()
	if strings.Count(said, "did not say where a request comes from") != 1 ||
		strings.Count(said, "was ignored\" header=X-Forwarded-For") != 1 ||
		!strings.Contains(said, "--trusted-proxy") || strings.Contains(said, "_hidden") || strings.Contains(said, "203.0.113.77") {
		t.Errorf("the log says %s", said)
	}
}

// RFC 7239: a proxy that says Forwarded and is not configured is warned of in the same way.
func TestIgnoredForwardedIsWarnedOfOnce(t *testing.T) {
	var log bytes.Buffer
	address := web.AddressFrom(nil, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		got := address(&http.Request{RemoteAddr: "127.0.0.1:1", Header: http.Header{"Forwarded": {"for=203.0.113.77;proto=https"}}})
		if got != "127.0.0.1" {
			t.Errorf("the address is %q", got)
		}
	}
	said := log.String()
	if strings.Count(said, "was ignored\" header=Forwarded") != 1 || !strings.Contains(said, "count as one address") ||
		strings.Contains(said, "203.0.113.77") {
		t.Errorf("the log says %s", said)
	}
}

// A stranger does not use up the warning of the proxy in front: it comes once an hour for each network, and for 16 networks
// within an hour at most.
func TestIgnoredIsWarnedOfForEachNetwork(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	address := web.AddressFrom(prefixes("10.9.0.0/16"), func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	says := func(from string) bool {
		log.Reset()
		address(&http.Request{RemoteAddr: from, Header: http.Header{"X-Forwarded-For": {"203.0.113.77"}, "Forwarded": {"for=203.0.113.77"}}})
		return strings.Count(log.String(), "was ignored") == 1
	}
	for _, c := range []struct {
		from  string
		told  bool
		after time.Duration
	}{
		{from: "198.51.100.9:1", told: true}, // a stranger
		{from: "198.51.100.200:1"},           // of the same /24
		{from: "10.8.0.1:1", told: true},     // the proxy, which is not the one that is configured
		{from: "[2001:db8:1::1]:1", told: true},
		{from: "[2001:db8:1:2::1]:1"}, // of the same /48
		{from: "10.8.0.1:1", after: 59 * time.Minute},
		{from: "10.8.0.1:1", after: time.Minute, told: true},
	} {
		now = now.Add(c.after)
		if got := says(c.from); got != c.told {
			t.Errorf("of %s is warned: %t", c.from, got)
		}
	}
	now = now.Add(time.Hour)
	told := 0
	for i := range 300 {
		if says(fmt.Sprintf("192.0.%d.1:1", i%256)) {
			told++
		}
	}
	if told != 16 {
		t.Errorf("of %d networks is warned within an hour", told)
	}
}

package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// config check tries both addresses that serve takes, on both at once, and says what listens there already.
func TestConfigCheckTriesBothAddresses(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	other := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok, whatever") }))
	taken := other.Listener.Addr().String()
	const pages, told = "--listen (COUNTERSIGN_LISTEN): ", "--metrics-listen (COUNTERSIGN_METRICS_LISTEN): "
	for name, c := range map[string]struct {
		flags []string
		code  int
		wants string
	}{
		"free":                  {[]string{"--metrics-listen", newAddress(t)}, 0, ""},
		"the same":              {[]string{"--metrics-listen", address}, exitUsage, told + address + " is where --listen is. Give another port."},
		"the same in effect":    {[]string{"--metrics-listen", ":" + port}, exitUsage, told + ":" + port + " cannot be taken beside " + address},
		"not of this machine":   {[]string{"--metrics-listen", "192.0.2.1:1"}, exitUsage, told + "cannot listen: "},
		"another program's":     {[]string{"--listen", taken}, 0, "warning: " + pages + "another program listens at " + taken},
		"another, for metrics":  {[]string{"--metrics-listen", taken}, 0, "warning: " + told + "another program listens at " + taken},
		"any port that is free": {[]string{"--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"}, 0, ""},
	} {
		got := runWith(t, environ, "", append([]string{"config", "check"}, c.flags...)...)
		quiet := c.wants != "" || got.stderr == ""
		if got.code != c.code || !quiet || !strings.Contains(got.stderr, c.wants) || strings.Count(got.stderr, "listen (") > 2 {
			t.Errorf("%s: exit code %d, %q", name, got.code, got.stderr)
		}
	}
}

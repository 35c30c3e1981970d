package main

import (
	"strings"
	"testing"
)

// RFC 8628 §3.1: who serves other machines without TLS and without a proxy to believe is told at the start that they will
// be refused; and who serves a proxy on this machine without believing it, that all phones count as one.
func TestServingInClearIsWarnedOf(t *testing.T) {
	t.Parallel()
	const refused, oneAddress = "--listen (COUNTERSIGN_LISTEN): requests from other machines come in clear and are refused. Name the proxy",
		"count as one address, with the limits of one. Give --trusted-proxy 127.0.0.1/32 if it is on this machine"
	for name, c := range map[string]struct {
		flags  ServeFlags
		issuer string
		warns  string
	}{
		"every address":             {ServeFlags{}, "https://id.example.org", refused},
		"with a proxy":              {ServeFlags{TrustedProxy: []string{"10.0.0.0/8"}}, "https://id.example.org", ""},
		"with a certificate":        {ServeFlags{TLSCert: "cert.pem"}, "https://id.example.org", ""},
		"an issuer without TLS":     {ServeFlags{}, "http://localhost:8080", ""},
		"this machine's address":    {ServeFlags{Listen: "127.0.0.1:8080"}, "https://id.example.org", oneAddress},
		"this machine's name":       {ServeFlags{Listen: "localhost:8080"}, "https://id.example.org", oneAddress},
		"this machine's IPv6":       {ServeFlags{Listen: "[::1]:8080"}, "https://id.example.org", oneAddress},
		"a proxy on this machine":   {ServeFlags{Listen: "127.0.0.1:80", TrustedProxy: []string{"127.0.0.1/32"}}, "https://id.example.org", ""},
		"this machine, without TLS": {ServeFlags{Listen: "127.0.0.1:8080"}, "http://localhost:8080", ""},
	} {
		if c.flags.Listen == "" {
			c.flags.Listen = ":8080"
		}
		check := &checks{}
		c.flags.warnOfFront(check, serveSettings{listen: c.flags.Listen, store: storeSettings{issuer: c.issuer}})
		switch {
		case c.warns == "" && len(check.warnings) > 0:
			t.Errorf("%s: %v", name, check.warnings)
		case c.warns != "" && (len(check.warnings) != 1 || !strings.Contains(check.warnings[0].String(), c.warns)):
			t.Errorf("%s: %v, want %q", name, check.warnings, c.warns)
		}
	}
}

// What is warned of is a line of the log, in its format, when the server starts.
func TestWarningsOfSettingsAreLogged(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	got := runWith(t, append(environ, "COUNTERSIGN_ISSUER=https://id.example.org"), "", "serve", "--log-format", "json")
	if got.code != exitFailed || !strings.HasPrefix(got.stderr, `{"time":`) || strings.Contains(got.stderr, "countersign: warning") ||
		!strings.Contains(got.stderr, `"level":"WARN","msg":"settings","setting":"--trusted-proxy (COUNTERSIGN_TRUSTED_PROXY)","warning":"missing: `) ||
		!strings.Contains(got.stderr, `"next":"Give --trusted-proxy 127.0.0.1/32 if it is on this machine`) {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

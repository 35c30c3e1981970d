package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificateFor writes a certificate and its key into new files.
func certificateFor(t *testing.T, from, until time.Time, names ...string) (certFile, keyFile string) {
	t.Helper()
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	writeCertificate(t, certFile, keyFile, from, until, names...)
	return certFile, keyFile
}

func writeCertificate(t *testing.T, certFile, keyFile string, from, until time.Time, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := &tlsServer{t: t}
	s.write(certFile, "CERTIFICATE", der)
	s.write(keyFile, "PRIVATE KEY", private)
}

// No server starts with a certificate that no phone would accept: out of its time, or for another name than the issuer's.
func TestCertificateIsForThisServer(t *testing.T) {
	t.Parallel()
	before, after := testNow.Add(-day), testNow.Add(90*day)
	for name, c := range map[string]struct {
		from, until time.Time
		names       []string
		issuer      string
		proxy       bool
		wrong, warn string
	}{
		"in order":             {from: before, until: after, names: []string{"id.example.org"}},
		"one of several names": {from: before, until: after, names: []string{"x.example.org", "id.example.org"}},
		"all names below one":  {from: before, until: after, names: []string{"*.example.org"}},
		"an address":           {from: before, until: after, names: []string{"127.0.0.1"}, issuer: "https://127.0.0.1:8443"},
		"behind a proxy":       {from: before, until: after, names: []string{"inside.example.org"}, proxy: true},
		"expired": {from: before, until: before.Add(time.Hour), names: []string{"id.example.org"},
			wrong: "expired on 2026-11-21 11:00:00. Renew it;"},
		"expired, behind a proxy": {from: before, until: before.Add(time.Hour), proxy: true, wrong: "expired on 2026-11-21 11:00:00. Renew it;"},
		"not yet": {from: testNow.Add(time.Hour), until: after, names: []string{"id.example.org"},
			wrong: "is good only from 2026-11-22 11:00:00 on. Correct"},
		"soon": {from: before, until: testNow.Add(6 * day), names: []string{"id.example.org"},
			warn: "expires on 2026-11-28 10:00:00. See that whatever renews it works"},
		"another name": {from: before, until: after, names: []string{"www.example.org", "127.0.0.1"},
			wrong: "is for www.example.org, 127.0.0.1, and not for id.example.org. Get one for the issuer's name"},
		"no name": {from: before, until: after, wrong: "is for no name, and not for id.example.org."},
	} {
		f := &ServeFlags{StoreFlags: StoreFlags{Issuer: "https://id.example.org"}}
		if c.issuer != "" {
			f.Issuer = c.issuer
		}
		if c.proxy {
			f.TrustedProxy = []string{"10.0.0.0/8"}
		}
		f.TLSCert, f.TLSKey = certificateFor(t, c.from, c.until, c.names...)
		check := &checks{now: func() time.Time { return testNow }}
		f.certificate(check)
		for what, pair := range map[string]struct {
			got  []problem
			want string
		}{"refused": {check.problems, c.wrong}, "warned of": {check.warnings, c.warn}} {
			if (len(pair.got) > 0) != (pair.want != "") || len(pair.got) > 1 ||
				len(pair.got) == 1 && !strings.Contains(pair.got[0].String(), "--tls-cert (COUNTERSIGN_TLS_CERT): "+f.TLSCert+" "+pair.want) {
				t.Errorf("%s: %s %v, want %q", name, what, pair.got, pair.want)
			}
		}
	}
}

// A renewed certificate that is none for this server does not take the place of one that is.
func TestRenewedCertificateMustFit(t *testing.T) {
	t.Parallel()
	f := &ServeFlags{StoreFlags: StoreFlags{Issuer: "https://id.example.org"}}
	f.TLSCert, f.TLSKey = certificateFor(t, testNow, testNow.Add(90*day), "id.example.org")
	cert := f.certificate(&checks{now: func() time.Time { return testNow }})
	first, log := cert.current, &textBuffer{}
	writeCertificate(t, f.TLSCert, f.TLSKey, testNow.Add(-day), testNow.Add(-time.Hour), "www.example.org")
	for range 2 {
		cert.reload(slog.New(slog.NewTextHandler(log, nil)))
	}
	if cert.current != first || strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "expired on") ||
		!strings.Contains(log.String(), "not for id.example.org") {
		t.Errorf("the log says %s", log)
	}
	writeCertificate(t, f.TLSCert, f.TLSKey, testNow, testNow.Add(180*day), "id.example.org")
	cert.reload(slog.New(slog.NewTextHandler(log, nil)))
	if cert.current == first {
		t.Errorf("the next one is not taken: %s", log)
	}
}

// health asks where serve listens, by the variables that serve has, with TLS of its own too.
func TestHealthAsksWhereServeListens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags HealthCmd
		want  string
	}{
		"as serve does by itself": {HealthCmd{Listen: "127.0.0.1:8080"}, "http://127.0.0.1:8080/readyz"},
		"every address":           {HealthCmd{Listen: ":80"}, "http://localhost:80/readyz"},
		"every IPv4 address":      {HealthCmd{Listen: "0.0.0.0:8080"}, "http://localhost:8080/readyz"},
		"every IPv6 address":      {HealthCmd{Listen: "[::]:8080"}, "http://localhost:8080/readyz"},
		"TLS of its own":          {HealthCmd{Listen: "[::1]:443", TLSCert: "cert.pem"}, "https://[::1]:443/readyz"},
		"said":                    {HealthCmd{Listen: ":80", URL: "https://id.example.org/readyz"}, "https://id.example.org/readyz"},
	} {
		if got, err := c.flags.address(); err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	certFile, keyFile := certificateFor(t, time.Now().Add(-time.Hour), time.Now().Add(day), "id.example.org")
	cert, err := loadCertificate(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := http.NewServeMux()
	ready.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	env := &Environment{Context: t.Context()}
	go func() {
		_ = (&server{env: env, handler: ready, tls: cert.config(), log: slog.New(slog.DiscardHandler)}).serve(listener)
	}()
	environ := []string{"COUNTERSIGN_LISTEN=" + listener.Addr().String(), "COUNTERSIGN_TLS_CERT=" + certFile}
	if got := runWith(t, environ, "", "health"); got.code != 0 || got.stdout != "healthy\n" {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, []string{"COUNTERSIGN_LISTEN=8080"}, "", "health"); got.code != exitUsage {
		t.Errorf("no address: exit code %d, %q", got.code, got.stderr)
	}
}

// A certificate that nobody renews is told of once a day in its last week, also by a server that started long before, and in
// other words once it has expired. It is served on, and a renewed one ends that.
func TestCertificateThatRunsOutIsTold(t *testing.T) {
	t.Parallel()
	f := &ServeFlags{StoreFlags: StoreFlags{Issuer: "https://id.example.org"}}
	end := testNow.Add(90 * day)
	f.TLSCert, f.TLSKey = certificateFor(t, testNow, end, "id.example.org")
	now, expires, log := testNow, time.Time{}, &textBuffer{}
	cert := f.certificate(&checks{now: func() time.Time { return now }})
	cert.tellExpiry = func(at time.Time) { expires = at }
	soon := `level=WARN msg="the certificate expires soon" file=` + f.TLSCert + " not_after=2027-02-20T10:00:00.000Z"
	late := `level=ERROR msg="the certificate has expired and is still served" file=` + f.TLSCert
	for _, c := range []struct {
		at   time.Time
		want []string
	}{
		{testNow.Add(30 * time.Second), nil}, {end.Add(-8 * day), nil}, {end.Add(-7*day + 1), []string{soon}}, {end.Add(-6*day - time.Hour), nil},
		{end.Add(-6*day + 1), []string{soon}}, {end.Add(-time.Hour), []string{soon}}, {end.Add(time.Second), []string{late}},
		{end.Add(time.Hour), nil}, {end.Add(day + time.Second), []string{late}},
	} {
		now = c.at
		before := len(log.String())
		cert.reload(slog.New(slog.NewTextHandler(log, nil)))
		if said := log.String()[before:]; said != "" || c.want != nil {
			requireLines(t, said, c.want)
		}
	}
	if !expires.Equal(end) || strings.Contains(log.String(), "is not taken") {
		t.Errorf("it is told to expire at %s, and the log says %s", expires, log)
	}
	writeCertificate(t, f.TLSCert, f.TLSKey, testNow, end.Add(90*day), "id.example.org")
	before := len(log.String())
	cert.reload(slog.New(slog.NewTextHandler(log, nil)))
	requireLines(t, log.String()[before:], []string{`msg="a new certificate is served"`})
	if !expires.Equal(end.Add(90 * day)) {
		t.Errorf("the new one is told to expire at %s", expires)
	}
}

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// docs/proxies: behind nginx, HAProxy and Caddy, each with its settings as they stand there, phones are told apart by
// their addresses and by nothing that they say of themselves, the issuer's https address works, a stream is passed on as
// it is written, and what is too large is refused in the server's own words. No client chooses what names its request in
// the log, and the proxy's own log has nothing that opens a door.
func TestProxies(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T, p proxied){
		"nginx": startNginxProxy, "haproxy": startHAProxy, "caddy": startCaddy,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := behind(t, start)
			p.tellsPhonesApart(t)
			p.passesStreamsOn(t)
			p.refusesLargeBodies(t)
			p.namesRequests(t)
			p.logsNoSecrets(t, name != "caddy") // which has no log of requests
			if name == "nginx" {
				p.leadsToTLS(t)
			}
			for _, unwanted := range []string{"did not say where a request comes from", "was ignored"} {
				if strings.Contains(p.server.log.String(), unwanted) {
					t.Errorf("%s is in the log", unwanted)
				}
			}
			if strings.Contains(p.server.log.String(), "count as one address") {
				t.Errorf("the start warns of the proxy that is configured:\n%s", p.server.log)
			}
		})
	}
}

// proxied is a server behind a proxy that speaks https.
type proxied struct {
	address string // of the proxy, which is the issuer's
	backend string // of the server
	inClear string // stands for the port 80 of a proxy that listens there
	folder  string // with cert.pem, key.pem and, of both, whole.pem
	trusted *x509.CertPool
	server  *production
}

// log is the file where the proxy notes requests.
func (p proxied) log() string { return filepath.Join(p.folder, "access.log") }

// behind starts a server with strict limits, as README.md does, and a proxy in front of it.
func behind(t *testing.T, start func(*testing.T, proxied)) proxied {
	t.Helper()
	p := proxied{address: newAddress(t), backend: newAddress(t), inClear: newAddress(t), trusted: x509.NewCertPool()}
	p.folder = proxyFolder(t, p.trusted)
	p.server = prepareProduction(t, productionConfig{listen: p.backend, issuer: "https://" + p.address})
	start(t, p)
	p.server.serve(t, productionConfig{
		flags:    []string{"--trusted-proxy", "127.0.0.1/32", "--limits", "strict"},
		provider: staffProviderFlags("http://127.0.0.1:1"),
		environ:  []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + handlerstest.StartCollector(t).URL, "OTEL_PROPAGATORS=tracecontext"},
	})
	ready := p.phone("127.9.9.1", nil)
	if !until(func() bool { return statusOf(t, ready, "https://"+p.address+"/readyz") == http.StatusOK }) {
		t.Fatal("the proxy does not start")
	}
	return p
}

func statusOf(t *testing.T, client *http.Client, address string) int {
	t.Helper()
	answer, err := client.Get(address)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// proxyFolder has a new certificate for 127.0.0.1, which is trusted from now on.
func proxyFolder(t *testing.T, trusted *x509.CertPool) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "proxy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &tlsServer{t: t, cert: &certificate{certFile: filepath.Join(folder, "cert.pem"), keyFile: filepath.Join(folder, "key.pem")},
		trusted: trusted}
	s.renew(1)
	var whole []byte
	for _, name := range []string{"cert.pem", "key.pem"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, text...)
	}
	if err := os.WriteFile(filepath.Join(folder, "whole.pem"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "cert.pem", "key.pem", "whole.pem"} { // for a proxy that is another user
		if err := os.Chmod(filepath.Join(folder, name), 0o755); err != nil { //nolint:gosec // a key for this test alone
			t.Fatal(err)
		}
	}
	return folder
}

// saying adds headers to each request.
type saying struct {
	header map[string]string
	next   http.RoundTripper
}

func (s saying) RoundTrip(request *http.Request) (*http.Response, error) {
	for name, value := range s.header {
		request.Header.Set(name, value)
	}
	return s.next.RoundTrip(request)
}

// phone is an HTTP client at an address of its own, which says more of itself than it should.
func (p proxied) phone(address string, says map[string]string) *http.Client {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: p.trusted, MinVersion: tls.VersionTLS12},
	}
	return &http.Client{Transport: saying{says, transport}, Timeout: patience}
}

// register is one registration; what comes back is the OAuth client, or why there is none.
func (p proxied) register(t *testing.T, client *http.Client) (*deviceclient.Client, error) {
	t.Helper()
	phone := &deviceclient.Client{Issuer: "https://" + p.address, HTTP: client}
	err := phone.Register(t.Context(), deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"})
	return phone, err
}

// docs/protocol.md §6 forged-address: the limit of one address is reached, whatever else its phones say, and the phones
// of another address go on.
func (p proxied) tellsPhonesApart(t *testing.T) {
	t.Helper()
	const strictly = 5 // registrations of an address at once
	forged := p.phone("127.7.1.1", nil)
	for i := range strictly {
		if _, err := p.register(t, forged); err != nil {
			t.Fatalf("registration %d: %v", i, err)
		}
	}
	for i, says := range []map[string]string{
		nil, {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}, {"Forwarded": "for=203.0.113.9"},
		{"X-Real-IP": "203.0.113.9"}, {"X-Forwarded-For": "unknown"},
	} {
		if _, err := p.register(t, p.phone("127.7.1.1", says)); err == nil {
			t.Errorf("more registrations than the limit, saying %v", i)
		}
	}
	if _, err := p.register(t, p.phone("127.8.1.1", map[string]string{"X-Forwarded-For": "127.7.1.1"})); err != nil {
		t.Errorf("a phone of another address: %v", err)
	}
}

// keeping keeps the poll instead of sending it.
type keeping struct {
	next http.RoundTripper
	kept *http.Request
}

func (k *keeping) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Path != oauth.PathToken {
		return k.next.RoundTrip(request)
	}
	k.kept = request
	return nil, errKept
}

// passesStreamsOn opens the stream of a phone that waits: its first line comes long before its end.
func (p proxied) passesStreamsOn(t *testing.T) {
	t.Helper()
	client := p.phone("127.9.1.1", nil)
	transport := &keeping{next: client.Transport}
	phone, err := p.register(t, &http.Client{Transport: transport, Timeout: patience})
	if err == nil {
		err = phone.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: productionHint, Scope: "profile"})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := phone.Poll(t.Context()); !errors.Is(err, errKept) {
		t.Fatal(err)
	}
	ctx, end := context.WithTimeout(t.Context(), patience)
	defer end()
	request := transport.kept.WithContext(ctx)
	request.URL.Path = views.PathPhoneEvents
	request.Header.Del("DPoP")
	answer, err := client.Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil || line != ": waiting\n" || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("status %d, %q begins with %q, %v", answer.StatusCode, answer.Header.Get("Content-Type"), line, err)
	}
}

// cutOff begins what is said of a request whose answer came while its body was still being sent, and was lost with it.
const cutOff = "cut off: "

// refusesLargeBodies holds what is answered through the proxy against what is answered without.
func (p proxied) refusesLargeBodies(t *testing.T) {
	t.Helper()
	post := func(base string, size int) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+oauth.PathToken,
			strings.NewReader(strings.Repeat("a", size)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Accept", "application/json")
		answer, err := p.phone("127.9.2.1", nil).Do(request)
		if err != nil {
			return cutOff + err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return fmt.Sprint(answer.StatusCode, answer.Header.Get("Content-Type"), string(body), err)
	}
	want := post("http://"+p.backend, 40<<10)
	if got := post("https://"+p.address, 40<<10); !strings.HasPrefix(want, "413") || got != want {
		t.Errorf("%s without the proxy, and through it %s", want, got)
	}
	if got := post("https://"+p.address, 3<<20); got != want && !strings.HasPrefix(got, cutOff) {
		t.Errorf("of a larger one %s", got)
	}
}

// get is the answer to one GET, redirects included.
func (p proxied) get(t *testing.T, address string, says map[string]string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.phone("127.9.3.1", says).Transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

// namesRequests holds that an X-Request-Id and a traceparent from outside are dropped, and that the proxy's own comes back.
func (p proxied) namesRequests(t *testing.T) {
	t.Helper()
	const chosen, trace = "chosen-by-a-stranger", "0af7651916cd43dd8448eb211c80319c"
	id := p.get(t, "https://"+p.address+"/phone", map[string]string{"X-Request-Id": chosen,
		"Traceparent": "00-" + trace + "-b7ad6b7169203331-01"}).Header.Get("X-Request-Id")
	if id == chosen || len(id) < 32 {
		t.Errorf("the request is named %q", id)
	}
	logged := until(func() bool { return strings.Contains(p.server.log.String(), "request_id="+id) })
	log := p.server.log.String()
	if !logged || strings.Contains(log, chosen) || strings.Contains(log, trace) || !strings.Contains(log, "trace_id=") {
		t.Errorf("%q is not in the log, or what the stranger said is:\n%s", id, log)
	}
}

// logsNoSecrets asks for what has a secret in its address. The proxy's log has the identifiers of these requests, if it
// has any, and not the secrets.
func (p proxied) logsNoSecrets(t *testing.T, logs bool) {
	t.Helper()
	const secret = "opens-a-door"
	var ids []string
	for _, path := range []string{"/sign-in/callback?state=x&code=" + secret, views.NotMePath(secret)} {
		ids = append(ids, p.get(t, "https://"+p.address+path, nil).Header.Get("X-Request-Id"))
	}
	var log string
	noted := func() bool {
		text, err := os.ReadFile(p.log())
		log = string(text)
		return err == nil && strings.Contains(log, ids[0]) && strings.Contains(log, ids[1])
	}
	if logs && (!until(noted) || !strings.Contains(log, "/sign-in/callback") || !strings.Contains(log, views.PathNotMe)) {
		t.Errorf("the requests %q are not in the proxy's log:\n%s", ids, log)
	}
	if noted(); strings.Contains(log, secret) {
		t.Errorf("a secret is in the proxy's log:\n%s", log)
	}
}

// leadsToTLS asks in clear: people are sent on to https, at the name of the settings and not at one that was asked for.
func (p proxied) leadsToTLS(t *testing.T) {
	t.Helper()
	answer := p.get(t, "http://"+p.inClear+"/counter?from=x", nil)
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusMovedPermanently || to != "https://id.example.org/counter?from=x" {
		t.Errorf("status %d, to %q", answer.StatusCode, to)
	}
}

// A server alone behind HAProxy is never taken away for its database: it answers that itself, keeps what people typed, and
// goes on with what needs no database.
func TestHAProxyAsksOneServerOnlyWhetherItLives(t *testing.T) {
	t.Parallel()
	settings := proxySettings(t, "haproxy.cfg")
	servers := regexp.MustCompile(`(?m)^\s+server `).FindAllString(settings, -1)
	checked := regexp.MustCompile(`(?m)^\s+http-check send .*uri (\S+)`).FindStringSubmatch(settings)
	if len(servers) != 1 || len(checked) != 2 || checked[1] != "/healthz" {
		t.Errorf("%d servers, checked by %q", len(servers), checked)
	}
}

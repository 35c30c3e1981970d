package handlers_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/views"
)

// secureServer is a server of an https issuer, behind no proxy but 198.51.100.0/24.
func secureServer(t *testing.T) (http.Handler, web.Config) {
	t.Helper()
	config := web.Config{
		Store: modelstest.SQLite(t, models.Policy{}).Store, Issuer: modelstest.Issuer, Limits: limits.Off,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, Log: slog.New(slog.DiscardHandler),
	}
	handler, err := handlers.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return handler, config
}

// Where connections come from: a test comes from nowhere but loopback, so that it is told anew.
const stranger, proxy, local = "192.0.2.7:40000", "198.51.100.4:40000", "127.0.0.1:40000"

// connection is where a request comes from, and by what.
type connection struct {
	from   string
	says   []string // X-Forwarded-Proto
	tls    bool
	answer bool // it is answered, not refused
}

// RFC 8628 §3.1, RFC 6749 §3.2: a server of an https issuer answers what came over its own TLS, from a configured
// proxy that says https, or from this machine, and refuses everything else.
var connections = map[string]connection{
	"a stranger in clear":                      {stranger, nil, false, false},
	"a stranger who says https":                {stranger, []string{"https"}, false, false},
	"a stranger over TLS":                      {stranger, nil, true, true},
	"a stranger over TLS who says http":        {stranger, []string{"http"}, true, true},
	"the proxy, of https":                      {proxy, []string{"https"}, false, true},
	"the proxy, of HTTPS":                      {proxy, []string{" HTTPS "}, false, true},
	"the proxy, of http":                       {proxy, []string{"http"}, false, false},
	"the proxy, of nothing":                    {proxy, nil, false, false},
	"the proxy, of an empty scheme":            {proxy, []string{""}, false, false},
	"two proxies, the outer one in clear":      {proxy, []string{"http, https"}, false, false},
	"two proxies, the inner one in clear":      {proxy, []string{"https", "http"}, false, false},
	"two proxies, both of https":               {proxy, []string{"https", "https"}, false, true},
	"the proxy over TLS, of http":              {proxy, []string{"http"}, true, false},
	"the proxy by IPv6-mapped address":         {"[::ffff:198.51.100.4]:40000", []string{"https"}, false, true},
	"this machine":                             {local, nil, false, true},
	"this machine by IPv6":                     {"[::1]:40000", nil, false, true},
	"a proxy on this machine, of https":        {local, []string{"https"}, false, true},
	"a proxy on this machine, of http":         {local, []string{"http"}, false, false},
	"a neighbour's address with a zone":        {"[fe80::1%eth0]:40000", nil, false, false},
	"a connection that has no address":         {"@", nil, false, false},
	"a private address that nobody configured": {"10.0.0.1:40000", []string{"https"}, false, false},
}

func TestRequestsInClearAreRefused(t *testing.T) {
	handler, _ := secureServer(t)
	for name, c := range connections {
		t.Run(name, func(t *testing.T) {
			send := c.sender(t, handler)
			status, body := send(http.MethodPost, oauth.PathDeviceAuthorization)
			if refused := status == http.StatusBadRequest && strings.Contains(body, "in clear"); refused == c.answer {
				t.Errorf("a client is answered %d %s", status, body)
			}
			status, body = send(http.MethodGet, oauth.PathVerification)
			if refused := status == http.StatusBadRequest && strings.Contains(body, "This connection is not encrypted"); refused == c.answer {
				t.Errorf("a person is answered %d", status)
			}
			if status, _ = send(http.MethodGet, "/healthz"); status != http.StatusOK {
				t.Errorf("/healthz is answered %d", status)
			}
		})
	}
}

// sender serves handler over a real connection, and returns what sends requests by it.
func (c connection) sender(t *testing.T, handler http.Handler) func(method, path string) (status int, body string) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = c.from
		handler.ServeHTTP(w, r)
	}))
	start := server.Start
	if c.tls {
		start = server.StartTLS
	}
	start()
	t.Cleanup(server.Close)
	return func(method, path string) (status int, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{"X-Forwarded-Proto": c.says, "X-Forwarded-For": {"127.0.0.1"}}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
}

// Every route refuses, whoever may use it, but for those that watch over processes: by
// the error of RFC 6749 §5.2, or by a page that names the right address. Nothing of
// the body is read, no cookie is set, and nothing is written.
func TestEveryRouteRefusesClear(t *testing.T) {
	handler, config := secureServer(t)
	for _, route := range handlers.Routes(web.New(config)) {
		body := &untouched{}
		path := strings.NewReplacer(":id", "1", "*", "app.css").Replace(route.Path)
		request := httptest.NewRequest(route.Method, "http://id.example"+path, body)
		request.RemoteAddr = "192.0.2.7:40000"
		request.Header.Set("Cookie", "__Host-countersign=x")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		if route.Path == "/healthz" || route.Path == "/readyz" {
			if recorder.Code == http.StatusBadRequest {
				t.Errorf("%s is refused", route.Path)
			}
			continue
		}
		if recorder.Code != http.StatusBadRequest || body.read || len(recorder.Header()["Set-Cookie"]) > 0 {
			t.Errorf("%s %s: %d, body read: %v, cookies %v", route.Method, route.Path, recorder.Code, body.read, recorder.Header()["Set-Cookie"])
		}
		if route.Audience == web.People {
			if page := recorder.Body.String(); !strings.Contains(page, modelstest.Issuer+"/") {
				t.Errorf("%s: the page does not name the right address", route.Path)
			}
			continue
		}
		var told map[string]string
		if err := json.Unmarshal(recorder.Body.Bytes(), &told); err != nil || told["error"] != oauth.ErrInvalidRequest ||
			told["error_description"] == "" {
			t.Errorf("%s: %s, %v", route.Path, recorder.Body, err)
		}
	}
}

// untouched is a body that says whether somebody read it.
type untouched struct{ read bool }

func (u *untouched) Read([]byte) (int, error) {
	u.read = true
	return 0, errors.New("read")
}

// A server of a plain http issuer, which there is on loopback only, refuses nothing.
func TestLoopbackIssuerNeedsNoTLS(t *testing.T) {
	w := begin(t)
	request := w.request(http.MethodGet, views.PathCounter, &w.operator)
	request.Header.Set("X-Forwarded-Proto", "http")
	response, err := w.HTTP.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("answered %d", response.StatusCode)
	}
}

package handlers_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/traces"
	"countersign/handlers/web"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// traced is a server that sends traces to a collector.
func traced(t *testing.T, config handlerstest.Config, variables ...string) (*handlerstest.Server, *handlerstest.Collector) {
	t.Helper()
	collector := handlerstest.StartCollector(t)
	variables = append(variables, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_BSP_SCHEDULE_DELAY=10")
	settings, refused, warned := traces.Read(func(name string) string {
		for _, one := range variables {
			if value, is := strings.CutPrefix(one, name+"="); is {
				return value
			}
		}
		return ""
	})
	if len(refused)+len(warned) > 0 {
		t.Fatal(refused, warned)
	}
	more := config.More
	config.More = func(c *web.Config) {
		c.Traces = traces.New(traces.Config{Settings: settings, Issuer: c.Issuer, Version: "v1.2.3", Log: c.Log})
		c.Traces.Database(c.Store)
		t.Cleanup(c.Traces.End)
		if more != nil {
			more(c)
		}
	}
	return handlerstest.Start(t, config), collector
}

// below are the names of the spans that a span is the parent of.
func below(spans []*tracepb.Span, parent *tracepb.Span) (names []string) {
	for _, span := range spans {
		if string(span.GetParentSpanId()) == string(parent.GetSpanId()) {
			names = append(names, span.GetName())
		}
	}
	return names
}

// docs/decisions/0077-traces.md: a request is one span by its route, and below it is what it asks of the database; the log names
// the trace.
func TestRequestsAreTraced(t *testing.T) {
	for dialect, system := range map[handlerstest.Dialect]string{handlerstest.SQLite: "sqlite", handlerstest.PostgreSQL: "postgresql"} {
		t.Run(string(dialect), func(t *testing.T) { requestsAreTraced(t, dialect, system) })
	}
}

func requestsAreTraced(t *testing.T, dialect handlerstest.Dialect, system string) {
	s, collector := traced(t, handlerstest.Config{Dialect: dialect})
	phone := s.Phone()
	asked := phone.Ask(nil)
	phone.Poll(asked.DeviceCode)
	s.Get("/nowhere/at-all?x=y")
	request, err := http.NewRequestWithContext(t.Context(), "BREW", s.Issuer+"/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := s.HTTP.Do(request); err == nil {
		answer.Body.Close()
	}
	collector.Wait(t, "HTTP /token")
	poll := collector.Wait(t, "POST /token")
	asking := collector.Wait(t, "POST /device_authorization")
	collector.Wait(t, "GET")
	spans := collector.Spans()
	if attributes := handlerstest.SpanAttributes(poll); attributes["countersign.oauth_error"] != "authorization_pending" ||
		attributes["http.response.status_code"] != "400" || poll.GetKind() != tracepb.Span_SPAN_KIND_SERVER {
		t.Errorf("a poll: %v", attributes)
	}
	if got := below(spans, poll); len(got) == 0 || !strings.HasPrefix(got[0], "SELECT ") {
		t.Errorf("below a poll: %v", got)
	}
	write := slices.IndexFunc(spans, func(span *tracepb.Span) bool {
		return span.GetName() == "write" && string(span.GetParentSpanId()) == string(asking.GetSpanId())
	})
	if write < 0 || !slices.Contains(below(spans, spans[write]), "INSERT device_authorizations") || len(spans[write].GetEvents()) != 2 {
		t.Errorf("below a request: %v", below(spans, asking))
	}
	if got := handlerstest.SpanAttributes(spans[write])["db.system.name"]; got != system {
		t.Errorf("the database is %q", got)
	}
	wantTraceInLog(t, s.Log(), asking)
}

// wantTraceInLog wants the identifiers of a request's span on its line.
func wantTraceInLog(t *testing.T, log string, span *tracepb.Span) {
	t.Helper()
	named := "trace_id=" + hexOf(span.GetTraceId()) + " span_id=" + hexOf(span.GetSpanId())
	for line := range strings.Lines(log) {
		if strings.Contains(line, "msg=request ") && strings.Contains(line, "route=/device_authorization ") && strings.Contains(line, named) {
			return
		}
	}
	t.Errorf("no line of the request has %s:\n%s", named, log)
}

// docs/decisions/0077-traces.md: what strangers send as a traceparent is not looked at. A trusted proxy's is, where OTEL_PROPAGATORS
// asks for it, and what it recorded is recorded here.
func TestWhoseTracesAreContinued(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, c := range []struct {
		name      string
		proxies   []netip.Prefix
		variables []string
		headers   []string
		continued bool
	}{
		{"a stranger's", nil, []string{"OTEL_PROPAGATORS=tracecontext,baggage"}, []string{parent}, false},
		{"a proxy's, unasked", proxy, nil, []string{parent}, false},
		{"a proxy's, unwanted", proxy, []string{"OTEL_PROPAGATORS=none"}, []string{parent}, false},
		{"a proxy's", proxy, []string{"OTEL_PROPAGATORS=tracecontext"}, []string{parent}, true},
		{"a proxy's behind a stranger's", proxy, []string{"OTEL_PROPAGATORS=tracecontext"},
			[]string{parent, "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			// No request is recorded unless its parent was: whoever is believed decides.
			s, collector := traced(t, handlerstest.Config{TrustedProxies: c.proxies},
				append(c.variables, "OTEL_TRACES_SAMPLER=parentbased_always_off")...)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Issuer+"/healthz", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header = http.Header{"Traceparent": c.headers, "Tracestate": {"who=anna"}, "Baggage": {"who=anna"}}
			answer, err := s.HTTP.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if !c.continued {
				s.App().Traces.End() // sends what there is
				if spans := collector.Spans(); len(spans) > 0 || strings.Contains(s.Log(), "trace_id") {
					t.Errorf("%v", spans)
				}
				return
			}
			span := collector.Wait(t, "GET /healthz")
			if hexOf(span.GetTraceId()) != "0af7651916cd43dd8448eb211c80319c" || hexOf(span.GetParentSpanId()) != "b7ad6b7169203331" ||
				span.GetTraceState() != "" || strings.Contains(collector.Said(), "anna") {
				t.Errorf("%v", span)
			}
		})
	}
}

func hexOf(id []byte) string { return hex.EncodeToString(id) }

// docs/decisions/0077-traces.md: what a stranger's address is asked has no header of a trace, and the span has no address.
func TestStrangersAreToldNoTrace(t *testing.T) {
	key, asked := handlerstest.NewKey(), make(chan http.Header, 1)
	host := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Clone()
		_, _ = w.Write([]byte(handlerstest.JSON(handlerstest.Object{"keys": []handlerstest.Object{handlerstest.PublicJWK(key)}})))
	}))
	t.Cleanup(host.Close)
	roots := x509.NewCertPool()
	roots.AddCert(host.Certificate())
	s, collector := traced(t, handlerstest.Config{KeyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		KeyTLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}, "OTEL_PROPAGATORS=tracecontext,baggage")
	s.Register(handlerstest.Metadata(key).With(handlerstest.Object{"jwks": nil, "jwks_uri": host.URL + "/of-anna"})).
		Succeeded(t, http.StatusCreated)
	fetch, register := collector.Wait(t, "fetch a client's keys"), collector.Wait(t, "POST /register")
	if !bytes.Equal(fetch.GetParentSpanId(), register.GetSpanId()) {
		t.Error("the fetch is not below its request")
	}
	if attributes := handlerstest.SpanAttributes(fetch); len(attributes) != 2 || attributes["http.response.status_code"] != "200" ||
		strings.Contains(collector.Said(), "of-anna") {
		t.Errorf("the span says %v", attributes)
	}
	for name := range <-asked {
		if !slices.Contains([]string{"Accept", "Connection", "User-Agent"}, name) {
			t.Errorf("the address is sent %s", name)
		}
	}
}

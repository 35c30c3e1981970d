package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// spanAttributes are all that a span may say.
var spanAttributes = []string{
	"countersign.limit", "countersign.oauth_error", "countersign.outage", "countersign.overloaded", "db.collection.name", "db.operation.name",
	"db.query.summary", "db.system.name", "error.type", "http.request.method", "http.response.status_code", "http.route", "server.address",
	"server.port", "url.scheme",
}

// spans are those of the visit, each as text, once the last of them has come. docs/decisions/0077-traces.md: each says what was
// done and how long it took, by words of ours alone.
func (v *watchedVisit) spans(t *testing.T) (texts []string) {
	t.Helper()
	for _, name := range []string{
		"POST " + oauth.PathRegistration, "POST " + oauth.PathDeviceAuthorization, "POST " + oauth.PathToken, "GET " + oauth.PathWhoAmI,
		"POST " + oauth.PathRevocation, "POST " + views.PathSearch, "POST " + views.MatchPath(":id"), "POST " + views.ProofPath(":id"),
		"POST " + views.ApprovePath(":id"), "POST " + views.DeclinePath(":id"), "GET " + views.PathReviewEvents, "write",
		"INSERT audit_events", "SELECT device_authorizations", "provider: metadata", "provider: token", "provider: keys",
		"send by " + string(models.ChannelMail),
	} {
		v.traces.Wait(t, name)
	}
	routes := map[string]bool{}
	for _, span := range v.traces.Spans() {
		for name, value := range handlerstest.SpanAttributes(span) {
			if !slices.Contains(spanAttributes, name) {
				t.Errorf("a span has the attribute %s=%s", name, value)
			}
			routes[name+" "+value] = true
		}
		texts = append(texts, span.String())
	}
	if len(routes) > 250 {
		t.Errorf("%d values of attributes: %v", len(routes), routes)
	}
	return append(texts, v.traces.Said())
}

// identifiers are those of everybody and everything in the database: no span has one of them.
func (v *watchedVisit) identifiers(t *testing.T) (all []secret) {
	t.Helper()
	database := openSQLite(t, v.server.database())
	for _, column := range []string{"accounts.id", "clients.id", "device_authorizations.id", "bindings.id", "staff_sessions.id", "staff.id",
		"counters.id", "staff.name"} {
		table, name, _ := strings.Cut(column, ".")
		lines, err := queryLines(database, "SELECT "+name+" FROM "+table)
		if err != nil || strings.TrimSpace(lines) == "" {
			t.Fatalf("%s: %v, %q", column, err, lines)
		}
		for line := range strings.Lines(lines) {
			all = append(all, secret{kind: column, text: strings.TrimSpace(line)})
		}
	}
	return all
}

// The start says where traces go, and the end sends the last of them. docs/decisions/0077-traces.md.
func TestServeTraces(t *testing.T) {
	t.Parallel()
	collector := handlerstest.StartCollector(t)
	environ, address := serveVariables(t)
	environ = append(environ, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_EXPORTER_OTLP_HEADERS=authorization=hush",
		"OTEL_BSP_SCHEDULE_DELAY=60000", "OTEL_SERVICE_NAME=town hall")
	server := start(t, environ, "serve", "--migrate")
	waitForAnswer(t, "http://"+address+"/readyz")
	if names := handlerstest.SpanNames(collector.Spans()); len(names) > 0 {
		t.Errorf("%q were sent at once", names)
	}
	got := server.stop()
	if names := handlerstest.SpanNames(collector.Spans()); !slices.Contains(names, "GET /readyz") {
		t.Errorf("the end sent %q", names)
	}
	if about := collector.About(); about["service.name"] != "town hall" || about["service.version"] != versionText() {
		t.Errorf("%v", about)
	}
	if want := "msg=traces to=" + collector.URL + "/v1/traces sampler=parentbased_always_on"; got.code != 0 ||
		!strings.Contains(got.stderr, want) || strings.Contains(got.stderr, "hush") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	if collector.Asked()[0].Get("Authorization") != "hush" {
		t.Error("the header was not sent")
	}
}

// Variables of OpenTelemetry are settings: what is wrong with them stops the start, or is warned of, and config show has them.
func TestVariablesOfTraces(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	got := runWith(t, append(environ, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"), "", "serve")
	if got.code != exitUsage || !strings.Contains(got.stderr,
		"OTEL_EXPORTER_OTLP_PROTOCOL: gRPC is not spoken here. Write http/protobuf, which collectors take at port 4318 as a rule.\n") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	got = runWith(t, append(environ, "OTEL_TRACES_EXPORTER=otlp", "OTEL_TRACES_SAMPLER=some", "OTEL_EXPORTER_OTLP_HEADERS=a=hush"), "",
		"config", "check")
	if !strings.Contains(got.stderr, `warning: OTEL_TRACES_SAMPLER: "some" is no sampler here`) || strings.Contains(got.stderr, "hush") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	got = runWith(t, append(environ, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://c.example/in?key=hush",
		"OTEL_EXPORTER_OTLP_HEADERS=a=hush", "OTEL_TRACES_SAMPLER=always_off"), "", "config", "show")
	var lines []string
	for line := range strings.Lines(got.stdout) {
		if !strings.HasPrefix(line, "--") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	want := []string{"OTEL_EXPORTER_OTLP_HEADERS (hidden) variable",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT https://c.example/in?… (hidden) variable",
		"OTEL_TRACES_SAMPLER always_off variable", "traces https://c.example/in?… sampler always_off"}
	if !slices.Equal(lines, want) || strings.Contains(got.stdout, "hush") {
		t.Errorf("%q", lines)
	}
}

// A collector that is down keeps no request and no end waiting, and is told of in one line.
func TestServeWithoutItsCollector(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	server := start(t, append(environ, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+newAddress(t), "OTEL_BSP_SCHEDULE_DELAY=10",
		"OTEL_EXPORTER_OTLP_TIMEOUT=100"), "serve", "--migrate")
	waitForAnswer(t, "http://"+address+"/readyz")
	for range 100 {
		if status, _ := readFrom(t, "http://"+address+"/healthz"); status != http.StatusOK {
			t.Fatal(status)
		}
	}
	if got := server.stop(); got.code != 0 || strings.Count(got.stderr, `level=WARN msg="traces cannot be sent`) != 1 {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// operationsOfTraces is a database that a server could start with.
func operationsOfTraces(t *testing.T) []string {
	environ, _ := migratedFile(t)
	return environ
}

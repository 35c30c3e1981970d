package traces

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// given is an environment of NAME=value.
func given(variables ...string) func(string) string {
	return func(name string) string {
		for _, one := range variables {
			if value, is := strings.CutPrefix(one, name+"="); is {
				return value
			}
		}
		return ""
	}
}

// There are traces where a variable asks for them, and nowhere else.
func TestAsked(t *testing.T) {
	for variables, asked := range map[string]bool{
		"": false,
		"OTEL_SERVICE_NAME=x OTEL_TRACES_SAMPLER=always_on":                               false,
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://localhost:4318":                       false,
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318":                               true,
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://localhost:4318":                        true,
		"OTEL_TRACES_EXPORTER=otlp":                                                       true,
		"OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318":     false,
		"OTEL_SDK_DISABLED=TRUE OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318":        false,
		"OTEL_SDK_DISABLED=TRUE OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=gr": false,
		"OTEL_TRACES_EXPORTER=OTLP OTEL_EXPORTER_OTLP_PROTOCOL=HTTP/protobuf OTEL_EXPORTER_OTLP_COMPRESSION=GZIP " +
			"OTEL_PROPAGATORS=TraceContext": true,
		"OTEL_TRACES_EXPORTER=None OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318": false,
		"OTEL_SDK_DISABLED=false OTEL_TRACES_EXPORTER=otlp":                           true,
	} {
		settings, refused, warned := Read(given(strings.Fields(variables)...))
		if (settings != nil) != asked || len(refused)+len(warned) > 0 {
			t.Errorf("%s: %v, %v, %v", variables, settings, refused, warned)
		}
	}
}

// Where batches go (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
func TestEndpoints(t *testing.T) {
	for variables, want := range map[string]string{
		"OTEL_TRACES_EXPORTER=otlp":                                                    "http://localhost:4318/v1/traces",
		"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318/":                           "http://localhost:4318/v1/traces",
		"OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example.org/tenant/a":           "https://collector.example.org/tenant/a/v1/traces",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://collector.example.org":             "https://collector.example.org/",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://collector.example.org/in?key=HUSH": "https://collector.example.org/in?…",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:1/x " +
			"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318": "http://127.0.0.1:1/x",
	} {
		settings, refused, warned := Read(given(strings.Fields(variables)...))
		if settings == nil || len(refused)+len(warned) > 0 || settings.Address() != want {
			t.Errorf("%s: %v, %v, %v", variables, settings, refused, warned)
		}
	}
}

// wrongVariable is one of the environment, with what is said of it.
type wrongVariable struct {
	variable, said string
	refuses        bool
}

// wrongVariables are examples; file is one without a certificate.
func wrongVariables(file string) []wrongVariable {
	const refused, warned = true, false
	return []wrongVariable{
		{"OTEL_TRACES_EXPORTER=zipkin", `"zipkin" is none of the exporters here`, refused},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "gRPC is not spoken here", refused},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json", `"http/json" is not spoken here`, refused},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318", "not an address", refused},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://", "not an address", refused},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:99999", "not an address", refused},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:0", "not an address", refused},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=https://me:HUSH@collector.example.org", "a name, a password", refused},
		{"OTEL_EXPORTER_OTLP_HEADERS=authorization", "it is no list of headers", refused},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=HUSH%0D%0Ax:y", "it is no list of headers", refused},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=HUSH%zz", "it is no list of headers", refused},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere.pem", "cannot be read", refused},
		{"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE=" + file, "no certificate in PEM", refused},
		{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=" + file, "there is no key for it", refused},
		{"OTEL_EXPORTER_OTLP_CLIENT_KEY=" + file, "there is no certificate for it", refused},
		{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=" + file + "\nOTEL_EXPORTER_OTLP_CLIENT_KEY=" + file, "no pair", refused},
		{"OTEL_EXPORTER_OTLP_HEADERS=Host=collector.example.org", "host is set by this program", warned},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=b,content-type=text/plain", "content-type is set by this program", warned},
		{"OTEL_SDK_DISABLED=ja", "neither true nor false", warned},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317", "that of gRPC", warned},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.example.org:4318", "in clear", warned},
		{"OTEL_EXPORTER_OTLP_COMPRESSION=zstd", "nothing is compressed", warned},
		{"OTEL_EXPORTER_OTLP_TIMEOUT=10s", "10000 counts", warned},
		{"OTEL_BSP_SCHEDULE_DELAY=-1", "5000 counts", warned},
		{"OTEL_BSP_EXPORT_TIMEOUT=0", "30000 counts", warned},
		{"OTEL_BSP_MAX_QUEUE_SIZE=1000000000", "2048 counts", warned},
		{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE=4096", "counts as 2048", warned},
		{"OTEL_TRACES_SAMPLER=jaeger_remote", "no sampler here", warned},
		{"OTEL_PROPAGATORS=tracecontext,b3", `"b3" is not read here`, warned},
		{"OTEL_RESOURCE_ATTRIBUTES=a", "nothing of it counts", warned},
		{"OTEL_RESOURCE_ATTRIBUTES=a=%FF", "nothing of it counts", warned},
		{"OTEL_CONFIG_FILE=/etc/otel.yaml", "not read here", warned},
	}
}

// What keeps traces from arriving is refused, and each other wrong value warned of, in words and without a secret.
func TestWrongVariables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range wrongVariables(file) {
		settings, refusals, warnings := Read(given(append(strings.Split(c.variable, "\n"), "OTEL_TRACES_EXPORTER=otlp")...))
		if strings.HasPrefix(c.variable, "OTEL_TRACES_EXPORTER") {
			_, refusals, warnings = Read(given(c.variable))
		} else if settings == nil {
			t.Errorf("%s: no settings", c.variable)
		}
		found := warnings
		if c.refuses {
			found = refusals
		}
		name, _, _ := strings.Cut(c.variable, "=")
		if len(refusals)+len(warnings) != 1 || len(found) != 1 || found[0].Variable != name || !strings.Contains(found[0].Wrong, c.said) ||
			found[0].Todo == "" || strings.Contains(fmt.Sprint(found), "HUSH") {
			t.Errorf("%s: refused %v, warned %v", c.variable, refusals, warnings)
		}
	}
	_, _, warnings := Read(given("OTEL_TRACES_EXPORTER=otlp", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=2"))
	if len(warnings) != 1 || warnings[0].Variable != "OTEL_TRACES_SAMPLER_ARG" {
		t.Errorf("%v", warnings)
	}
}

// Each variable that is heeded changes what it is for.
func TestVariablesAreHeeded(t *testing.T) {
	s, refused, warned := Read(given("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS=a=b%20c,  d = e",
		"OTEL_EXPORTER_OTLP_TIMEOUT=10", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=250", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
		"OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25", "OTEL_SERVICE_NAME=counter one",
		"OTEL_RESOURCE_ATTRIBUTES=service.name=other,deployment.environment.name=a%2Cb", "OTEL_PROPAGATORS=tracecontext,baggage",
		"OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_BSP_EXPORT_TIMEOUT=200", "OTEL_BSP_MAX_QUEUE_SIZE=300", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=30"))
	if len(refused)+len(warned) > 0 {
		t.Fatal(refused, warned)
	}
	if !slices.Equal(s.headers, [][2]string{{"a", "b c"}, {"d", "e"}}) || s.timeout != 250*time.Millisecond || !s.gzip || !s.joins ||
		s.queue != 300 || s.batch != 30 || s.delay != 100*time.Millisecond || s.exportTimeout != 200*time.Millisecond ||
		s.Sampling() != "parentbased_traceidratio 0.25" {
		t.Errorf("%+v", s)
	}
	said := map[string]string{}
	for _, one := range s.about("v1.2.3") {
		said[string(one.Key)] = one.Value.AsString()
	}
	if said["service.name"] != "counter one" || said["deployment.environment.name"] != "a,b" || said["service.version"] != "v1.2.3" ||
		len(said["service.instance.id"]) != 32 {
		t.Errorf("%v", said)
	}
	if about := newPoster(s, "v1.2.3").about.GetAttributes(); len(about) != 7 {
		t.Errorf("a name stands twice: %v", about)
	}
	for name, want := range map[string]string{"": "ParentBased{root:AlwaysOnSampler", "always_off": "AlwaysOffSampler",
		"ALWAYS_ON": "AlwaysOnSampler", "parentbased_always_off": "ParentBased{root:AlwaysOffSampler", "traceidratio": "TraceIDRatioBased"} {
		s, _, _ := Read(given("OTEL_TRACES_EXPORTER=otlp", "OTEL_TRACES_SAMPLER="+name, "OTEL_TRACES_SAMPLER_ARG=0.5"))
		if !strings.HasPrefix(s.sampler.Description(), want) || s.joins {
			t.Errorf("%q: %s", name, s.sampler.Description())
		}
	}
}

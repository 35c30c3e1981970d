package traces

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Names of variables that decide whether there are traces.
const (
	variableDisabled = "OTEL_SDK_DISABLED"
	variableExporter = "OTEL_TRACES_EXPORTER"
	prefixOTLP       = "OTEL_EXPORTER_OTLP_"
	prefixTraces     = "OTEL_EXPORTER_OTLP_TRACES_"
)

// Problem is one thing that is wrong with a variable. It never holds a secret.
type Problem struct {
	Variable, Wrong, Todo string
}

// Settings are the standard variables, checked. Make them with Read.
type Settings struct {
	endpoint *url.URL
	headers  [][2]string
	timeout  time.Duration // of a batch, with all tries
	gzip     bool
	tls      *tls.Config

	sampler  sdktrace.Sampler
	sampling string // the sampler in the variables' words
	joins    bool   // the traceparent of a trusted proxy is believed
	resource []attribute.KeyValue

	queue, batch         int // spans
	delay, exportTimeout time.Duration
}

// Address is where spans go, without what may be secret in it.
func (s *Settings) Address() string {
	bare := *s.endpoint
	if bare.RawQuery != "" {
		bare.RawQuery = "…"
	}
	return strings.Replace(bare.String(), "?%E2%80%A6", "?…", 1)
}

// Sampling is which requests are recorded, in the words of OTEL_TRACES_SAMPLER.
func (s *Settings) Sampling() string { return s.sampling }

// Joins reports whether spans continue what a trusted proxy began.
func (s *Settings) Joins() bool { return s.joins }

// Read reads the standard variables (OpenTelemetry's environment variable specification and that of OTLP exporters). Settings are
// nil where nobody asks for traces. What keeps traces from arriving is refused; of the rest a wrong value is warned of and not
// heeded, as the specification wants it.
func Read(getenv func(string) string) (settings *Settings, refused, warned []Problem) {
	r := &reader{getenv: getenv}
	if r.asked() {
		settings = r.settings()
	}
	return settings, r.refused, r.warned
}

// reader reads variables, and collects what is wrong with them.
type reader struct {
	getenv          func(string) string
	refused, warned []Problem
}

func (r *reader) refuse(variable, wrong, todo string) {
	r.refused = append(r.refused, Problem{variable, wrong, todo})
}

func (r *reader) warn(variable, wrong, todo string) {
	r.warned = append(r.warned, Problem{variable, wrong, todo})
}

// get is a variable without blanks around it. An empty one counts as not given.
func (r *reader) get(variable string) string { return strings.TrimSpace(r.getenv(variable)) }

// otlp is a variable of the exporter: the one of traces comes before the one of all signals.
func (r *reader) otlp(name string) (variable, value string) {
	if value = r.get(prefixTraces + name); value != "" {
		return prefixTraces + name, value
	}
	return prefixOTLP + name, r.get(prefixOTLP + name)
}

// word is one of several that a variable may be. The specification has capitals as small letters there.
func word(text string) string { return strings.ToLower(text) }

// asked reports whether the variables ask for traces.
func (r *reader) asked() bool {
	switch value := r.get(variableDisabled); word(value) {
	case "true":
		return false
	case "", "false":
	default:
		r.warn(variableDisabled, strconv.Quote(value)+" is neither true nor false, and counts as false", "Write true or false")
	}
	_, endpoint := r.otlp("ENDPOINT")
	switch exporter := r.get(variableExporter); word(exporter) {
	case "":
		return endpoint != ""
	case "none":
		return false
	case "otlp":
		return true
	default:
		r.refuse(variableExporter, strconv.Quote(exporter)+" is none of the exporters here", "Write otlp, or none for no traces")
		return false
	}
}

func (r *reader) settings() *Settings {
	r.protocol()
	s := &Settings{endpoint: r.endpoint(), headers: r.headers(), tls: r.certificates(), resource: r.resource(), joins: r.joins()}
	variable, value := r.otlp("TIMEOUT")
	s.timeout = time.Duration(r.number(variable, value, 10_000, longest)) * time.Millisecond
	switch variable, value = r.otlp("COMPRESSION"); word(value) {
	case "gzip":
		s.gzip = true
	case "", "none":
	default:
		r.warn(variable, strconv.Quote(value)+" is not spoken here, and nothing is compressed", "Write gzip or none")
	}
	s.sampler, s.sampling = r.sampler()
	s.queue = r.bsp("MAX_QUEUE_SIZE", 2048, mostQueued)
	s.batch = r.bsp("MAX_EXPORT_BATCH_SIZE", 512, mostQueued)
	if s.batch > s.queue {
		if r.get("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") != "" {
			r.warn("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "it is more than OTEL_BSP_MAX_QUEUE_SIZE, and counts as "+strconv.Itoa(s.queue), "Lower it")
		}
		s.batch = s.queue
	}
	s.delay = time.Duration(r.bsp("SCHEDULE_DELAY", 5000, longest)) * time.Millisecond
	s.exportTimeout = time.Duration(r.bsp("EXPORT_TIMEOUT", 30_000, longest)) * time.Millisecond
	if r.get("OTEL_CONFIG_FILE") != "" {
		r.warn("OTEL_CONFIG_FILE", "files of OpenTelemetry's settings are not read here", "Use the variables")
	}
	return s
}

// protocol refuses what is not spoken. Only http/protobuf is.
func (r *reader) protocol() {
	switch variable, value := r.otlp("PROTOCOL"); word(value) {
	case "", "http/protobuf":
	case "grpc":
		r.refuse(variable, "gRPC is not spoken here", "Write http/protobuf, which collectors take at port 4318 as a rule")
	default:
		r.refuse(variable, strconv.Quote(value)+" is not spoken here", "Write http/protobuf")
	}
}

// endpoint is where batches are posted: a variable of traces says it whole, the one of all signals says what comes before
// /v1/traces.
func (r *reader) endpoint() *url.URL {
	local := &url.URL{Scheme: "http", Host: "localhost:4318", Path: "/v1/traces"}
	variable, value := r.otlp("ENDPOINT")
	if value == "" {
		return local
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || !isPort(u.Port()):
		r.refuse(variable, "it is not an address that begins with http:// or https://", "Write it like http://localhost:4318")
		return local
	case u.User != nil || u.Fragment != "":
		r.refuse(variable, "an address with a name, a password or a # is not asked", "Give what the collector wants in "+prefixOTLP+"HEADERS")
		return local
	}
	if u.Port() == "4317" {
		r.warn(variable, "port 4317 is that of gRPC as a rule, which is not spoken here", "Give the port of http/protobuf, 4318 as a rule")
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		r.warn(variable, "traces leave this machine in clear, with their headers", "Use https, or a collector on this machine")
	}
	switch {
	case variable == prefixOTLP+"ENDPOINT":
		u.Path, u.RawPath = path.Join("/", u.Path, "v1/traces"), ""
	case u.Path == "":
		u.Path = "/"
	}
	return u
}

// certificates are the authorities that the collector's certificate is held against, and what this server shows itself.
func (r *reader) certificates() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if variable, file := r.otlp("CERTIFICATE"); file != "" {
		config.RootCAs = x509.NewCertPool()
		if text, err := os.ReadFile(file); err != nil {
			r.refuse(variable, "cannot be read: "+err.Error(), "Name a file that this program may read")
		} else if !config.RootCAs.AppendCertsFromPEM(text) {
			r.refuse(variable, file+" has no certificate in PEM", "Name the file of the authority that signed the collector's certificate")
		}
	}
	variable, certificate := r.otlp("CLIENT_CERTIFICATE")
	keyVariable, key := r.otlp("CLIENT_KEY")
	switch {
	case certificate == "" && key == "":
		return config
	case certificate == "":
		r.refuse(keyVariable, "there is no certificate for it", "Name the certificate's file with "+variable+" too")
		return config
	case key == "":
		r.refuse(variable, "there is no key for it", "Name the key's file with "+keyVariable+" too")
		return config
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		r.refuse(variable, "it and "+prefixOTLP+"CLIENT_KEY are no pair: "+err.Error(), "Name both files, in PEM")
	}
	config.Certificates = []tls.Certificate{pair}
	return config
}

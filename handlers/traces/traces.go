// Package traces sends spans of what a process does to an OpenTelemetry collector, where the standard variables ask for it. They
// say where the time of a request goes, by routes, names of statements and kinds of errors, and never an account, a client, a
// code, an address of anybody or a value: who reads them need not be of the staff.
//
//	variables.go  the standard variables, read and judged
//	values.go     how each kind of value is read
//	traces.go     Traces: what begins and ends
//	request.go    the span of a request, and whose traceparent is believed
//	beside.go     spans of the database, and of what others are asked
//	export.go     how spans leave: OTLP by HTTP
//	told.go       what the log is told when they do not
//
// OpenTelemetry's own exporter by HTTP links gRPC, which is six megabytes that nothing here speaks. So the spans are made,
// queued and put into OTLP's messages by OpenTelemetry's packages, and posted by net/http (docs/decisions/0077-traces.md).
package traces

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope names who makes the spans.
const scope = "countersign"

// FlushTime is how long the end of a process waits for the last spans to leave.
const FlushTime = 5 * time.Second

// Config is what Traces are made with. Every field is required.
type Config struct {
	Settings *Settings
	Issuer   string // scheme and host, as the server's own address in spans
	Version  string // of the program
	Log      *slog.Logger
}

// Traces makes spans and sends them. A nil Traces does nothing, and costs nothing. Safe for use by several goroutines. Make it
// with New.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	joins    bool
	common   []attribute.KeyValue // of each request's span
	post     *poster
}

// New returns Traces that send by the settings, from now on. Their End has to be called.
func New(config Config) *Traces {
	s := config.Settings
	post := newPoster(s, config.Version)
	told := &telling{SpanExporter: otlptrace.NewUnstarted(post), to: s.Address(), log: config.Log, queue: int64(s.queue)}
	// A provider reads the variables once more, and tells of what Read has told in better words, values included.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(s.sampler),
		sdktrace.WithResource(resource.Empty()), // see poster.about
		sdktrace.WithSpanProcessor(counting{told}),
		sdktrace.WithBatcher(told,
			sdktrace.WithMaxQueueSize(s.queue), sdktrace.WithMaxExportBatchSize(s.batch),
			sdktrace.WithBatchTimeout(s.delay), sdktrace.WithExportTimeout(s.exportTimeout)),
	)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { config.Log.Warn("traces have a fault", "error", err) }))
	return &Traces{
		provider: provider, tracer: provider.Tracer(scope, trace.WithInstrumentationVersion(config.Version)), joins: s.joins,
		common: commonOf(config.Issuer), post: post,
	}
}

// End sends what is left, for FlushTime at most, and makes no further spans.
func (t *Traces) End() {
	if t == nil {
		return
	}
	t.post.hurry()
	ctx, cancel := context.WithTimeout(context.Background(), FlushTime)
	defer cancel()
	_ = t.provider.Shutdown(ctx) // the log has been told why
	t.post.abandon()
}

// IDs returns the identifiers of the trace and of the span that a context is in, in hexadecimal digits, where they are recorded.
func IDs(ctx context.Context) (traceID, spanID string, recorded bool) {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return "", "", false
	}
	return span.TraceID().String(), span.SpanID().String(), true
}

// instance names one process among several, by chance.
var instance = sync.OnceValue(func() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
})

// about is the resource that all spans are of: what the variables say of it comes first.
func (s *Settings) about(version string) []attribute.KeyValue {
	said := attribute.NewSet(s.resource...)
	all := []attribute.KeyValue{
		semconv.ServiceName("countersign"), semconv.ServiceVersion(version), semconv.ServiceInstanceID(instance()),
		semconv.TelemetrySDKLanguageGo, semconv.TelemetrySDKName("opentelemetry"), semconv.TelemetrySDKVersion(sdkVersion()),
	}
	kept := all[:0]
	for _, one := range all {
		if !said.HasValue(one.Key) {
			kept = append(kept, one)
		}
	}
	return append(kept, s.resource...)
}

package traces

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// commonOf is what each request's span says of the server: by the issuer, since what a request says of it is a stranger's word.
func commonOf(issuer string) []attribute.KeyValue {
	u, err := url.Parse(issuer)
	if err != nil {
		return nil
	}
	common := []attribute.KeyValue{semconv.URLScheme(u.Scheme), semconv.ServerAddress(u.Hostname())}
	port := u.Port()
	if port == "" {
		port, _ = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	if n, err := strconv.Atoi(port); err == nil {
		common = append(common, semconv.ServerPort(n))
	}
	return common
}

// Request is the span of a request that is being answered. A nil Request is of one that is not traced.
type Request struct{ span trace.Span }

// Request begins the span of a request, in whose context everything is then done for it. Trusted says that it comes from a
// trusted proxy: only then, and only where OTEL_PROPAGATORS asks for it, the span continues the trace of its traceparent. What
// others send as one is not looked at: a stranger would choose which requests are recorded, and under which name.
func (t *Traces) Request(ctx context.Context, header http.Header, trusted bool) (context.Context, *Request) {
	if t == nil {
		return ctx, nil
	}
	if trusted && t.joins {
		ctx = joined(ctx, header)
	}
	ctx, span := t.tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(t.common...))
	return ctx, &Request{span}
}

// joined is in the trace that a header names. Its tracestate is left: nobody here has anything in it. Of two headers none
// counts: a proxy that adds its own behind a stranger's would have the stranger's believed.
func joined(ctx context.Context, header http.Header) context.Context {
	if len(header.Values("Traceparent")) > 1 {
		return ctx
	}
	carrier := propagation.MapCarrier{"traceparent": header.Get("Traceparent")}
	return propagation.TraceContext{}.Extract(ctx, carrier)
}

// End ends the span with the pattern of the route, "" for none, one of HTTP's methods, "" for any other, and the status.
func (r *Request) End(route, method string, status int) {
	if r == nil {
		return
	}
	name, said := method, method
	if method == "" {
		name, said = "HTTP", "_OTHER" // of the semantic conventions
	}
	attributes := []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(said), semconv.HTTPResponseStatusCode(status)}
	if route != "" {
		name += " " + route
		attributes = append(attributes, semconv.HTTPRoute(route))
	}
	r.span.SetName(name)
	r.span.SetAttributes(attributes...)
	if status >= http.StatusInternalServerError {
		r.span.SetStatus(codes.Error, "")
		r.span.SetAttributes(semconv.ErrorTypeKey.String(strconv.Itoa(status)))
	}
	r.span.End()
}

// Refused notes why a request was answered as it was, in a word of a closed set: the code of an OAuth error, a limit, a class of
// requests without a free place, an outage of the database.
func (t *Traces) Refused(ctx context.Context, kind, word string) {
	if t != nil {
		trace.SpanFromContext(ctx).SetAttributes(attribute.String("countersign."+kind, word))
	}
}

package handlerstest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector receives traces by OTLP over HTTP, as OpenTelemetry's does, and keeps them.
type Collector struct {
	URL string // for OTEL_EXPORTER_OTLP_ENDPOINT

	mu     sync.Mutex // guards the rest
	said   []byte
	spans  []*tracepb.Span
	about  map[string]string
	asked  []http.Header
	answer func(http.ResponseWriter, *http.Request) bool
}

// StartCollector starts one that ends with the test.
func StartCollector(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Answer has requests answered by another function until it is nil. Spans of a request that it returns true for are kept too.
func (c *Collector) Answer(by func(http.ResponseWriter, *http.Request) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = by
}

// ServeHTTP takes a batch at /v1/traces, and nothing else.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked = append(c.asked, r.Header.Clone())
	by := c.answer
	c.mu.Unlock()
	if by != nil && !by(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, err = unpacked(body)
	}
	var batch tracepb.TracesData
	if err != nil || r.URL.Path != "/v1/traces" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-protobuf" ||
		proto.Unmarshal(body, &batch) != nil {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	c.keep(body, &batch)
}

func unpacked(body []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func (c *Collector) keep(body []byte, batch *tracepb.TracesData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, body...)
	for _, of := range batch.GetResourceSpans() {
		c.about = map[string]string{}
		for _, one := range of.GetResource().GetAttributes() {
			c.about[one.GetKey()] = one.GetValue().GetStringValue()
		}
		for _, scope := range of.GetScopeSpans() {
			c.spans = append(c.spans, scope.GetSpans()...)
		}
	}
}

// Said is everything that was received, byte for byte, uncompressed.
func (c *Collector) Said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.said)
}

// Spans are those that were received.
func (c *Collector) Spans() []*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// About is what the newest batch says of the process.
func (c *Collector) About() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.about
}

// Asked are the headers of the requests that came.
func (c *Collector) Asked() []http.Header {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

// Wait returns the first span of a name, once it is there.
func (c *Collector) Wait(t testing.TB, name string) *tracepb.Span {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, span := range c.Spans() {
			if span.GetName() == name {
				return span
			}
		}
	}
	t.Fatalf("no span %q among %q", name, SpanNames(c.Spans()))
	return nil
}

// SpanNames are the names of spans, each once, in order.
func SpanNames(spans []*tracepb.Span) []string {
	var names []string
	for _, span := range spans {
		names = append(names, span.GetName())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SpanAttributes are those of a span, as text.
func SpanAttributes(span *tracepb.Span) map[string]string {
	all := map[string]string{}
	for _, one := range span.GetAttributes() {
		all[one.GetKey()] = one.GetValue().GetStringValue()
		if number, is := one.GetValue().GetValue().(*commonpb.AnyValue_IntValue); is {
			all[one.GetKey()] = strconv.FormatInt(number.IntValue, 10)
		}
	}
	return all
}

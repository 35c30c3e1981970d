package traces

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	firstPause  = time.Second // before the second try of a batch; each further one is twice as long
	longestRead = 64 << 10    // of an answer, in bytes
)

// rejectedError is an answer that takes some spans of a batch, or none: so many are not taken. They are not sent again.
type rejectedError uint64

func (e rejectedError) Error() string {
	return fmt.Sprintf("the collector refused spans: %d", uint64(e))
}

// poster posts batches. It is an otlptrace.Client.
type poster struct {
	settings *Settings
	agent    string
	about    *resourcepb.Resource // the SDK would also tell what is wrong of OTEL_RESOURCE_ATTRIBUTES
	http     *http.Client

	living, hurrying context.Context // end when nothing is to be sent any more, and when nothing is to be tried again
	abandon, hurry   context.CancelFunc
}

func newPoster(s *Settings, version string) *poster {
	about := &resourcepb.Resource{}
	of := attribute.NewSet(s.about(version)...) // each name once: the last counts
	for _, one := range of.ToSlice() {
		text := &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: one.Value.AsString()}}
		about.Attributes = append(about.Attributes, &commonpb.KeyValue{Key: string(one.Key), Value: text})
	}
	p := &poster{settings: s, agent: "OTel-OTLP-Exporter-Countersign/" + version, about: about, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: s.tls, MaxResponseHeaderBytes: 16 << 10,
			IdleConnTimeout: time.Minute, MaxConnsPerHost: 1, ForceAttemptHTTP2: true},
	}}
	p.living, p.abandon = context.WithCancel(context.Background())
	p.hurrying, p.hurry = context.WithCancel(p.living)
	return p
}

// Start is part of otlptrace.Client.
func (p *poster) Start(context.Context) error { return nil }

// Stop is part of otlptrace.Client.
func (p *poster) Stop(context.Context) error { return nil }

// UploadTraces is part of otlptrace.Client. It tries again for as long as a batch may take, where the answer lets it
// (OTLP 1.x, "OTLP/HTTP Response", "Retryable Response Codes").
func (p *poster) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := p.encode(spans)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.settings.timeout)
	defer cancel()
	defer context.AfterFunc(p.living, cancel)()
	for pause := firstPause; ; pause *= 2 {
		again, after, err := p.try(ctx, body)
		if err == nil || !again || !p.rest(ctx, max(after, pause/2+rand.N(pause/2))) { //nolint:gosec // so that several do not ask at once
			return err
		}
	}
}

// rest waits before the next try. false: there is no time for one.
func (p *poster) rest(ctx context.Context, length time.Duration) bool {
	if end, is := ctx.Deadline(); is && time.Until(end) <= length {
		return false
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-p.hurrying.Done():
	}
	return false
}

// encode makes the body: a TracesData is an ExportTraceServiceRequest on the wire, whose Go package is gRPC's.
func (p *poster) encode(spans []*tracepb.ResourceSpans) ([]byte, error) {
	for _, one := range spans {
		one.Resource, one.SchemaUrl = p.about, semconv.SchemaURL
	}
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil || !p.settings.gzip {
		return body, err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, err = writer.Write(body)
	err = errors.Join(err, writer.Close()) // which writes the end
	return packed.Bytes(), err
}

// try posts once. again says that another try may help, not before after.
func (p *poster) try(ctx context.Context, body []byte) (again bool, after time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.settings.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return false, 0, errors.New("the address cannot be asked")
	}
	for _, header := range p.settings.headers {
		request.Header.Set(header[0], header[1])
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("User-Agent", p.agent)
	if p.settings.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := p.http.Do(request)
	if failed, is := errors.AsType[*url.Error](err); is {
		return true, 0, failed.Err // without the address, which may hold a secret
	}
	if err != nil {
		return true, 0, err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, longestRead))
	switch status := answer.StatusCode; {
	case status >= 200 && status <= 299:
		return false, 0, rejected(said)
	case err != nil:
		return true, 0, err
	default:
		return isPassing(status), retryAfter(answer.Header.Get("Retry-After")), fmt.Errorf("the collector answered %d", status)
	}
}

// isPassing reports an answer after which a batch is sent again.
func isPassing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads seconds (RFC 9110 §10.2.3). A date is not read: the usual pause counts.
func retryAfter(text string) time.Duration {
	seconds, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second //nolint:gosec // 16 bits
}

// rejected reads of an ExportTraceServiceResponse how many spans were refused: partial_success (1) with rejected_spans (1).
func rejected(answer []byte) error {
	partial, is := field(answer, 1, protowire.BytesType)
	if !is {
		return nil
	}
	inner, _ := protowire.ConsumeBytes(partial)
	count, is := field(inner, 1, protowire.VarintType)
	if !is {
		return nil
	}
	if n, _ := protowire.ConsumeVarint(count); n > 0 {
		return rejectedError(n)
	}
	return nil
}

// field finds the value of the first field of a number and type in a message; what is no message has none.
func field(message []byte, number protowire.Number, kind protowire.Type) (value []byte, is bool) {
	for len(message) > 0 {
		n, t, length := protowire.ConsumeTag(message)
		if length < 0 {
			return nil, false
		}
		message = message[length:]
		size := protowire.ConsumeFieldValue(n, t, message)
		if size < 0 {
			return nil, false
		}
		if n == number && t == kind {
			return message[:size], true
		}
		message = message[size:]
	}
	return nil, false
}

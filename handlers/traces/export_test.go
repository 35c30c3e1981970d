package traces_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/traces"
)

// output is a log that several write to.
type output struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (o *output) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(line)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// sending are Traces that send to a collector at once.
func sending(t *testing.T, collector *handlerstest.Collector, more ...string) (*traces.Traces, *output) {
	t.Helper()
	variables := append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL, "OTEL_BSP_SCHEDULE_DELAY=10"}, more...)
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
	log := &output{}
	made := traces.New(traces.Config{Settings: settings, Issuer: "https://id.example.org", Version: "v1.2.3",
		Log: slog.New(slog.NewTextHandler(log, nil))})
	t.Cleanup(made.End)
	return made, log
}

// one makes one span of a request.
func one(t *testing.T, made *traces.Traces, route string) {
	t.Helper()
	_, span := made.Request(t.Context(), http.Header{}, false)
	span.End(route, http.MethodGet, http.StatusOK)
}

// Batches are posted as OTLP has it, with what the variables say of them and of the process.
func TestBatchesArrive(t *testing.T) {
	t.Parallel()
	collector := handlerstest.StartCollector(t)
	made, log := sending(t, collector, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20hush",
		"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test")
	one(t, made, "/token")
	attributes := handlerstest.SpanAttributes(collector.Wait(t, "GET /token"))
	for name, want := range map[string]string{"http.request.method": "GET", "http.route": "/token", "http.response.status_code": "200",
		"url.scheme": "https", "server.address": "id.example.org", "server.port": "443"} {
		if attributes[name] != want {
			t.Errorf("%s is %q, not %q", name, attributes[name], want)
		}
	}
	if about := collector.About(); about["service.name"] != "countersign" || about["service.version"] != "v1.2.3" ||
		about["deployment.environment.name"] != "test" || about["telemetry.sdk.language"] != "go" {
		t.Errorf("%v", about)
	}
	header := collector.Asked()[0]
	if header.Get("Authorization") != "Bearer hush" || header.Get("Content-Encoding") != "gzip" ||
		header.Get("User-Agent") != "OTel-OTLP-Exporter-Countersign/v1.2.3" || header.Get("Traceparent") != "" {
		t.Errorf("%v", header)
	}
	if log.String() != "" {
		t.Error(log)
	}
}

// A collector that refuses is told of once, and once when it takes spans again; what it refuses in part counts too.
func TestLostAndBackAreOneLineEach(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"refuses": func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusUnauthorized)
			return false
		},
		"takes a part": func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte{0x0a, 0x02, 0x08, 0x05}) // partial_success: 5 rejected_spans
			return true
		},
		"goes elsewhere": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collector := handlerstest.StartCollector(t)
			collector.Answer(refusal)
			made, log := sending(t, collector)
			for len(collector.Asked()) < 3 {
				one(t, made, "/lost")
				time.Sleep(20 * time.Millisecond)
			}
			collector.Answer(nil)
			for end := time.Now().Add(time.Minute); !strings.Contains(log.String(), "again") && time.Now().Before(end); {
				one(t, made, "/back")
				time.Sleep(20 * time.Millisecond)
			}
			collector.Wait(t, "GET /back")
			text := log.String()
			lost := `level=WARN msg="traces cannot be sent: they are dropped until they can" to=` + collector.URL + "/v1/traces error="
			if strings.Count(text, "\n") != 2 || !strings.Contains(text, lost) || !strings.Contains(text, `level=INFO msg="traces are sent again"`) {
				t.Error(text)
			}
		})
	}
}

// A collector that takes every other batch does not fill the log, and a span that it refuses is counted alone.
func TestEveryOtherBatchIsOneLineEach(t *testing.T) {
	t.Parallel()
	collector, refusing := handlerstest.StartCollector(t), false
	collector.Answer(func(w http.ResponseWriter, _ *http.Request) bool { // one batch after the other
		if refusing = !refusing; refusing {
			_, _ = w.Write([]byte{0x0a, 0x02, 0x08, 0x01}) // partial_success: 1 rejected_span
		}
		return true
	})
	made, log := sending(t, collector, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=3")
	for len(collector.Asked()) < 6 {
		for range 3 {
			one(t, made, "/token")
		}
		time.Sleep(20 * time.Millisecond)
	}
	made.End()
	if text := log.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, "the collector refused spans: 1") ||
		strings.Count(text, "dropped_spans_at_least=1\n") != 1 {
		t.Error(text)
	}
}

// Spans that find no place in the queue are told of: a line of the log may name a trace that nobody has.
func TestFullQueueIsTold(t *testing.T) {
	t.Parallel()
	collector, waits := handlerstest.StartCollector(t), make(chan struct{})
	collector.Answer(func(http.ResponseWriter, *http.Request) bool {
		<-waits
		return true
	})
	made, log := sending(t, collector, "OTEL_BSP_MAX_QUEUE_SIZE=16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=4")
	for range 200 {
		one(t, made, "/token")
	}
	close(waits)
	made.End()
	text, dropped := log.String(), 200-len(collector.Spans())
	_, number, _ := strings.Cut(text, "dropped_spans_at_least=")
	if told, _ := strconv.Atoi(strings.TrimSpace(number)); told > dropped || told < dropped-16 || // of the last queue nobody knows
		!strings.Contains(text, `error="the queue of spans is full" next="record fewer requests (OTEL_TRACES_SAMPLER)`) {
		t.Errorf("%d spans were dropped: %s", dropped, text)
	}
	if strings.Count(text, "level=WARN") != 1 {
		t.Error(text)
	}
}

// A provider of the SDK reads the variables by itself: nothing of it is told a second time, and what cannot be read does not count.
func TestWrongVariablesAreToldOnce(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=hush,secret")
	t.Setenv("OTEL_TRACES_SAMPLER", "some")
	collector := handlerstest.StartCollector(t)
	made, log := sending(t, collector)
	one(t, made, "/token")
	collector.Wait(t, "GET /token")
	if about := collector.About(); log.String() != "" || about["deployment.environment.name"] != "" || about["service.name"] != "countersign" {
		t.Errorf("%v, %s", about, log)
	}
}

// An answer that passes by itself is waited for, within the time of a batch.
func TestBatchesAreSentAgain(t *testing.T) {
	t.Parallel()
	collector := handlerstest.StartCollector(t)
	collector.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		collector.Answer(nil)
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	})
	made, log := sending(t, collector)
	one(t, made, "/token")
	collector.Wait(t, "GET /token")
	if len(collector.Asked()) != 2 || log.String() != "" {
		t.Errorf("%d requests, %s", len(collector.Asked()), log)
	}
}

// A collector that never answers delays nobody and takes no memory without a bound, and the end waits for FlushTime at most.
func TestHangingCollector(t *testing.T) {
	t.Parallel()
	collector := handlerstest.StartCollector(t)
	hanging, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	collector.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-hanging.Done():
		case <-r.Context().Done():
		}
		return false
	})
	made, log := sending(t, collector, "OTEL_BSP_MAX_QUEUE_SIZE=64", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=16")
	began := time.Now()
	for range 20_000 {
		one(t, made, "/token")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("20,000 spans took %s", took)
	}
	began = time.Now()
	made.End()
	if took := time.Since(began); took > traces.FlushTime+5*time.Second {
		t.Errorf("the end took %s", took)
	}
	for end := time.Now().Add(time.Minute); log.String() == "" && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	if strings.Count(log.String(), "traces cannot be sent") != 1 {
		t.Error(log)
	}
}

// Nothing is made and nothing is allocated where nobody asked for traces.
func TestNoTracesCostNothing(t *testing.T) {
	var none *traces.Traces
	ctx, header := t.Context(), http.Header{}
	if made := testing.AllocsPerRun(100, func() {
		inside, span := none.Request(ctx, header, true)
		span.End("/token", http.MethodPost, http.StatusOK)
		_, end := none.Ask(inside, traces.Asked{Span: "x"})
		end(0, "")
		none.Refused(inside, "limit", "x")
	}); made > 0 {
		t.Errorf("%v allocations", made)
	}
	none.Database(nil)
	none.End()
}

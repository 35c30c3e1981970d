package traces

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// quiet is how long nothing is told after spans are sent again: a collector that takes every other batch would fill the log.
const quiet = 10 * time.Minute

// errNoRoom is what the queue does where more spans are made than leave.
var errNoRoom = errors.New("the queue of spans is full")

// telling tells the log when spans no longer leave, and when they leave again: one line each, however many batches are lost in
// between. Spans that are lost are never sent again.
type telling struct {
	sdktrace.SpanExporter
	to    string
	log   *slog.Logger
	queue int64        // spans that it holds
	made  atomic.Int64 // spans, those that were left out not counted

	mu       sync.Mutex // guards the rest
	seen     int64      // of those that were made: they have been posted, or are lost
	lost     int64      // spans, since all was well
	told     bool       // that spans are lost
	quietTil time.Time
}

// ExportSpans is part of sdktrace.SpanExporter. Its error has been told.
func (t *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	dropped := t.dropped(int64(len(spans)))
	err := t.SpanExporter.ExportSpans(ctx, spans)
	lost := int64(len(spans))
	if rejected, is := errors.AsType[rejectedError](err); is {
		lost = min(lost, int64(min(rejected, 1<<32))) //nolint:gosec // 33 bits
	} else if err == nil {
		lost = 0
	}
	if err == nil && dropped > 0 {
		err = errNoRoom
	}
	t.tell(err, lost+dropped)
	return nil
}

// dropped counts the spans that found no place in the queue. What was made is posted now, or was before, or is in the queue.
func (t *telling) dropped(posted int64) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen += posted
	dropped := max(0, t.made.Load()-t.seen-t.queue)
	t.seen += dropped
	return dropped
}

func (t *telling) tell(err error, lost int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost += lost
	switch {
	case err != nil && !t.told && !time.Now().Before(t.quietTil):
		next := "see that the collector is there and takes the variables OTEL_EXPORTER_OTLP_…"
		if errors.Is(err, errNoRoom) {
			next = "record fewer requests (OTEL_TRACES_SAMPLER), or see why the collector is slow"
		}
		t.log.Warn("traces cannot be sent: they are dropped until they can", "to", t.to, "error", err, "next", next)
		t.told = true
	case err == nil && t.told:
		t.log.Info("traces are sent again", "to", t.to, "dropped_spans_at_least", t.lost)
		t.told, t.lost, t.quietTil = false, 0, time.Now().Add(quiet)
	}
}

// counting counts spans that are to be sent, before they are queued. It is a sdktrace.SpanProcessor.
type counting struct{ *telling }

// OnStart is part of sdktrace.SpanProcessor.
func (counting) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd is part of sdktrace.SpanProcessor.
func (c counting) OnEnd(span sdktrace.ReadOnlySpan) {
	if span.SpanContext().IsSampled() {
		c.made.Add(1)
	}
}

// Shutdown is part of sdktrace.SpanProcessor, and ends nothing: the queue does that.
func (counting) Shutdown(context.Context) error { return nil }

// ForceFlush is part of sdktrace.SpanProcessor.
func (counting) ForceFlush(context.Context) error { return nil }

package traces

import (
	"context"
	"log/slog"
	"sync"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// telling tells the log when spans no longer leave, and when they leave again: one line each, however many batches are lost in
// between. Spans that are lost are never sent again.
type telling struct {
	sdktrace.SpanExporter
	to  string
	log *slog.Logger

	mu   sync.Mutex // guards lost
	lost int        // spans, since it was told; 0: all is well
}

// ExportSpans is part of sdktrace.SpanExporter. Its error has been told.
func (t *telling) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := t.SpanExporter.ExportSpans(ctx, spans)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil && t.lost == 0:
		t.log.Warn("traces cannot be sent: they are dropped until they can", "to", t.to, "error", err,
			"next", "see that the collector is there and takes the variables OTEL_EXPORTER_OTLP_…")
	case err == nil && t.lost > 0:
		t.log.Info("traces are sent again", "to", t.to, "dropped_spans_at_least", t.lost)
	}
	if err == nil {
		t.lost = 0
	} else {
		t.lost += len(spans)
	}
	return nil
}

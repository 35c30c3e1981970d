package traces

import (
	"context"
	"time"

	"countersign/models"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Database has spans made of what a request asks of the database. What goes on beside requests has none. It is called before the
// first statement.
func (t *Traces) Database(store *models.Store) {
	if t == nil {
		return
	}
	system := semconv.DBSystemNamePostgreSQL
	if store.IsSQLite() {
		system = semconv.DBSystemNameSQLite
	}
	store.Trace(models.Tracing{
		Recording: func(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() },
		Statement: func(ctx context.Context, begun time.Time, said models.StatementTold) {
			t.statement(ctx, begun, said, system)
		},
		Write: func(ctx context.Context) (context.Context, models.WriteTold) { return t.write(ctx, system) },
	})
}

// statement makes the span of one that is over.
func (t *Traces) statement(ctx context.Context, begun time.Time, said models.StatementTold, system attribute.KeyValue) {
	summary := said.Operation
	attributes := []attribute.KeyValue{system, semconv.DBOperationName(said.Operation)}
	if said.Table != "" {
		summary += " " + said.Table
		attributes = append(attributes, semconv.DBCollectionName(said.Table))
	}
	_, span := t.tracer.Start(ctx, summary, trace.WithTimestamp(begun), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(append(attributes, semconv.DBQuerySummary(summary))...))
	failed(span, said.Failure)
	span.End()
}

// write makes the span of a write: of the wait for its turn, of its statements, and of COMMIT.
func (t *Traces) write(ctx context.Context, system attribute.KeyValue) (context.Context, models.WriteTold) {
	ctx, span := t.tracer.Start(ctx, "write", trace.WithSpanKind(trace.SpanKindInternal), trace.WithAttributes(system))
	return ctx, func(step models.WriteStep, failure string) {
		if step != models.WriteEnded {
			span.AddEvent(string(step))
			return
		}
		failed(span, failure)
		span.End()
	}
}

// failed says by a word why something did not work, "" for nothing.
func failed(span trace.Span, word string) {
	if word != "" {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(semconv.ErrorTypeKey.String(word))
	}
}

// Asked is what another server is asked.
type Asked struct {
	Span   string // its name: a purpose, in words of ours
	Method string // of HTTP; "" where it is not spoken
	Server string // its host, "" where it is not ours to tell
}

// Ask begins the span of what another server is asked. Nothing of it goes to that server. end is told the answer's status, 0 for
// none, and why there is none or it does not do, as a word of a closed set.
func (t *Traces) Ask(ctx context.Context, asked Asked) (inside context.Context, end func(status int, failure string)) {
	if t == nil {
		return ctx, func(int, string) {}
	}
	var attributes []attribute.KeyValue
	if asked.Method != "" {
		attributes = append(attributes, semconv.HTTPRequestMethodKey.String(asked.Method))
	}
	if asked.Server != "" {
		attributes = append(attributes, semconv.ServerAddress(asked.Server))
	}
	ctx, span := t.tracer.Start(ctx, asked.Span, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return ctx, func(status int, failure string) {
		if status != 0 {
			span.SetAttributes(semconv.HTTPResponseStatusCode(status))
		}
		failed(span, failure)
		span.End()
	}
}

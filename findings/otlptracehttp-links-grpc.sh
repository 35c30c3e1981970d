#!/usr/bin/env bash
# Go module go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp 1.47.0: the exporter that speaks HTTP only links gRPC.
#
# Expected: there are two exporters of traces, otlptracegrpc and otlptracehttp, so that a program which posts OTLP by HTTP needs no gRPC.
# Seen:     a program with otlptracehttp has more than fifty of gRPC's packages in it, gRPC itself among them: the generated package with
#           the answer's message (proto/otlp/collector/trace/v1) also holds the service's stubs, and is imported for that message. The
#           program is 1.6 times as large as one with the SDK, the OTLP messages and net/http alone (14.0 and 8.6 MB, linux/amd64).
# Source:   Go modules go.opentelemetry.io/otel v1.47.0, its sdk, exporters/otlp/otlptrace and otlptrace/otlptracehttp of the same version.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
mkdir http bare
cat >http/main.go <<'GO'
package main

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		panic(err)
	}
	sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter)).Tracer("seen")
}
GO
cat >bare/main.go <<'GO'
package main

import (
	"bytes"
	"context"
	"net/http"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

type poster struct{}

func (poster) Start(context.Context) error { return nil }
func (poster) Stop(context.Context) error  { return nil }
func (poster) UploadTraces(_ context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	answer, err := http.Post("http://127.0.0.1:4318/v1/traces", "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func main() {
	sdktrace.NewTracerProvider(sdktrace.WithBatcher(otlptrace.NewUnstarted(poster{}))).Tracer("seen")
}
GO
otel=go.opentelemetry.io/otel
{ go mod init seen && go get $otel@v1.47.0 $otel/sdk@v1.47.0 $otel/exporters/otlp/otlptrace@v1.47.0 \
    $otel/exporters/otlp/otlptrace/otlptracehttp@v1.47.0 && go mod tidy &&
  go build -trimpath -ldflags '-s -w' -o with ./http && go build -trimpath -ldflags '-s -w' -o without ./bare; } >log 2>&1 ||
  { cat log >&2; echo "could not build with otlptracehttp 1.47.0" >&2; exit 2; }
packages() { go list -deps "$1" | grep -E '^google.golang.org/grpc($|/)' || true; }
{
  echo "otlptracehttp: gRPC's packages $([ "$(packages ./http | wc -l)" -gt 50 ] && echo "more than 50" || echo "50 or fewer")," \
    "gRPC itself $(packages ./http | grep -cx google.golang.org/grpc || true)"
  echo "net/http: gRPC's packages $(packages ./bare | wc -l)"
  echo "program larger by a third or more: $(($(stat -c %s with) * 3 >= $(stat -c %s without) * 4))"
} | tee seen
echo "bytes: $(stat -c %s with) with otlptracehttp, $(stat -c %s without) without"
cat >expected <<'TXT'
otlptracehttp: gRPC's packages more than 50, gRPC itself 1
net/http: gRPC's packages 0
program larger by a third or more: 1
TXT
diff expected seen && echo "As described: otlptracehttp 1.47.0 links gRPC."

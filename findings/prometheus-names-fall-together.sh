#!/usr/bin/env bash
# Go module github.com/prometheus/client_golang 1.25.0 takes two metric names that an older scraper gets as one, twice.
#
# Expected: requests.open and requests_open are both valid names since UTF-8 names are allowed. A registry that takes both, a
#           pedantic one even, keeps them apart for each scraper, or refuses the second name.
# Seen:     both are registered. For a scraper that asks for text format 0.0.4 each "." becomes "_", so the page has the family
#           requests_open twice, with status 200. The project's own text parser refuses the page.
# Source:   Go modules github.com/prometheus/client_golang 1.25.0 (writer) and github.com/prometheus/common 0.72.0 (parser).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http/httptest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func main() {
	registry := prometheus.NewPedanticRegistry()
	for _, name := range []string{"requests.open", "requests_open"} {
		gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "Requests that wait for a decision."})
		fmt.Printf("register %s: error %v\n", name, registry.Register(gauge))
	}
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	for _, accept := range []string{"text/plain;version=1.0.0;escaping=allow-utf-8", "text/plain;version=0.0.4"} {
		request := httptest.NewRequest("GET", "/metrics", nil)
		request.Header.Set("Accept", accept)
		page := httptest.NewRecorder()
		handler.ServeHTTP(page, request)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(page.Body)
		fmt.Printf("%s: status %d, %d families, error %v\n", accept, page.Code, len(families), err)
	}
}
GO
{ go mod init seen && go get github.com/prometheus/client_golang/prometheus/promhttp@v1.25.0 github.com/prometheus/common@v0.72.0 &&
  go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with client_golang 1.25.0" >&2; exit 2; }
cat >expected <<'TXT'
register requests.open: error <nil>
register requests_open: error <nil>
text/plain;version=1.0.0;escaping=allow-utf-8: status 200, 2 families, error <nil>
text/plain;version=0.0.4: status 200, 1 families, error text format parsing error in line 4: second HELP line for metric name "requests_open"
TXT
./program | tee seen
diff expected seen && echo "As described: client_golang 1.25.0 lets two names fall together."

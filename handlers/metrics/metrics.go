// Package metrics is what a monitoring system is told of one process of the server, in Prometheus' text format. It names
// routes, kinds and numbers, and never an account, a client, a request, an address or one of the staff: who reads it need
// not be of the staff.
//
//	metrics.go  the listener's one page, and what handlers count
//	beside.go   what goes on behind and beside requests
//	shared.go   what all processes share, read from the database at a scrape
//
// Names are letters, digits and underscores. docs/operations.md lists them, and docs/decisions/0066-metrics.md says why.
package metrics

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Path is where metrics are served, on a listener of their own.
const Path = "/metrics"

// namespace begins the name of each metric of ours.
const namespace = "countersign"

// durations are the bounds of buckets in seconds: what a phone, a person and a proxy still bear.
func durations() []float64 { return []float64{0.005, 0.025, 0.1, 0.5, 2.5, 10} }

// Metrics are those of one process. A nil Metrics counts nothing. Safe for use by several goroutines. Make it with New.
type Metrics struct {
	registry *prometheus.Registry

	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	tooMany    *prometheus.CounterVec
	overloaded *prometheus.CounterVec
	outages    *prometheus.CounterVec

	waited     prometheus.Histogram
	groups     prometheus.Histogram
	swept      prometheus.Gauge
	sweepTook  prometheus.Gauge
	sweepFails prometheus.Counter
	expiry     *prometheus.GaugeVec // told of no certificate until there is one
}

// New returns metrics that have counted nothing yet, of a program of this version.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counters("http_requests_total",
			"Requests answered, by the pattern of their route, their method and the class of the answer's status.", "route", "method", "status"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "http_request_duration_seconds", Buckets: durations(),
			Help: "Time until a request was answered, by the pattern of its route and its method.",
		}, []string{"route", "method"}),
		tooMany: counters("http_limited_total",
			"Requests answered 429, by what there were too many of.", "limit"),
		overloaded: counters("http_overloaded_total",
			"Requests answered 503 because no place at work was free, by the class that shares the places.", "class"),
		outages: counters("http_outage_answers_total",
			"Requests answered 503 because the database did not do its work, by what was wrong with it.", "outage"),
	}
	m.beside()
	m.registry.MustRegister(m.requests, m.duration, m.tooMany, m.overloaded, m.outages, build(version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// build says which program this is.
func build(version string) prometheus.Collector {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1: the program's version and that of Go.",
	}, []string{"version", "go_version"})
	info.WithLabelValues(version, runtime.Version()).Set(1)
	return info
}

// Handler answers GET and HEAD at Path, and nothing else.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 2, Registry: m.registry,
	}))
	return mux
}

// Request counts one that was answered. Route is a pattern and method one of HTTP's, so that both are few.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status/100)+"xx").Inc()
	m.duration.WithLabelValues(route, method).Observe(took.Seconds())
}

// TooMany counts a request that a limit refused. What is the limit's own words.
func (m *Metrics) TooMany(what string) {
	if m != nil {
		m.tooMany.WithLabelValues(what).Inc()
	}
}

// Overloaded counts a request of a class that found no place at work.
func (m *Metrics) Overloaded(class string) {
	if m != nil {
		m.overloaded.WithLabelValues(class).Inc()
	}
}

// Outage counts a request that met an outage of the database.
func (m *Metrics) Outage(outage string) {
	if m != nil {
		m.outages.WithLabelValues(outage).Inc()
	}
}

package metrics

import (
	"time"

	"countersign/models"

	"github.com/prometheus/client_golang/prometheus"
)

// beside adds what goes on behind and beside requests.
func (m *Metrics) beside() {
	m.waited = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "write_wait_seconds", Buckets: []float64{0.001, 0.01, 0.1, 1, 5},
		Help: "Time from when a write to the database was wanted until it began.",
	})
	m.groups = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: namespace, Name: "write_group_size", Buckets: []float64{1, 2, 4, 8, 16, 32},
		Help: "How many short writes were committed together, on SQLite.",
	})
	m.swept = gauge("sweep_timestamp_seconds", "When the last sweep of this process ended that did not fail; 0 before the first.")
	m.sweepTook = gauge("sweep_duration_seconds", "How long that took.")
	m.sweepFails = prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: namespace, Name: "sweep_failures_total", Help: "Sweeps that failed.",
	})
	m.expiry = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "certificate_expiry_timestamp_seconds", Help: "When the server's own TLS certificate expires.",
	}, nil)
	m.registry.MustRegister(m.waited, m.groups, m.swept, m.sweepTook, m.sweepFails, m.expiry)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

// Observer counts how a database is written to.
func (m *Metrics) Observer() models.Observer {
	return models.Observer{
		Waited: func(wait time.Duration) { m.waited.Observe(wait.Seconds()) },
		Group:  func(writes int) { m.groups.Observe(float64(writes)) },
	}
}

// Swept tells of a sweep, with the error that it ended with.
func (m *Metrics) Swept(began, ended time.Time, err error) {
	switch {
	case m == nil:
	case err != nil:
		m.sweepFails.Inc()
	default:
		m.swept.Set(float64(ended.UnixMilli()) / 1000)
		m.sweepTook.Set(ended.Sub(began).Seconds())
	}
}

// CertificateExpires tells when the certificate expires that is served now.
func (m *Metrics) CertificateExpires(at time.Time) {
	if m != nil {
		m.expiry.WithLabelValues().Set(float64(at.Unix()))
	}
}

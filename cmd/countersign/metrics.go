package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"countersign/handlers/metrics"
	"countersign/models"
)

// metricsListen is where metrics are served, "" for nowhere.
func (f *ServeFlags) metricsListen(c *checks) string {
	if f.MetricsListen == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(f.MetricsListen)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		c.refuse("metrics-listen", fmt.Sprintf("%q is not an address and a port", f.MetricsListen), "Write it like 127.0.0.1:9464")
		return ""
	}
	if f.MetricsListen == f.Listen && port != "0" {
		c.refuse("metrics-listen", fmt.Sprintf("%s is where --listen is", f.MetricsListen), "Give another port")
		return ""
	}
	if !isLoopback(host) {
		c.warnings = append(c.warnings, problem{c.name("metrics-listen"), "whoever reaches this address reads the metrics, in clear",
			"Give 127.0.0.1 for the host, or let nothing but the monitoring system reach it"})
	}
	return f.MetricsListen
}

// metrics are what a monitoring system is told, nil where it is told nothing.
func (s *ServeCmd) metrics(store *models.Store, log *slog.Logger) *metrics.Metrics {
	if s.settings.metricsListen == "" {
		return nil
	}
	told := metrics.New(versionText())
	told.Database(store, log)
	return told
}

// tellMetrics listens for a monitoring system and answers it, where there is anything to tell, until what goes on to the very
// end ends: a server that lets requests finish is not gone.
func (s *ServeCmd) tellMetrics(toTheEnd *background, told *metrics.Metrics, log *slog.Logger) error {
	if told == nil {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(toTheEnd.env.Context, "tcp", s.settings.metricsListen)
	if err != nil {
		return cannotListen("metrics-listen", err)
	}
	log.Info("metrics", "address", listener.Addr().String(), "path", metrics.Path)
	toTheEnd.run(func(env *Environment) {
		if err := answerMetrics(env.Context, listener, told, log); err != nil {
			log.Error("metrics are told no more", "error", err)
		}
	})
	return nil
}

// answerMetrics answers until the context ends. It waits for no scrape then.
func answerMetrics(ctx context.Context, listener net.Listener, told *metrics.Metrics, log *slog.Logger) error {
	inner := &http.Server{
		Handler: told.Handler(), ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = inner.Close() })
	defer stop()
	if err := inner.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

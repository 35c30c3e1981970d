package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"countersign/handlers/traces"
	"countersign/handlers/web"
)

// Bounds of the HTTP server. A request is answered well within them; they end
// those that are slow on purpose (docs/protocol.md §6 slow-and-huge).
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 45 * time.Second // more than a handler takes
	maxHeaderBytes    = 32 << 10

	drainTimeout = 20 * time.Second                          // for requests that are being answered when the server ends
	endingTime   = keepCheckpointInterval + traces.FlushTime // for what else there is to do then: keeping the checkpoint takes longest
	longestDrain = 5 * time.Minute                           // of --drain-delay
	longestIdle  = time.Hour                                 // of --idle-timeout
)

// server answers requests until its environment's context ends.
type server struct {
	env        *Environment
	handler    http.Handler
	tls        *tls.Config   // nil: plain http
	idle       time.Duration // a connection between two requests is closed after this; 0: after readTimeout
	drainDelay time.Duration // /readyz says 503 for this long before connections are refused
	log        *slog.Logger

	draining atomic.Bool
	full     atomic.Pointer[fullness] // nil: there was a file for each connection
}

// fullness is when there was no file left for a connection, last, and what that said.
type fullness struct {
	at  time.Time
	err error
}

// bounded is the HTTP server with its bounds.
func (s *server) bounded() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: s.idle, MaxHeaderBytes: maxHeaderBytes,
		BaseContext: func(net.Listener) context.Context {
			return web.WithEnding(context.WithoutCancel(s.env.Context), s.env.Context.Done())
		},
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // what strangers send
	}
}

// serve answers on all listeners, and closes them. It returns nil after an orderly end.
func (s *server) serve(listeners ...net.Listener) error {
	inner := s.bounded()
	ended := make(chan error, len(listeners))
	for _, listener := range listeners {
		listener = &tellingListener{Listener: listener, now: s.env.Now, log: s.log, full: s.metFull}
		if s.tls != nil {
			listener = tls.NewListener(listener, s.tls)
		}
		go func() { ended <- inner.Serve(listener) }()
	}
	select {
	case err := <-ended:
		return errors.Join(fmt.Errorf("serving: %w", err), inner.Close())
	case <-s.env.Context.Done():
	}
	return s.drain(inner)
}

// serveUnder serves, and tells the service manager: that the server is ready, that it lives for as long as it answers
// itself, also while it ends, and that it ends, with how long that may take.
func (s *server) serveUnder(manager *serviceManager, sockets []net.Listener) error {
	beside := newBackgroundToTheEnd(s.env)
	defer beside.end()
	answers := watched(sockets, s.tls != nil)
	beside.run(func(env *Environment) {
		manager.keepWatch(env, func(ctx context.Context) error {
			err := answers(ctx)
			switch full := s.full.Load(); {
			case err != nil && s.draining.Load():
				return errEnding
			case err != nil && full != nil && s.env.Now().Sub(full.at).Abs() < manager.watchdog: // it took no connection of ours
				return full.err
			}
			return err
		})
	})
	stop := context.AfterFunc(s.env.Context, func() {
		manager.tell(notifyStopping, moreTime(s.drainDelay+drainTimeout+endingTime))
	})
	defer stop()
	manager.tell(notifyReady)
	return s.serve(sockets...)
}

// metFull keeps when there was no file left for a connection.
func (s *server) metFull(err error) { s.full.Store(&fullness{s.env.Now(), err}) }

// drain says first that this server is leaving, then lets requests finish.
func (s *server) drain(inner *http.Server) error {
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.env.Context), s.drainDelay+drainTimeout)
	defer cancel()
	s.log.Info("ending: letting requests finish")
	if s.drainDelay > 0 {
		if err := s.env.Wait(ctx, s.drainDelay); err != nil {
			return err
		}
	}
	if err := inner.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some requests took too long and were cut off")
		return inner.Close()
	} else if err != nil {
		return err
	}
	s.log.Info("ended")
	return nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.draining.Load() && r.URL.Path == "/readyz" {
		http.Error(w, "ending", http.StatusServiceUnavailable)
		return
	}
	s.handler.ServeHTTP(w, r)
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// What the service manager is told: sd_notify(3).
const (
	notifyReady     = "READY=1"
	notifyReloading = "RELOADING=1"
	notifyStopping  = "STOPPING=1"
	notifyWatchdog  = "WATCHDOG=1"
	notifyMonotonic = "MONOTONIC_USEC=" // of RELOADING, in microseconds of CLOCK_MONOTONIC
)

// serviceManager is systemd, or anything that speaks as it does: it is told in one datagram each what the server does.
// Without one nothing is told.
type serviceManager struct {
	socket   string        // "": there is none
	watchdog time.Duration // how long it waits for a word before it ends the process; 0: for ever
	log      *slog.Logger
}

// newServiceManager reads NOTIFY_SOCKET (sd_notify(3)), WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3)).
func newServiceManager(env *Environment, log *slog.Logger) *serviceManager {
	m := &serviceManager{socket: env.Getenv("NOTIFY_SOCKET"), log: log}
	microseconds, err := strconv.ParseUint(env.Getenv("WATCHDOG_USEC"), 10, 48)
	if pid := env.Getenv("WATCHDOG_PID"); err == nil && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		m.watchdog = time.Duration(microseconds) * time.Microsecond //nolint:gosec // 48 bits
	}
	return m
}

// tell sends one message. That it cannot be sent is logged, and stops nothing.
func (m *serviceManager) tell(lines ...string) {
	if m.socket == "" {
		return
	}
	// A name that begins with @ is one of the abstract kind for package net too.
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err == nil {
		_, err = connection.Write([]byte(strings.Join(lines, "\n")))
		_ = connection.Close()
	}
	if err != nil {
		m.log.Warn("the service manager cannot be told", "what", lines[0], "error", err)
	}
}

// reloading tells that settings are read again, and then that it is done.
func (m *serviceManager) reloading(reload func()) {
	m.tell(notifyReloading, notifyMonotonic+strconv.FormatInt(monotonicClock().Microseconds(), 10))
	reload()
	m.tell(notifyReady)
}

// errEnding says that a server does not answer since it ends.
var errEnding = errors.New("the server ends")

// keepWatch tells the manager that the server lives, for as long as it answers itself, until the context ends. Between two
// words there are at most five sixths of the time that the manager waits.
func (m *serviceManager) keepWatch(env *Environment, answers func(context.Context) error) {
	if m.socket == "" || m.watchdog <= 0 {
		return
	}
	for {
		ctx, cancel := context.WithTimeout(env.Context, m.watchdog/2)
		err := answers(ctx)
		cancel()
		switch {
		case env.Context.Err() != nil:
			return
		case err == nil:
			m.tell(notifyWatchdog)
		case errors.Is(err, errEnding):
		default:
			m.log.Error("this server does not answer itself: the service manager ends it unless that changes", "error", err)
		}
		if env.Wait(env.Context, m.watchdog/3) != nil {
			return
		}
	}
}

// answersItself asks the server whether it lives, at its own socket as anybody could.
func answersItself(ctx context.Context, address net.Addr, encrypted bool) error {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, address.Network(), address.String())
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, //nolint:gosec // we ask ourselves
	}
	scheme := "http"
	if encrypted {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://localhost/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answers %s", answer.Status)
	}
	return nil
}

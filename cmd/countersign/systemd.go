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
	"sync"
	"syscall"
	"time"
)

// What the service manager is told: sd_notify(3).
const (
	notifyReady     = "READY=1"
	notifyReloading = "RELOADING=1"
	notifyStopping  = "STOPPING=1"
	notifyWatchdog  = "WATCHDOG=1"
	notifyMonotonic = "MONOTONIC_USEC="      // of RELOADING, in microseconds of CLOCK_MONOTONIC
	notifyExtend    = "EXTEND_TIMEOUT_USEC=" // how long, in microseconds, until the next word or the end
)

// fullReminder is how often it is told that the server cannot ask itself whether it lives.
const fullReminder = time.Minute

// serviceManager is systemd, or anything that speaks as it does: it is told in one datagram each what the server does.
// Without one nothing is told. Safe for use by several goroutines.
type serviceManager struct {
	socket   string        // "": there is none
	watchdog time.Duration // how long it waits for a word before it ends the process; 0: for ever
	log      *slog.Logger

	mu         sync.Mutex    // guards connection
	connection *net.UnixConn // kept: there may be no file left to open when it is needed; nil: not yet
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

// tell sends one message, by a new connection where the one that is kept no longer leads there. That it cannot be sent is
// logged, and stops nothing.
func (m *serviceManager) tell(lines ...string) {
	if m.socket == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	message := []byte(strings.Join(lines, "\n"))
	if m.connection != nil {
		if _, err := m.connection.Write(message); err == nil {
			return
		}
		_ = m.connection.Close()
	}
	// A name that begins with @ is one of the abstract kind for package net too.
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if m.connection = connection; err == nil {
		_, err = connection.Write(message)
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

// moreTime is the message that the manager's patience may end no earlier than after this length.
func moreTime(length time.Duration) string {
	return notifyExtend + strconv.FormatInt(length.Microseconds(), 10)
}

// startExtension is asked for again and again, three times within its length, while something at the start takes long.
const startExtension = time.Minute

// patientWith does work before the server is ready that may take longer than the manager waits.
func (m *serviceManager) patientWith(env *Environment, work func() error) error {
	if m.socket == "" {
		return work()
	}
	beside := newBackground(env)
	defer beside.end()
	m.tell(moreTime(startExtension))
	beside.run(func(env *Environment) {
		for env.Wait(env.Context, startExtension/3) == nil {
			m.tell(moreTime(startExtension))
		}
	})
	return work()
}

// errEnding says that a server does not answer since it ends.
var errEnding = errors.New("the server ends")

// isFull reports that this process or this machine has no file left for a connection.
func isFull(err error) bool { return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) }

// keepWatch tells the manager that the server lives, for as long as it answers itself, until the context ends. Between two
// words there are at most five sixths of the time that the manager waits. A server that has no file left to ask itself
// does not hang: strangers hold its connections, and a new process would have no more room for them.
func (m *serviceManager) keepWatch(env *Environment, answers func(context.Context) error) {
	if m.socket == "" || m.watchdog <= 0 {
		return
	}
	var toldFull time.Time
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
		case isFull(err):
			m.tell(notifyWatchdog)
			if now := env.Now(); now.Sub(toldFull).Abs() >= fullReminder {
				toldFull = now
				m.log.Error("this server has no file left to ask itself whether it lives: the service manager is told that it does",
					"error", err, "next", "allow this process more open files (LimitNOFILE), or end what holds them")
			}
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
	answer, err := askAt(ctx, address.Network(), address.String(), encrypted, "/healthz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answers %s", answer.Status)
	}
	return nil
}

// askAt gets a page of a server on this machine. Its certificate is for another name than this one, and is not verified:
// nothing secret is sent. The caller closes the body.
func askAt(ctx context.Context, network, address string, encrypted bool, path string) (*http.Response, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, //nolint:gosec // we ask ourselves
	}
	scheme := "http"
	if encrypted {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://localhost"+path, nil)
	if err != nil {
		return nil, err
	}
	return transport.RoundTrip(request)
}

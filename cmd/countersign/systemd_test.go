package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// notifySocket is where a service manager hears: the messages come from the channel.
func notifySocket(t *testing.T) (path string, told <-chan string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "notify") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	path = filepath.Join(folder, "s")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	messages := make(chan string, 100)
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := socket.Read(buffer)
			if err != nil {
				return
			}
			messages <- string(buffer[:n])
		}
	}()
	return path, messages
}

// oneTold is the next message.
func oneTold(t *testing.T, told <-chan string) string {
	t.Helper()
	select {
	case message := <-told:
		return message
	case <-time.After(patience):
		t.Fatal("the service manager is told nothing")
		return ""
	}
}

// nextTold is the next message but for those of the watchdog.
func nextTold(t *testing.T, told <-chan string) string {
	t.Helper()
	for {
		if message := oneTold(t, told); message != notifyWatchdog {
			return message
		}
	}
}

// activated starts the program in a process of its own, as a service manager does: with a TCP and a Unix socket passed as
// descriptors 3 and 4.
func activated(t *testing.T, environ []string) (process *exec.Cmd, tcp, unix string, log *textBuffer) {
	t.Helper()
	first, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	unix = filepath.Join(filepath.Dir(lookup(environ)("NOTIFY_SOCKET")), "http")
	second, err := net.ListenUnix("unix", &net.UnixAddr{Name: unix, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	second.SetUnlinkOnClose(false)
	tcpFile, err := first.File()
	unixFile, bad := second.File()
	if err = errors.Join(err, bad, first.Close(), second.Close()); err != nil {
		t.Fatal(err)
	}
	log = &textBuffer{}
	process = exec.Command("sh", "-c", "export LISTEN_PID=$$ WATCHDOG_PID=$$; exec countersign serve")
	process.Env = append(append(os.Environ(), environ...), "LISTEN_FDS=2")
	process.ExtraFiles, process.Stderr = []*os.File{tcpFile, unixFile}, log
	if err := errors.Join(process.Start(), tcpFile.Close(), unixFile.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	return process, first.Addr().String(), unix, log
}

// sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3): a server asks for time to migrate, says when it is ready, that it
// lives, that it reads its certificate again, that it ends and how long that may take; and answers on the sockets that it
// was started with. Who comes by the Unix socket has the address of this machine, and a proxy there is believed.
func TestUnderAServiceManager(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	path, told := notifySocket(t)
	process, tcp, unix, log := activated(t, append(environ, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=3000000", "COUNTERSIGN_LISTEN=192.0.2.1:1",
		"COUNTERSIGN_TRUSTED_PROXY=127.0.0.1/32", "COUNTERSIGN_LOG_LEVEL=debug", "COUNTERSIGN_MIGRATE=true", "COUNTERSIGN_DRAIN_DELAY=10ms"))
	if got := nextTold(t, told); got != "EXTEND_TIMEOUT_USEC=60000000" {
		t.Fatalf("before the migrations %q is told\n%s", got, log)
	}
	if got := nextTold(t, told); got != notifyReady {
		t.Fatalf("after them %q is told\n%s", got, log)
	}
	waitForAnswer(t, "http://"+tcp+"/readyz")
	for range 3 {
		if got := oneTold(t, told); got != notifyWatchdog {
			t.Errorf("%q is told while it runs", got)
		}
	}
	before := monotonicClock()
	if err := process.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	head, microseconds, _ := strings.Cut(nextTold(t, told), "\n"+notifyMonotonic)
	at, err := strconv.ParseInt(microseconds, 10, 64)
	passed := time.Duration(at)*time.Microsecond - before
	if head != notifyReloading || err != nil || passed < -time.Microsecond || passed > time.Minute {
		t.Errorf("at SIGHUP %q is told, %s after it, %v", head, passed, err)
	}
	said := func() bool { return strings.Contains(log.String(), "SIGHUP: nothing is read again") } // its log comes by another way
	if got := nextTold(t, told); got != notifyReady || !until(said) {
		t.Errorf("after reading again %q is told\n%s", got, log)
	}
	askByUnix(t, unix, log)
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := nextTold(t, told); got != "STOPPING=1\nEXTEND_TIMEOUT_USEC=85010000" {
		t.Errorf("at the end %q is told", got)
	}
	if err := process.Wait(); err != nil || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("it ended with %v:\n%s", err, log)
	}
}

// askByUnix asks as a proxy does that comes by the Unix socket.
func askByUnix(t *testing.T, unix string, log *textBuffer) {
	t.Helper()
	client := &http.Client{Transport: saying{map[string]string{"X-Forwarded-For": "203.0.113.7"}, &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", unix)
		},
	}}}
	if got := statusOf(t, client, "http://countersign/nowhere"); got != http.StatusNotFound {
		t.Errorf("by the Unix socket the status is %d", got)
	}
	if !until(func() bool { return strings.Contains(log.String(), "203.0.113.7") }) {
		t.Errorf("the proxy that comes by the Unix socket is not believed:\n%s", log)
	}
}

// sd_watchdog_enabled(3): a server that does not answer itself is not said to live, and is again when it does.
func TestWatchdogOnlyWhileItAnswers(t *testing.T) {
	t.Parallel()
	path, told := notifySocket(t)
	log := &textBuffer{}
	m := &serviceManager{socket: path, watchdog: time.Minute, log: slog.New(slog.NewTextHandler(log, nil))}
	outcomes := []error{nil, errors.New("no answer"), errors.New("no answer"), errEnding, nil}
	var waits []time.Duration
	ctx, end := context.WithCancel(t.Context())
	m.keepWatch(&Environment{Context: ctx, Wait: func(ctx context.Context, length time.Duration) error {
		if waits = append(waits, length); len(waits) == len(outcomes) {
			end()
		}
		return ctx.Err()
	}}, func(ctx context.Context) error {
		if end, bounded := ctx.Deadline(); !bounded || time.Until(end) > time.Minute/2 {
			t.Errorf("the question is bounded: %t, %s", bounded, end)
		}
		return outcomes[len(waits)]
	})
	m.tell("the end")
	for _, want := range []string{notifyWatchdog, notifyWatchdog, "the end"} {
		if got := oneTold(t, told); got != want {
			t.Errorf("told is %q, want %q", got, want)
		}
	}
	if !slices.Equal(waits, slices.Repeat([]time.Duration{time.Minute / 3}, 5)) || strings.Count(log.String(), "does not answer itself") != 2 {
		t.Errorf("waits %v, log %s", waits, log)
	}
}

// EXTEND_TIMEOUT_USEC (sd_notify(3)) is said again and again while something takes long before the server is ready, and no
// more when it is done.
func TestServiceManagerWaitsForMigrations(t *testing.T) {
	t.Parallel()
	path, told := notifySocket(t)
	m := &serviceManager{socket: path, log: slog.New(slog.DiscardHandler)}
	passed, failed := make(chan time.Duration), errors.New("the migration failed")
	env := &Environment{Context: t.Context(), Wait: func(ctx context.Context, length time.Duration) error {
		select {
		case passed <- length:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	err := m.patientWith(env, func() error {
		for range 3 {
			if got := oneTold(t, told); got != "EXTEND_TIMEOUT_USEC=60000000" {
				t.Errorf("%q is told", got)
			}
			if length := <-passed; length > 30*time.Second {
				t.Errorf("the next word comes after %s of 1 min", length)
			}
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
	if m.tell("the end"); oneTold(t, told) != "EXTEND_TIMEOUT_USEC=60000000" || oneTold(t, told) != "the end" {
		t.Error("something is told after the work")
	}
}

// A server that takes connections and answers none does not live.
func TestAServerThatHangsDoesNotAnswerItself(t *testing.T) {
	t.Parallel()
	hangs, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hangs.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := watched([]net.Listener{hangs}, false)(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that hangs: %v", err)
	}
	broken := serveHandler(t, http.NotFoundHandler())
	if err := answersItself(t.Context(), broken.Listener.Addr(), false); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a server that answers something else: %v", err)
	}
	s := startTLSServer(t)
	if err := watched([]net.Listener{s.listener}, true)(t.Context()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("with TLS of its own it is not asked: %v", err)
	}
}

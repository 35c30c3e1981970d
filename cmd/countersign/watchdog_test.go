package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server without a file left for a connection does not hang: it is said to live, and why it cannot ask itself is told once
// a minute.
func TestWatchdogWithoutAFileLeft(t *testing.T) {
	t.Parallel()
	path, told := notifySocket(t)
	log := &textBuffer{}
	m := &serviceManager{socket: path, watchdog: 30 * time.Second, log: slog.New(slog.NewTextHandler(log, nil))}
	full := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	outcomes := slices.Repeat([]error{full}, 8)
	now, turns := testNow, 0
	ctx, end := context.WithCancel(t.Context())
	m.keepWatch(&Environment{Context: ctx, Now: func() time.Time { return now }, Wait: func(ctx context.Context, length time.Duration) error {
		now = now.Add(length)
		if turns++; turns == len(outcomes) {
			end()
		}
		return ctx.Err()
	}}, func(context.Context) error { return outcomes[turns] })
	for range outcomes {
		if got := oneTold(t, told); got != notifyWatchdog {
			t.Errorf("%q is told", got)
		}
	}
	requireLines(t, log.String(), []string{
		`level=ERROR msg="this server has no file left to ask itself whether it lives`, `msg="this server has no file left`,
	})
}

// The service manager that was started anew, at the same socket, is told by a new connection.
func TestServiceManagerThatIsStartedAnew(t *testing.T) {
	t.Parallel()
	path, told := notifySocket(t)
	m := &serviceManager{socket: path, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	m.tell(notifyReady)
	if got := oneTold(t, told); got != notifyReady {
		t.Errorf("%q is told", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	anew, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer anew.Close()
	_ = m.connection.Close() // what it led to has gone
	m.tell(notifyStopping)
	buffer := make([]byte, 100)
	if n, err := anew.Read(buffer); err != nil || string(buffer[:n]) != notifyStopping {
		t.Errorf("%q is told, %v", buffer[:n], err)
	}
}

// firstAfterMigrations is what the service manager is told first, but that migrations take their time.
func firstAfterMigrations(t *testing.T, told <-chan string) string {
	t.Helper()
	for {
		if message := nextTold(t, told); !strings.HasPrefix(message, "EXTEND_TIMEOUT_USEC=") {
			return message
		}
	}
}

// Strangers who hold every file that the process may open do not get it killed by the service manager.
func TestStrangersWhoHoldEveryFile(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	path, told := notifySocket(t)
	log := &textBuffer{}
	process := exec.Command("sh", "-c", "ulimit -n 64; export WATCHDOG_PID=$$; exec countersign serve --migrate")
	process.Env = append(append(os.Environ(), environ...), "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=3000000")
	process.Stderr = log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	if got := firstAfterMigrations(t, told); got != notifyReady {
		t.Fatalf("first %q is told\n%s", got, log)
	}
	for range 300 {
		stranger, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			break // the kernel takes no more
		}
		defer stranger.Close()
	}
	if !until(func() bool { return strings.Contains(log.String(), "no connection is accepted") }) {
		t.Fatalf("there is a file for each:\n%s", log)
	}
	for len(told) > 0 {
		<-told
	}
	for range 3 {
		select {
		case got := <-told:
			if got != notifyWatchdog {
				t.Errorf("%q is told", got)
			}
		case <-time.After(patience):
			t.Fatalf("it is not said to live:\n%s", log)
		}
	}
	for _, unwanted := range []string{"does not answer itself", "cannot be told"} {
		if strings.Contains(log.String(), unwanted) {
			t.Errorf("%s:\n%s", unwanted, log)
		}
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
}

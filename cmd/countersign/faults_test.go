package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What goes wrong around a process, in the tests that break things under load.

// systemLimit is a limit that the system has for a process.
type systemLimit int

const (
	openFiles systemLimit = iota // files and connections together
	fileSize                     // where the next byte of a file may be
)

// exhaust leaves a process no file for one connection more, and has strangers ask for many, until the process has said so and has
// its limit back.
func exhaust(t *testing.T, pid int, address string, log *textBuffer) {
	t.Helper()
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	giveBack, can := setLimit(t, pid, openFiles, uint64(len(open)))
	if !can {
		return
	}
	for range 64 {
		if connection, err := net.Dial("tcp", address); err == nil {
			defer connection.Close()
		}
	}
	said := until(func() bool { return strings.Contains(log.String(), `msg="no connection is accepted"`) })
	giveBack()
	if !said {
		t.Errorf("%s has a file for each connection:\n%s", address, log)
	}
}

// slowStrangers are beside everybody else until the context ends: each sends a head or a body, a byte now and then, and is cut off
// in time. problem is told of whom is not.
func slowStrangers(ctx context.Context, address func() string, problem func(format string, args ...any)) (ended *sync.WaitGroup) {
	const many, bound = 6, readTimeout + 10*time.Second
	ended = &sync.WaitGroup{}
	for i := range many {
		begins := []string{
			"GET / HTTP/1.1\r\nHost: x\r\nA: ",
			"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\na=",
		}[i%2]
		ended.Go(func() {
			for ctx.Err() == nil {
				if took := dribble(ctx, address(), begins); took > bound {
					problem("a stranger who is slow holds a connection for %s", took)
				}
				_ = wait(ctx, restartPause)
			}
		})
	}
	return ended
}

// dribble returns how long it was listened to.
func dribble(ctx context.Context, address, begins string) time.Duration {
	began := time.Now()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0
	}
	defer connection.Close()
	for text := []byte(begins); err == nil && wait(ctx, 300*time.Millisecond) == nil; text = []byte("x") {
		_, err = connection.Write(text)
		_ = connection.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, read := connection.Read(make([]byte, 512)); read != nil && !errors.Is(read, os.ErrDeadlineExceeded) {
			break // cut off
		}
	}
	return time.Since(began)
}

// providerGate is in front of the OpenID Provider. While it is shut the provider's page is there for browsers, and nothing for other
// servers: what is wrong is on the way between the two.
type providerGate struct{ shut atomic.Bool }

func (g *providerGate) around(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.shut.Load() && r.URL.Path != "/authorize" {
			panic(http.ErrAbortHandler) // the connection ends
		}
		provider.ServeHTTP(w, r)
	})
}

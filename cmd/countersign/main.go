// Command countersign is the whole program: the server, a demonstration of it,
// a reference phone, and the commands of the person who runs it.
//
//	main.go, cli*.go          the way in: signals, command line, exit codes
//	environment.go            what a command takes from the world outside
//	sources.go, config*.go    where settings come from and how they are checked: all at once; config_look.go and
//	                          config_show.go do so without serving; kubernetes.go knows variables that are no settings
//	toggle.go                 a switch that may be set wrongly
//	serve.go, server.go       the production server (accept.go: its connections); background.go is what it does beside
//	                          requests, listeners.go its sockets, systemd.go and monotonic_*.go what a service
//	                          manager is told, certificate.go its own TLS certificate, notices.go
//	                          sends notices, sequence.go lets the log grow, checkpoint_file.go keeps its head,
//	                          witnesses.go has it cosigned, metrics.go and traces.go tell monitoring systems, clock.go compares clocks,
//	                          memory.go aims the garbage collector, practice.go is for training
//	demo*.go, demoprovider    the demonstration, with its own OpenID Provider
//	operator*.go              an operator's browser, for demo --once and for tests
//	phone*.go                 the reference phone, on oauth/deviceclient
//	open.go                   the database, and the store in it, for a command; progress.go says how far it is, on a line of
//	                          columns_*.go
//	backup*.go, restore*.go   copies of a SQLite database; part_file.go is a file that is not whole yet, part_lock_*.go its lock
//	copy*.go                  a SQLite database goes to PostgreSQL
//	witness.go                a witness of other departments' logs
//	migrate*.go, accounts*.go, counters*.go, clients.go, bindings.go, requests*.go, staff.go, notices_trial.go, notices_undelivered.go,
//	publishers*.go, registration_tokens.go, resource_servers.go, audit*.go, keys*.go, health.go, version.go,
//	completion*.go, man.go
//
// A command is a struct with a Run method, one file a command. Exit codes: 0 it
// worked, 1 it failed, 2 it was called wrongly; phone has one more.
package main

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run is the program with the world's own clock, waiting and randomness. The
// first SIGINT or SIGTERM ends the context, the second one the process.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return execute(&Environment{
		Context: ctx, Args: args, Environ: environ, Getenv: lookup(environ),
		Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Now: time.Now, Wait: wait, Rand: rand.Reader, Hangups: hangups,
	})
}

// hangups takes SIGHUP from now on: it no longer ends the process.
func hangups() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals
}

// lookup reads variables out of a list of NAME=value; the last one counts.
func lookup(environ []string) func(string) string {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			values[name] = value
		}
	}
	return func(name string) string { return values[name] }
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

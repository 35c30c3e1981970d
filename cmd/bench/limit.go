package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
)

// limitCommand is the bench as the bare server.
const limitCommand = "serve-limit"

// startLimit starts the bare server in a process of its own.
func (b *bench) startLimit(ctx context.Context) (*contender, error) {
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(b.folder, bareLimit)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &contender{name: bareLimit, base: "http://" + listen, folder: folder}
	if err := b.giveDatabase(ctx, c); err != nil {
		return nil, err
	}
	process := exec.CommandContext(ctx, program, limitCommand, "-listen", listen)
	process.Env = append(cleanEnvironment(), "BENCH_DATABASE="+c.database) // may hold a password
	return c, c.run(ctx, process)
}

// serveLimit is the bare server's process.
func serveLimit(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet(limitCommand, flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "", "address and port")
	if flags.Parse(args) != nil {
		return exitUsage
	}
	if err := limitServer(ctx, *listen, os.Getenv("BENCH_DATABASE"), os.Getenv("BENCH_STATS")); err != nil {
		_, _ = fmt.Fprintln(stderr, "limit:", err)
		return exitFailed
	}
	return 0
}

func limitServer(ctx context.Context, listen, database, stats string) error {
	store, err := openLimitStore(ctx, database)
	if err != nil {
		return err
	}
	defer store.Close()
	handler, err := newLimitHandler("http://"+listen, store)
	if err != nil {
		return err
	}
	if err := store.tell(ctx, stats); err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: patience}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// tell answers as _inside/stats.go does.
func (s *limitStore) tell(ctx context.Context, path string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		for lines := bufio.NewScanner(connection); lines.Scan(); {
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			if _, err := fmt.Fprintln(connection, memory.Mallocs, s.statements.Load()); err != nil {
				return
			}
		}
	}()
	return nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
)

const (
	exitFailed = 1
	exitUsage  = 2

	// firstBuild is the commit that every later build is held against.
	firstBuild = "56942bf"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 1 && os.Args[1] == limitCommand {
		os.Exit(serveLimit(ctx, os.Args[2:], os.Stderr))
	}
	os.Exit(command(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is the bench with its command line.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	parsed, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	b := &bench{options: parsed, out: stdout, pid: os.Getpid(), load: newLoad(parsed.workers)}
	if _, err := b.runAll(ctx); err != nil {
		_, _ = fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	var run string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&run, "run", "", "run only the scenarios whose name matches this regular expression: "+strings.Join(names(), ", "))
	flags.IntVar(&o.n, "n", 0, "phones, or waiting requests, of a scenario (0: its own number)")
	flags.IntVar(&o.rounds, "rounds", 5, "how often each server is measured, one after the other")
	flags.IntVar(&o.workers, "workers", 8, "how many ask at once")
	flags.StringVar(&o.database, "database", "sqlite:", "sqlite: for new files, or a postgres:// address in which schemas are made and dropped")
	flags.StringVar(&o.against, "against", firstBuild, "the commit of the old build, empty for none")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	o.run, err = regexp.Compile(run)
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %s", flags.Arg(0))
	case o.n < 0 || o.rounds < 1 || o.workers < 1:
		err = fmt.Errorf("-n is 0 or more, -rounds and -workers are 1 or more")
	case o.database != "sqlite:" && !strings.HasPrefix(o.database, "postgres://") && !strings.HasPrefix(o.database, "postgresql://"):
		err = fmt.Errorf("-database is sqlite: or a postgres:// address")
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "bench:", err)
	}
	return o, err
}

// Command countersign-verify checks an export of the audit trail, as JSON lines, with nothing but that file and what an auditor
// kept: no database, no server, no network. It is for somebody who will not run the program that made the export, and small enough to
// be read: this file, and the packages audit, audit/term, audit/tree and audit/export.
//
//	countersign-verify [--issuer URL] [--keys FILE] [--checkpoint FILE] [--since] [--at-least N] FILE
//
// It prints the verdict, and how far it is to the standard error. Exit codes: 0 nothing is wrong, 1 something is or the file cannot
// be read, 2 it was called wrongly. countersign audit verify --export does the same.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"

	"countersign/audit/export"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// garbage is what the collector lets pile up, as a percentage of what is in use: lines come and go, and half of Go's own 100 takes less
// memory whatever the size of the export (docs/performance.md). An own GOGC stays as it is.
const garbage = 50

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	options, name, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "countersign-verify:", err)
		return exitUsage
	}
	report, err := verify(ctx, options, name, stdin, stderr)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "countersign-verify:", err)
		return exitFailed
	}
	for _, line := range report.Lines() {
		_, _ = fmt.Fprintln(stdout, line)
	}
	if !report.OK() {
		return exitFailed
	}
	return 0
}

// parse reads the command line, and the files that it names but the export.
func parse(args []string, stderr io.Writer) (o export.Options, name string, err error) {
	flags := flag.NewFlagSet("countersign-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.Issuer, "issuer", "", "whose trail it should be, a `URL`; otherwise whose it says that it is")
	keys := flags.String("keys", "", "`FILE` with the audit keys as a JSON Web Key Set, kept elsewhere")
	checkpoint := flags.String("checkpoint", "", "`FILE` with a checkpoint that was kept, as /log/checkpoint answers it")
	flags.BoolVar(&o.Since, "since", false, "let the checkpoint vouch for its entries: their signatures are not looked at")
	flags.Int64Var(&o.AtLeast, "at-least", 0, "how many entries there were once: there may be no fewer")
	if err := flags.Parse(args); err != nil {
		return o, "", err
	}
	if flags.NArg() != 1 || o.AtLeast < 0 || o.Since && *checkpoint == "" {
		return o, "", errors.New("give one export, - for the standard input; --since goes with --checkpoint.\nNext: countersign-verify --help")
	}
	if *keys != "" {
		text, err := os.ReadFile(*keys)
		if err == nil {
			err = json.Unmarshal(text, &o.Keys)
		}
		if err != nil || len(o.Keys.Keys) == 0 {
			return o, "", fmt.Errorf("%s is not a JSON Web Key Set", *keys)
		}
	}
	if *checkpoint != "" {
		if o.Kept, err = os.ReadFile(*checkpoint); err == nil && len(o.Kept) == 0 {
			err = fmt.Errorf("%s is empty", *checkpoint)
		}
	}
	return o, flags.Arg(0), err
}

// verify opens the export and tells how far it is, at each tenth of it.
func verify(ctx context.Context, o export.Options, name string, stdin io.Reader, stderr io.Writer) (export.Report, error) {
	if name == "-" {
		return export.Verify(ctx, stdin, o)
	}
	file, err := os.Open(name)
	if err != nil {
		return export.Report{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return export.Report{}, err
	}
	tenths := int64(0)
	o.Progress = func(bytes int64) {
		if now := 10 * bytes / max(info.Size(), 1); now > tenths {
			tenths = now
			_, _ = fmt.Fprintf(stderr, "%d %% of %s read\n", 10*tenths, name)
		}
	}
	return export.Verify(ctx, file, o)
}

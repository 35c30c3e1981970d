package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"time"
)

// options are the command line.
type options struct {
	run      *regexp.Regexp // scenarios by name
	n        int            // phones or waiting requests of a scenario; 0: its own number
	rounds   int
	workers  int
	database string // "sqlite:" or a postgres:// address
	against  string // the commit of the old build; "" for none
}

// bench is one run.
type bench struct {
	options  options
	out      io.Writer
	folder   string // everything below it goes when the run ends
	root     string // of the repository
	pid      int
	programs map[string]string // built, by server
	flags    []string          // of the new build
	load     *load
	schemas  atomic.Int64
}

// runAll measures and prints; everything that it made is gone afterwards.
func (b *bench) runAll(ctx context.Context) (rows []*row, err error) {
	if b.folder, err = os.MkdirTemp("", "countersign-bench"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.folder)) }()
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	for _, s := range scenarios() {
		if !b.options.run.MatchString(s.name) {
			continue
		}
		b.say("%s: %s", s.name, s.about)
		begin := time.Now()
		measured, err := s.run(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		b.say("  took %s", time.Since(begin).Round(time.Second))
		rows = append(rows, measured...)
	}
	return rows, writeTables(b.out, rows)
}

func (b *bench) build(ctx context.Context) (err error) {
	if b.root, err = repository(ctx); err != nil {
		return err
	}
	b.programs = map[string]string{newBuild: filepath.Join(b.folder, newBuild)}
	b.say("building this tree")
	if err := buildProgram(ctx, b.root, b.root, b.programs[newBuild], b.flags...); err != nil || b.options.against == "" {
		return err
	}
	b.say("building %s", b.options.against)
	tree, err := exportCommit(ctx, b.root, b.options.against, b.folder)
	if err != nil {
		return err
	}
	b.programs[oldBuild] = filepath.Join(b.folder, oldBuild)
	// Without its paths, or the cache would not serve the next run, whose folder is another.
	return buildProgram(ctx, b.root, tree, b.programs[oldBuild], "-trimpath")
}

func (b *bench) say(format string, args ...any) { _, _ = fmt.Fprintf(b.out, format+"\n", args...) }

// number is the scenario's own one unless the command line has another.
func (b *bench) number(usual int) int {
	if b.options.n > 0 {
		return b.options.n
	}
	return usual
}

// start starts the builds with so many accounts, and the limit when it is wanted. stop ends
// them all.
func (b *bench) start(ctx context.Context, accounts int, withLimit bool) (all []*contender, stop func() error, err error) {
	stop = func() error {
		var problems []error
		for _, c := range all {
			problems = append(problems, c.stop())
		}
		return errors.Join(problems...)
	}
	for _, name := range []string{newBuild, oldBuild} {
		if program := b.programs[name]; program != "" && err == nil {
			var c *contender
			if c, err = b.startProgram(ctx, name, program, accounts); err == nil {
				all = append(all, c)
			}
		}
	}
	if withLimit && err == nil {
		var c *contender
		if c, err = b.startLimit(ctx); err == nil {
			all = append(all, c)
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	return all, stop, nil
}

// measure lets the server do a step so many times, in a closed loop, and adds what that took to the row.
func (b *bench) measure(ctx context.Context, c *contender, r *row, count int, step func(ctx context.Context, i int) error) error {
	return b.measureLoop(c, r, func() ([]time.Duration, error) { return b.load.each(ctx, count, step) })
}

// measureLoop is measure with a loop of the caller's, which returns how long each step took.
func (b *bench) measureLoop(c *contender, r *row, loop func() ([]time.Duration, error)) error {
	requests := b.load.transport.requests.Load()
	before, err := c.read(true)
	if err != nil {
		return err
	}
	client, err := cpuOf(b.pid)
	if err != nil {
		return err
	}
	var round measured
	begin := time.Now()
	if round.took, err = loop(); err != nil {
		return fmt.Errorf("%s, %s: %w", c.name, r.name, err)
	}
	round.clock = time.Since(begin)
	round.times = len(round.took)
	round.requests = b.load.transport.requests.Load() - requests
	if round.client, err = cpuOf(b.pid); err != nil {
		return err
	}
	round.client -= client
	after, err := c.read(false)
	if err != nil {
		return err
	}
	round.server = after.since(before)
	round.resident, err = residentOf(c.process.Process.Pid)
	r.add(c.name, round)
	return err
}

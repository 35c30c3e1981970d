package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// importPhones ask at once: few, so that they wait for the import and not for each other.
const importPhones = 20

// runImport lets phones ask for codes before a file of accounts is imported, and while it is. What the import costs them is in
// how long they waited, most of all in the 99th percentile. An old build imports in one transaction, for which phones do not wait
// long enough.
func runImport(ctx context.Context, b *bench) ([]*row, error) {
	lines := b.number(100_000)
	count := min(lines, importPhones)
	all, stop, err := b.start(ctx, count*2, false)
	if err != nil {
		return nil, err
	}
	rows := []*row{{name: "issue, no import"}, {name: fmt.Sprintf("issue, %d lines are imported", lines)}}
	for _, c := range all {
		if c.name != newBuild {
			continue
		}
		if err := b.importBeside(ctx, c, rows, count, lines); err != nil {
			return nil, withStop(err, stop)
		}
	}
	return rows, stop()
}

func (b *bench) importBeside(ctx context.Context, c *contender, rows []*row, count, lines int) error {
	phones, err := b.register(ctx, c, count)
	if err == nil {
		err = b.askAll(ctx, phones, 0)
	}
	if err != nil {
		return err
	}
	ask := func(ctx context.Context, i int) error { return phones[i].ask(ctx, i) }
	for range b.options.rounds {
		if err := b.measure(ctx, c, rows[0], count, ask); err != nil {
			return err
		}
	}
	ended, err := c.startImport(ctx, bytes.ReplaceAll(accountsFile(lines), []byte("K-"), []byte("M-")))
	if err != nil {
		return err
	}
	for {
		if err := b.measure(ctx, c, rows[1], count, ask); err != nil {
			return errors.Join(err, <-ended)
		}
		select {
		case err := <-ended:
			return err
		default:
		}
	}
}

// startImport imports a file of accounts with the program's command, in a process of its own. Its end comes out of the channel.
func (c *contender) startImport(ctx context.Context, accounts []byte) (<-chan error, error) {
	file := filepath.Join(c.folder, "many.csv")
	if err := os.WriteFile(file, accounts, 0o600); err != nil {
		return nil, err
	}
	run := exec.CommandContext(ctx, c.program, "accounts", "import", file)
	run.Env = c.environment
	ended := make(chan error, 1)
	go func() { ended <- told(run) }()
	return ended, nil
}

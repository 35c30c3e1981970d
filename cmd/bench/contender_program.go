package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// What every program that takes part is set up with, by its own commands.
const (
	counterName = "Ferry terminal"
	softwareID  = "example.pocket"
)

// hint is the identifier of the account with this number.
func hint(account int) string { return fmt.Sprintf("K-%08d", account) }

// startProgram sets a build of Countersign up with so many accounts and serves, with more settings than every server has.
func (b *bench) startProgram(ctx context.Context, name, program string, accounts int, more ...string) (*contender, error) {
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(b.folder, name)
	if err != nil {
		return nil, err
	}
	c := &contender{name: name, base: "http://" + listen, folder: folder}
	if err := b.giveDatabase(ctx, c); err != nil {
		return nil, err
	}
	staff, end, err := startStaffProvider(ctx, c.base, b.load.workers)
	if err != nil {
		return nil, errors.Join(err, c.stop())
	}
	c.onStop = append(c.onStop, end)
	environment, err := c.prepare(ctx, program, accounts)
	if err != nil {
		return nil, errors.Join(err, c.stop())
	}
	c.program, c.environment = program, environment
	c.serve = append([]string{
		"serve", "--listen", listen, "--limits", "off", "--poll-interval", "1s", "--approval-alert", "0",
		"--scope", "profile=See your name",
	}, append(staff, more...)...)
	return c, c.run(ctx, c.serving(ctx))
}

// serving is the build's server, not started.
func (c *contender) serving(ctx context.Context) *exec.Cmd {
	serve := exec.CommandContext(ctx, c.program, c.serve...)
	serve.Env = slices.Clone(c.environment)
	return serve
}

// again ends the build's server and starts it anew, and returns how long it took from its execution until it answered that it
// is ready.
func (c *contender) again(ctx context.Context) (time.Duration, error) {
	if err := c.end(); err != nil {
		return 0, err
	}
	err := c.run(ctx, c.serving(ctx))
	return c.startedIn, err
}

// prepare makes the schema and what has to be there. What comes back is the environment of
// the program's commands.
func (c *contender) prepare(ctx context.Context, program string, accounts int) ([]string, error) {
	environment := append(cleanEnvironment(), "COUNTERSIGN_DATABASE="+c.database, "COUNTERSIGN_ISSUER="+c.base)
	key, err := exec.CommandContext(ctx, program, "keys", "generate-master").Output()
	if err != nil {
		return nil, fmt.Errorf("%s: making a master key: %w", c.name, err)
	}
	file := filepath.Join(c.folder, "accounts.csv")
	if err := os.WriteFile(file, accountsFile(accounts), 0o600); err != nil {
		return nil, err
	}
	withKey := append(environment, "COUNTERSIGN_MASTER_KEY="+strings.TrimSpace(string(key)))
	for _, command := range []struct {
		environment []string
		arguments   []string
	}{
		{environment[:len(environment)-1], []string{"migrate", "up"}},
		{withKey, []string{"accounts", "import", file}},
		{withKey, []string{"counters", "add", "--name", counterName, "--address", "Pier 3", "--hours", "Every day", "--time-zone",
			"Europe/Oslo"}},
		{withKey, []string{"publishers", "add", "--publisher", "Pocket Works", "--software-id", softwareID, "--name", "Pocket",
			"--scope", "profile"}},
	} {
		run := exec.CommandContext(ctx, program, command.arguments...)
		run.Env = command.environment
		if err := told(run); err != nil {
			return nil, err
		}
	}
	return withKey, nil
}

func accountsFile(accounts int) []byte {
	var file strings.Builder
	file.WriteString("identifiers,name,date_of_birth,contact,status\n")
	for i := range accounts {
		fmt.Fprintf(&file, "%s,Account Holder,1971-03-09,,active\n", hint(i))
	}
	return []byte(file.String())
}

package main

import (
	"errors"
	"fmt"

	"github.com/alecthomas/kong"
)

// exitUsage is the exit code of a command that was called wrongly or with wrong
// settings: nothing was done.
const exitUsage = 2

// commandLine is every command with its flags.
type commandLine struct {
	Demo       DemoCmd       `cmd:"" help:"Try everything out on this computer, with invented people and accounts."`
	Serve      ServeCmd      `cmd:"" help:"Run the server. Every wrong setting is reported, not only the first."`
	Phone      PhoneCmd      `cmd:"" help:"Be a phone: ask for a code, wait for the counter, call an API."`
	Accounts   AccountsCmd   `cmd:"" help:"Bring accounts in from a file."`
	Counters   CountersCmd   `cmd:"" help:"Set up the counters where staff meet people."`
	Publishers PublishersCmd `cmd:"" help:"Register app publishers and their apps."`
	Audit      AuditCmd      `cmd:"" help:"Check the audit trail."`
	Migrate    MigrateCmd    `cmd:"" help:"Bring the database's schema up to date."`
	Keys       KeysCmd       `cmd:"" help:"Make a master key."`
	Health     HealthCmd     `cmd:"" help:"Ask a running server whether it is ready. Exit code 0 when it is, 1 otherwise."`
	Version    VersionCmd    `cmd:"" help:"Print the program's version."`
}

const description = `Countersign connects people's phones to their accounts at a staffed counter.

Every flag can be given as the variable named beside it. A secret can also be given as a file that holds it.

To see it work: countersign demo`

// checker is a command that checks all its settings before it runs.
type checker interface{ Check(*checks) }

// execute runs one command and returns its exit code.
func execute(env *Environment) int {
	exited := -1
	var cli commandLine
	sources := &flagSources{env: env}
	parser, err := kong.New(&cli,
		kong.Name("countersign"), kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.ValueFormatter(sources.helpText),
		kong.Resolvers(sources), kong.Bind(env),
	)
	if err != nil {
		return complain(env, exitFailed, err)
	}
	sources.claim(parser.Model.Node)
	args := env.Args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help
		return exited
	case err != nil:
		return complain(env, exitUsage, fmt.Errorf("%w\nNext: countersign --help", err))
	}
	return runCommand(env, command, sources)
}

// runCommand reports everything that is wrong with the settings, or runs.
func runCommand(env *Environment, command *kong.Context, sources *flagSources) int {
	check := &checks{variables: sources.names(command.Selected())}
	sources.check(check)
	if c, ok := command.Selected().Target.Addr().Interface().(checker); ok {
		c.Check(check)
	}
	if len(check.problems) > 0 {
		for _, p := range check.problems {
			_, _ = fmt.Fprintln(env.Stderr, "countersign:", p)
		}
		return exitUsage
	}
	err := command.Run()
	if exit, ok := errors.AsType[*exitError](err); ok {
		if exit.err == nil {
			return exit.code
		}
		return complain(env, exit.code, exit.err)
	}
	if err != nil {
		return complain(env, exitFailed, err)
	}
	return 0
}

func complain(env *Environment, code int, err error) int {
	_, _ = fmt.Fprintln(env.Stderr, "countersign:", err)
	return code
}

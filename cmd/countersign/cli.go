package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// exitUsage is the exit code of a command that was called wrongly or with wrong
// settings: nothing was done.
const exitUsage = 2

// commandLine is every command with its flags.
type commandLine struct {
	Demo               DemoCmd               `cmd:"" help:"Try everything out on this computer, with invented people and accounts."`
	Serve              ServeCmd              `cmd:"" help:"Run the server. Every wrong setting is reported, not only the first."`
	Config             ConfigCmd             `cmd:"" help:"Check or show the settings of serve, without serving."`
	Phone              PhoneCmd              `cmd:"" help:"Be a phone: ask for a code, wait for the counter, call an API."`
	Accounts           AccountsCmd           `cmd:"" help:"Bring accounts in from a file, give out or erase what is kept of one, and unlock one."`
	Counters           CountersCmd           `cmd:"" help:"Set up the counters where staff meet people."`
	Publishers         PublishersCmd         `cmd:"" help:"Register app publishers and their apps."`
	Clients            ClientsCmd            `cmd:"" help:"List, disable and enable registered app instances."`
	Bindings           BindingsCmd           `cmd:"" help:"List and disconnect the devices of an account, also while nobody can sign in to the console."`
	Requests           RequestsCmd           `cmd:"" help:"Show a request, or those of an account: what became of it, and what its device is told now."`
	Staff              StaffCmd              `cmd:"" help:"List who of the staff has signed in, and sign them out."`
	Notices            NoticesCmd            `cmd:"" help:"Send a test notice, to see that notices and alerts arrive; list notices that were given up, send them again or put them aside."`
	RegistrationTokens RegistrationTokensCmd `cmd:"" help:"Make initial access tokens, with which apps may register."`
	ResourceServers    ResourceServersCmd    `cmd:"" help:"Register the APIs that may introspect tokens."`
	Audit              AuditCmd              `cmd:"" help:"Check the audit trail, export it, or print the schemas of its events."`
	Witness            WitnessCmd            `cmd:"" help:"Be a witness of another department's logs: cosign what continues what was seen, and refuse anything else."`
	Migrate            MigrateCmd            `cmd:"" help:"Bring the database's schema up to date."`
	Backup             BackupCmd             `cmd:"" help:"Copy the SQLite database into one file while the server runs, and check the copy. The master key is not in it. Exit code 0 when the copy is whole, 1 otherwise."`
	Restore            RestoreCmd            `cmd:"" help:"Bring a backup back, where no database is yet, and say what is newer where one is. Exit code 0 when it is restored, 1 otherwise."`
	Copy               CopyCmd               `cmd:"" help:"Move a SQLite database to PostgreSQL while no server runs, with the trail and its log, and compare the two. Exit code 0 when the copy is whole, 1 otherwise."`
	Keys               KeysCmd               `cmd:"" help:"Make a master key, change it, and let the server's keys take turns."`
	Health             HealthCmd             `cmd:"" help:"Ask a running server whether it is ready. Exit code 0 when it is, 1 otherwise."`
	Completion         CompletionCmd         `cmd:"" help:"Print what a shell, bash, zsh or fish, completes commands and flags by."`
	Man                ManCmd                `cmd:"" help:"Print the manual page, for man -l."`
	Version            VersionCmd            `cmd:"" help:"Print the program's version."`
}

const description = `Countersign connects people's phones to their accounts at a staffed counter.

Every flag can be given as the variable named beside it. A secret can also be given as a file that holds it.

To see it work: countersign demo`

// checker is a command that checks all its settings before it runs.
type checker interface{ Check(*checks) }

// looker is a checker that also looks at what its settings name, whatever is wrong with others of them.
type looker interface {
	Look(*Environment, *checks)
}

// execute runs one command and returns its exit code.
func execute(env *Environment) int {
	exited := -1
	sources := &flagSources{env: env}
	begin := func() (*kong.Kong, error) {
		return newParser(sources, kong.Writers(env.Stdout, env.Stderr), kong.Bind(env, sources), kong.Exit(func(code int) { exited = code }))
	}
	parser, err := begin()
	if err != nil {
		return complain(env, exitFailed, err)
	}
	args := env.Args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	args, unknown, err := withoutUnknownFlags(parser, args)
	if err == nil && len(unknown) > 0 {
		parser, err = begin() // the first one remembers flags of arguments that were others
	}
	if err != nil {
		return complain(env, exitFailed, err)
	}
	command, err := parser.Parse(args)
	switch {
	case exited >= 0: // --help
		return exited
	case err != nil:
		report(env, &checks{problems: unknown})
		return complain(env, exitUsage, fmt.Errorf("%w\n%s", err, nextHelp(err, args)))
	}
	check := &checks{
		variables: sources.names(command.Selected()), now: env.Now, getenv: env.Getenv,
		credentials: env.Getenv("CREDENTIALS_DIRECTORY"), problems: unknown,
	}
	sources.check(check)
	return runCommand(env, command, check)
}

func newParser(sources *flagSources, options ...kong.Option) (*kong.Kong, error) {
	help := plainHelp{}
	parser, err := kong.New(new(commandLine), append(options,
		kong.Name("countersign"), kong.Description(description), kong.PostBuild(help.take),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.ValueFormatter(sources.helpText), kong.Resolvers(sources))...)
	if err == nil {
		help.putBack()
		sources.claim(parser.Model.Node)
	}
	return parser, err
}

// plainHelp keeps the sentences of help from kong while it looks for variables in every text: with a regular expression, which took most
// of a command's start. Ours have none. One with a dollar sign stays where it is.
type plainHelp map[*string]string

func (h plainHelp) take(parser *kong.Kong) error {
	return kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Application:
			h.keep(&node.Help)
		case *kong.Node:
			h.keep(&node.Help)
		case *kong.Value:
			h.keep(&node.Help)
		}
		return next(nil)
	})
}

func (h plainHelp) keep(text *string) {
	if !strings.Contains(*text, "$") {
		h[text], *text = *text, ""
	}
}

func (h plainHelp) putBack() {
	for text, was := range h {
		*text = was
	}
}

// runCommand reports everything that is wrong with the settings, or runs.
func runCommand(env *Environment, command *kong.Context, check *checks) int {
	target := command.Selected().Target.Addr().Interface()
	if c, ok := target.(checker); ok {
		c.Check(check)
	}
	if l, ok := target.(looker); ok {
		l.Look(env, check)
	}
	report(env, check)
	if len(check.problems) > 0 {
		if _, shows := target.(*ConfigShowCmd); shows { // what is wrong is found by looking at what is there
			if err := command.Run(); err != nil {
				return complain(env, exitFailed, err)
			}
		}
		if slices.ContainsFunc(check.problems, func(p problem) bool { return strings.HasPrefix(p.setting, "--") }) {
			_, _ = fmt.Fprintln(env.Stderr, helpOf(command))
		}
		return exitUsage
	}
	err := command.Run()
	exit, ok := errors.AsType[*exitError](err)
	switch {
	case err == nil:
		return 0
	case !ok:
		return complain(env, exitFailed, withNextStep(err))
	case exit.err == nil:
		return exit.code
	case exit.code == exitUsage:
		return complain(env, exitUsage, fmt.Errorf("%w\n%s", exit.err, helpOf(command)))
	}
	return complain(env, exit.code, exit.err)
}

// report prints what was found in the settings.
func report(env *Environment, check *checks) {
	for _, w := range check.warnings {
		_, _ = fmt.Fprintln(env.Stderr, "countersign: warning:", w)
	}
	for _, p := range check.problems {
		_, _ = fmt.Fprintln(env.Stderr, "countersign:", p)
	}
}

// helpOf names the help of the command that was called.
func helpOf(command *kong.Context) string {
	if selected := command.Selected(); selected != nil {
		return "Next: " + selected.FullPath() + " --help"
	}
	return "Next: countersign --help"
}

// nextHelp names the help of the command at which the parser stopped. Where it took an identifier for flags, it says what to do: one in
// 64 of base64url begins with a hyphen.
func nextHelp(err error, args []string) string {
	if strings.HasPrefix(err.Error(), "unknown flag -") {
		const shortest = len("-a1") // longer than a flag of one letter
		i := slices.IndexFunc(args, func(arg string) bool {
			return len(arg) >= shortest && arg[0] == '-' && arg[1] != '-'
		})
		if i >= 0 {
			return "Next: put -- before what begins with a hyphen and is no flag, behind all flags: -- " + args[i]
		}
	}
	if parsing, ok := errors.AsType[*kong.ParseError](err); ok {
		return helpOf(parsing.Context)
	}
	return "Next: countersign --help"
}

func complain(env *Environment, code int, err error) int {
	_, _ = fmt.Fprintln(env.Stderr, "countersign:", err)
	return code
}

package main

import (
	"testing"

	"github.com/alecthomas/kong"
)

// parse reads the settings of serve without running it.
func parse(t *testing.T, environ []string, settings *serveSettings, args ...string) {
	t.Helper()
	var cli commandLine
	sources := &flagSources{env: &Environment{Environ: environ, Getenv: lookup(environ)}}
	parser, err := kong.New(&cli, kong.Resolvers(sources), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	sources.claim(parser.Model.Node)
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	var c checks
	sources.check(&c)
	cli.Serve.Check(&c)
	for _, p := range c.problems {
		t.Error(p)
	}
	*settings = cli.Serve.settings
}

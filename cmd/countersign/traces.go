package main

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"countersign/handlers/traces"
	"countersign/models"
)

// traces are what OpenTelemetry's standard variables ask for, nil for nothing. What is wrong with them is told like what is
// wrong with a flag.
func (c *checks) traces() *traces.Settings {
	if c.getenv == nil {
		return nil
	}
	settings, refused, warned := traces.Read(c.getenv)
	for _, p := range refused {
		c.problems = append(c.problems, problem{p.Variable, p.Wrong, p.Todo})
	}
	for _, p := range warned {
		c.warnings = append(c.warnings, problem{p.Variable, p.Wrong, p.Todo})
	}
	return settings
}

// traces makes what sends spans, nil where nobody asks for any, and says where they go.
func (s *ServeCmd) traces(store *models.Store, log *slog.Logger) *traces.Traces {
	settings := s.settings.traces
	if settings == nil {
		return nil
	}
	log.Info("traces", "to", settings.Address(), "sampler", settings.Sampling(), "continue_a_proxys", settings.Joins())
	made := traces.New(traces.Config{Settings: settings, Issuer: s.settings.store.issuer, Version: versionText(), Log: log})
	made.Database(store)
	return made
}

// showTraces prints OpenTelemetry's variables that are given, as config show does flags. Headers are secrets, and so may be what
// follows a "?"; names of files are none.
func showTraces(env *Environment, out io.Writer) {
	var names []string
	for _, entry := range env.Environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OTEL_") && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		value := strings.ReplaceAll(env.Getenv(name), "\n", " ")
		switch address, rest, has := strings.Cut(value, "?"); {
		case strings.HasSuffix(name, "_HEADERS"), strings.HasSuffix(name, "_ENDPOINT") && strings.Contains(address, "@"):
			value = hiddenValue
		case strings.HasSuffix(name, "_ENDPOINT") && has && rest != "":
			value = address + "?… " + hiddenValue
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\tvariable\n", name, value)
	}
	if settings, _, _ := traces.Read(env.Getenv); settings != nil {
		_, _ = fmt.Fprintf(out, "traces\t%s\tsampler %s\n", settings.Address(), settings.Sampling())
	}
}

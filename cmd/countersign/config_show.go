package main

import (
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// ConfigShowCmd prints the settings as serve would read them, right or wrong. Beside an unknown name, or a file that cannot be read,
// the others are printed all the same; the exit code is 2 then.
type ConfigShowCmd struct{ ServeFlags }

// Run prints a line a flag: its name, its value, and where that comes from.
func (*ConfigShowCmd) Run(env *Environment, command *kong.Context, sources *flagSources) error {
	out := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	for _, flag := range command.Selected().Flags {
		if flag.Name == "help" {
			continue
		}
		value := settingText(command, flag)
		_, _ = fmt.Fprintf(out, "--%s\t%s\t%s\n", flag.Name, value, sources.sourceOf(command, flag))
	}
	showTraces(env, out)
	return out.Flush()
}

// Words that stand for a value.
const (
	hiddenValue = "(hidden)"
	noValue     = "(none)"
)

// settingText is the value as one line; of a secret only whether there is one, and of an address that may hold one only
// the host.
func settingText(command *kong.Context, flag *kong.Flag) string {
	text := fmt.Sprint(flag.Target.Interface())
	if list, ok := flag.Target.Interface().([]string); ok {
		text = strings.Join(list, "; ")
	}
	switch {
	case text == "":
		return noValue
	case isSecretFlag(command.Selected(), flag.Name):
		return hiddenValue
	case strings.HasSuffix(flag.Name, "-webhook"):
		if u, err := url.Parse(text); err == nil && u.Host != "" {
			return u.Scheme + "://" + u.Host + "/… " + hiddenValue
		}
		return hiddenValue
	}
	return strings.ReplaceAll(text, "\n", " ")
}

// isSecretFlag reports a flag that can also be given as a file: those are the secrets.
func isSecretFlag(command *kong.Node, name string) bool {
	for _, flag := range command.Flags {
		if flag.Name == name+"-file" && name != "checkpoint" {
			return true
		}
	}
	return false
}

// sourceOf says where the value of a flag comes from: the command line, a variable, the file of settings, or nowhere.
func (s *flagSources) sourceOf(command *kong.Context, flag *kong.Flag) string {
	for _, path := range command.Path {
		if path.Flag == flag && !path.Resolved {
			return "command line"
		}
	}
	if name := s.variables[flag.Value]; s.env.Getenv(name) != "" {
		return "variable " + name
	}
	if s.file.value(flag) != nil {
		return "file " + s.file.path
	}
	return "default"
}

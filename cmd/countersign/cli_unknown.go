package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// unknownFlag begins the parser's error about a flag that the command does not have.
const unknownFlag = "unknown flag --"

// withoutUnknownFlags takes the flags away that the command does not have, so that the
// others are read and everything wrong is reported at once. The parser stops at the
// first such flag. A flag that stands before its command stays, for the parser to refuse.
// The first try is made with the given parser, which can read these arguments once more
// when nothing was taken away: making a parser is half of what a short command does.
func withoutUnknownFlags(first *kong.Kong, args []string) ([]string, []problem, error) {
	var problems []problem
	args = slices.Clone(args)
	maybeValue := -1 // the argument after the flag that was taken away last
	for range 2 * len(args) {
		trace, err := tryParse(first, args)
		first = nil
		if err != nil {
			return nil, nil, err
		}
		i, name := unknownFlagOf(trace, args)
		switch {
		case i >= 0:
			problems = append(problems, problem{name, "unknown flag", suggestion(name, flagNames(trace.Selected()), "leave it out")})
			maybeValue = -1
			if args[i] == name && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
				maybeValue = i
			}
			args = slices.Delete(args, i, i+1)
		case maybeValue >= 0 && strings.HasPrefix(messageOf(trace.Error), "unexpected argument"):
			args = slices.Delete(args, maybeValue, maybeValue+1)
			maybeValue = -1
		default:
			return args, problems, nil
		}
	}
	return args, problems, nil
}

// unknownFlagOf is the place and the name of the flag at which the parser stopped, if
// that is why, and if it had come to the command.
func unknownFlagOf(trace *kong.Context, args []string) (int, string) {
	name, isUnknown := strings.CutPrefix(messageOf(trace.Error), unknownFlag)
	command := trace.Selected()
	if !isUnknown || command == nil || len(command.Children) > 0 && command.DefaultCmd == nil {
		return -1, ""
	}
	name, _, _ = strings.Cut("--"+name, ",") // before the parser's own suggestion
	return slices.IndexFunc(args, func(arg string) bool { return arg == name || strings.HasPrefix(arg, name+"=") }), name
}

// tryParse reads the arguments with a parser that has read nothing, since a parser remembers. nil: with one of its own.
func tryParse(parser *kong.Kong, args []string) (*kong.Context, error) {
	if parser == nil {
		var err error
		if parser, err = newParser(&flagSources{env: &Environment{}}); err != nil {
			return nil, err
		}
	}
	return kong.Trace(parser, args)
}

func flagNames(command *kong.Node) []string {
	var names []string
	for _, node := range []*kong.Node{command, command.DefaultCmd} {
		if node == nil {
			continue
		}
		for _, flag := range node.Flags {
			names = append(names, "--"+flag.Name)
		}
	}
	return names
}

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

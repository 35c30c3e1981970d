package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const variablePrefix = "COUNTERSIGN_"

// flagSources gives flags the values that the command line does not: first the
// variable of the flag, then the command's --config file. kong asks it as a
// kong.Resolver; kong's own reading of the process's variables is switched off,
// so that tests bring theirs.
type flagSources struct {
	env       *Environment
	variables map[*kong.Value]string // of each flag
	file      *configFile            // nil until it is read
}

// claim gives every flag of every command its variable: COUNTERSIGN_ and the
// flag's name, unless the flag names another one.
func (s *flagSources) claim(node *kong.Node) {
	if s.variables == nil {
		s.variables = map[*kong.Value]string{}
	}
	for _, flag := range node.Flags {
		if flag.Name == "help" {
			continue
		}
		name := variableName(flag.Name)
		if len(flag.Envs) > 0 {
			name = flag.Envs[0]
		}
		flag.Envs, flag.Tag.Envs = nil, nil
		s.variables[flag.Value] = name
	}
	for _, child := range node.Children {
		s.claim(child)
	}
}

// variableName is the variable of a flag, for example COUNTERSIGN_LOG_LEVEL.
func variableName(flag string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// names are the variables of a command's flags, by flag.
func (s *flagSources) names(command *kong.Node) map[string]string {
	names := map[string]string{}
	for _, flag := range command.Flags {
		if name, ok := s.variables[flag.Value]; ok {
			names[flag.Name] = name
		}
	}
	return names
}

// helpText shows the variable beside the flag.
func (s *flagSources) helpText(value *kong.Value) string {
	name, ok := s.variables[value]
	if !ok {
		return value.Help
	}
	return fmt.Sprintf("%s ($%s)", value.Help, name)
}

// Validate is part of kong.Resolver; what is wrong is reported by check, all of it.
func (s *flagSources) Validate(*kong.Application) error { return nil }

// Resolve is part of kong.Resolver. An empty variable counts as not given.
func (s *flagSources) Resolve(context *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	name, ok := s.variables[flag.Value]
	if !ok {
		return nil, nil
	}
	if value := s.env.Getenv(name); value != "" {
		return value, nil
	}
	if flag.Name == configFlag {
		return nil, nil
	}
	return s.configFile(context, parent).value(flag), nil
}

// configFile reads the command's --config file, once.
func (s *flagSources) configFile(context *kong.Context, parent *kong.Path) *configFile {
	if s.file != nil {
		return s.file
	}
	i := slices.IndexFunc(parent.Flags, func(f *kong.Flag) bool { return f.Name == configFlag })
	if i < 0 {
		return nil
	}
	path, _ := context.FlagValue(parent.Flags[i]).(string)
	if path == "" {
		path = s.env.Getenv(s.variables[parent.Flags[i].Value])
	}
	s.file = readConfigFile(path, serveFlagsOf(context))
	return s.file
}

// serveFlagsOf are the flags that a file of settings may name, whichever command reads it.
func serveFlagsOf(context *kong.Context) []*kong.Flag {
	nodes := context.Model.Children
	return nodes[slices.IndexFunc(nodes, func(node *kong.Node) bool { return node.Name == "serve" })].Flags
}

// check reports variables that no flag has, unless Kubernetes made them for a service, and what is wrong with the file.
func (s *flagSources) check(c *checks) {
	var known []string
	for _, name := range s.variables {
		known = append(known, name)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	ofOthers := kubernetesVariables(s.env.Environ)
	for _, entry := range s.env.Environ {
		name, _, _ := strings.Cut(entry, "=")
		switch {
		case !strings.HasPrefix(name, variablePrefix), slices.Contains(known, name):
		case slices.Contains(ofOthers, name):
			c.ofServices = append(c.ofServices, name)
		default:
			c.problems = append(c.problems, problem{name, "unknown variable", suggestion(name, known, "unset it")})
		}
	}
	if s.file != nil {
		c.problems = append(c.problems, s.file.problems...)
	}
}

// mostChanges is how far a word may be from what was typed to be meant by it.
const mostChanges = 2

// suggestion asks whether the word nearest to what was typed is meant, and says what to
// do when it is not, or when none is near.
func suggestion(typed string, words []string, otherwise string) string {
	near := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return changes(typed, word) > mostChanges })
	if len(near) == 0 {
		return capital(otherwise)
	}
	nearest := slices.MinFunc(near, func(a, b string) int { return changes(typed, a) - changes(typed, b) })
	return "Did you mean " + nearest + "? Otherwise " + otherwise
}

// changes counts the letters to insert, delete or replace between two words
// (Levenshtein's distance).
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// CompletionCmd prints what the shell bash completes commands and flags by, made from the commands themselves.
type CompletionCmd struct{}

// Run prints the script.
func (*CompletionCmd) Run(env *Environment, command *kong.Context) error {
	return writeCompletion(env.Stdout, command.Model.Node)
}

// completionHead finds the command that the words before the cursor lead to: words that begin with - are none, and nor is
// one that is no command there, such as the value of a flag.
const completionHead = `# Completion of countersign for bash. Let it be read at the start of a shell:
#   countersign completion > /usr/share/bash-completion/completions/countersign
_countersign() {
  local cur=${COMP_WORDS[COMP_CWORD]} path= word commands flags i
  for ((i = 0; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    ((i == 0)) && word=countersign
    [[ $word == -* ]] || case "$path $word" in
`

const completionMiddle = `        path="${path:+$path }$word" ;;
    esac
  done
  case $path in
`

const completionTail = `  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$commands" -- "$cur"))
       ((${#COMPREPLY[@]})) || COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _countersign countersign
`

func writeCompletion(to io.Writer, program *kong.Node) error {
	out := bufio.NewWriter(to)
	var paths, cases []string
	eachCommand(program, func(path string, node *kong.Node) {
		paths = append(paths, fmt.Sprintf("%q", path))
		cases = append(cases, fmt.Sprintf("    %q) commands=%q flags=%q ;;\n", path, strings.Join(childNames(node), " "),
			strings.Join(withHelp(flagNames(node)), " ")))
	})
	paths[0] = `" countersign"` // the path before it is empty
	for _, text := range []string{
		completionHead, "      ", strings.Join(paths, "|"), ")\n", completionMiddle, strings.Join(cases, ""), completionTail,
	} {
		_, _ = out.WriteString(text)
	}
	return out.Flush()
}

// withHelp adds the flag that every command has.
func withHelp(flags []string) []string {
	if slices.Contains(flags, "--help") {
		return flags
	}
	return append(flags, "--help")
}

// eachCommand goes through the program and its commands, each before those below it.
func eachCommand(node *kong.Node, visit func(path string, node *kong.Node)) {
	visit(strings.Join(strings.Fields(commandPath(node)), " "), node)
	for _, child := range node.Children {
		if !child.Hidden {
			eachCommand(child, visit)
		}
	}
}

// commandPath is the command with those above it, without arguments.
func commandPath(node *kong.Node) string {
	if node.Parent == nil {
		return node.Name
	}
	return commandPath(node.Parent) + " " + node.Name
}

func childNames(node *kong.Node) []string {
	var names []string
	for _, child := range node.Children {
		if !child.Hidden {
			names = append(names, child.Name)
		}
	}
	return names
}

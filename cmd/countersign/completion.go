package main

import (
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// CompletionCmd prints what a shell completes commands and flags by, made from the commands themselves.
type CompletionCmd struct {
	Shell string `arg:"" optional:"" enum:"bash,zsh,fish" default:"bash" help:"bash, zsh or fish."`
}

// Run prints the script.
func (c *CompletionCmd) Run(env *Environment, command *kong.Context) error {
	write := map[string]func([]completedCommand) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Shell]
	_, err := io.WriteString(env.Stdout, write(completedCommands(command.Model.Node)))
	return err
}

// completedCommand is what a shell has to know of a command.
type completedCommand struct {
	path           string // from the program's name on: "countersign keys rotate"
	below          []completedWord
	flags          []completedFlag // with --help
	takesArguments bool
	arguments      completedValue // what one of them may be
}

// completedWord is a word that can be typed, and what it is.
type completedWord struct{ word, help string }

// completedFlag is a flag. A switch takes no value, and may have one all the same behind =.
type completedFlag struct {
	completedWord
	isSwitch bool
	repeated bool
	value    completedValue
}

// completedValue is what a value may be: one of the words, or the name of a file or of a folder. The zero value is anything.
type completedValue struct {
	words          []string
	files, folders bool
}

// completedCommands are the program and all its commands, each before those below it.
func completedCommands(program *kong.Node) (all []completedCommand) {
	eachCommand(program, func(path string, node *kong.Node) {
		one := completedCommand{path: path, takesArguments: len(node.Positional) > 0}
		for _, child := range node.Children {
			if !child.Hidden {
				one.below = append(one.below, completedWord{child.Name, firstSentence(child.Help)})
			}
		}
		for _, flag := range completableFlags(node) {
			one.flags = append(one.flags, completedFlag{
				completedWord: completedWord{"--" + flag.Name, firstSentence(flag.Help)},
				isSwitch:      flag.IsBool() || flag.IsCounter(), repeated: flag.IsSlice(), value: completedValueOf(flag.Value),
			})
		}
		if !slices.ContainsFunc(one.flags, func(f completedFlag) bool { return f.word == "--help" }) {
			one.flags = append(one.flags, completedFlag{completedWord: completedWord{"--help", "Show what the command is for"}, isSwitch: true})
		}
		for _, argument := range node.Positional {
			value := completedValueOf(argument)
			one.arguments.words = append(one.arguments.words, value.words...)
			one.arguments.files = one.arguments.files || value.files
		}
		all = append(all, one)
	})
	return all
}

// completableFlags are the flags of a command, and those of the one that it stands for.
func completableFlags(command *kong.Node) (flags []*kong.Flag) {
	flags = slices.Clone(command.Flags)
	if command.DefaultCmd != nil {
		flags = append(flags, command.DefaultCmd.Flags...)
	}
	return flags
}

// completedValueOf goes by the placeholder of a flag and the name of an argument. The words of a flag are in its tag values, or, where
// the parser itself refuses all others, in enum.
func completedValueOf(value *kong.Value) completedValue {
	words := strings.FieldsFunc(value.Enum+","+value.Tag.Get("values"), func(r rune) bool { return r == ',' })
	if value.IsBool() && value.Name != "help" {
		words = []string{"true", "false"}
	}
	place := value.Tag.PlaceHolder
	return completedValue{words, place == "FILE" || place == "" && value.Name == "file", place == "DIR" || place == "FOLDER"}
}

// firstSentence is enough beside a word in a list.
func firstSentence(help string) string {
	sentence, _, _ := strings.Cut(help, ". ")
	return strings.TrimSuffix(strings.ReplaceAll(sentence, "\n", " "), ".")
}

// valuedFlags are the names of flags after which a value stands: in every command that has them.
func valuedFlags(commands []completedCommand) (names []string) {
	for _, command := range commands {
		for _, flag := range command.flags {
			if !flag.isSwitch {
				names = append(names, flag.word)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// words are the commands below a command, or what its arguments may be.
func (c completedCommand) words() []string {
	words := slices.Clone(c.arguments.words)
	for _, one := range c.below {
		words = append(words, one.word)
	}
	return words
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

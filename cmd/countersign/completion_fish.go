package main

import (
	"fmt"
	"strings"
)

// fishHead finds the command that the words before the cursor lead to.
const fishHead = `# Completion of countersign for fish:
#   countersign completion fish > /usr/share/fish/vendor_completions.d/countersign.fish
function __countersign_at
    set -l command countersign
    set -l typed (commandline -opc)
    set -l before
    for word in $typed[2..-1]
        if not contains -- "$before" %s
            switch "$command $word"
                case %s
                    set command "$command $word"
            end
        end
        set before $word
    end
    test "$command" = "$argv"
end
complete -c countersign -f
`

// fishCompletion is one line for each command, each flag, and each argument of which something is known.
func fishCompletion(commands []completedCommand) string {
	var out strings.Builder
	var paths []string
	for _, c := range commands[1:] {
		paths = append(paths, fishQuoted(c.path))
	}
	fmt.Fprintf(&out, fishHead, strings.Join(valuedFlags(commands), " "), strings.Join(paths, " "))
	for _, c := range commands {
		complete := func(what string) {
			fmt.Fprintf(&out, "complete -c countersign -n %s %s\n", fishQuoted("__countersign_at "+c.path), what)
		}
		for _, one := range c.below {
			complete("-a " + one.word + " -d " + fishQuoted(one.help))
		}
		for _, flag := range c.flags {
			complete("-l " + strings.TrimPrefix(flag.word, "--") + flag.ofFish() + " -d " + fishQuoted(flag.help))
		}
		switch {
		case c.arguments.files:
			complete("-F")
		case len(c.arguments.words) > 0:
			complete("-a " + fishQuoted(strings.Join(c.arguments.words, " ")))
		}
	}
	return out.String()
}

// ofFish says what value a flag takes (complete(1) of fish): -x one that is no file, -r -F a file. Without either it is taken behind =
// alone.
func (f completedFlag) ofFish() string {
	words := ""
	if len(f.value.words) > 0 {
		words = " -a " + fishQuoted(strings.Join(f.value.words, " "))
	}
	switch {
	case f.isSwitch:
		return words
	case f.value.files:
		return " -r -F"
	case f.value.folders:
		return " -x -a '(__fish_complete_directories)'"
	}
	return " -x" + words
}

// fishQuoted is one word of fish: between its quotation marks, a backslash stands before another and before a mark.
func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}

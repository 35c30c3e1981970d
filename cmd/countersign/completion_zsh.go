package main

import (
	"fmt"
	"strings"
)

// zshHead finds the command that the words before the cursor lead to, takes the words before it away, and leaves the rest to zsh's
// own _arguments. The parameter path is zsh's own.
const zshHead = `#compdef countersign
# Completion of countersign for zsh. Put it into a folder of $fpath, before compinit:
#   countersign completion zsh > /usr/share/zsh/vendor-completions/_countersign
_countersign() {
  local command=countersign at=1 i
  for ((i = 2; i < CURRENT; i++)); do
    case ${words[i - 1]} in
      (%s) continue ;;
    esac
    case "$command ${words[i]}" in
      (%s) command+=" ${words[i]}" at=$i ;;
    esac
  done
  words=("${(@)words[at,-1]}")
  ((CURRENT -= at - 1))
  local -a below
  case $command in
`

const zshTail = `  esac
}
if [[ $funcstack[1] == _countersign ]]; then _countersign "$@"; else compdef _countersign countersign; fi
`

// zshCompletion is a function for zsh's completion system.
func zshCompletion(commands []completedCommand) string {
	var out strings.Builder
	var paths []string
	for _, c := range commands[1:] {
		paths = append(paths, shellQuoted(c.path))
	}
	fmt.Fprintf(&out, zshHead, strings.Join(valuedFlags(commands), "|"), strings.Join(paths, "|"))
	for _, c := range commands {
		fmt.Fprintf(&out, "    (%s)\n", shellQuoted(c.path))
		if len(c.below) > 0 {
			out.WriteString("      below=(\n")
			for _, one := range c.below {
				fmt.Fprintf(&out, "        %s\n", shellQuoted(one.word+":"+strings.ReplaceAll(one.help, ":", `\:`)))
			}
			out.WriteString("      )\n")
		}
		out.WriteString("      _arguments")
		for _, flag := range c.flags {
			fmt.Fprintf(&out, " \\\n        %s", shellQuoted(flag.ofArguments()))
		}
		if len(c.below) > 0 {
			fmt.Fprintf(&out, " \\\n        %s", shellQuoted("1:command:{_describe -t commands command below}"))
		} else if c.takesArguments {
			fmt.Fprintf(&out, " \\\n        %s", shellQuoted("*:argument:"+c.arguments.action()))
		}
		out.WriteString(" ;;\n")
	}
	return out.String() + zshTail
}

// ofArguments is the flag as _arguments takes it (zshcompsys(1)).
func (f completedFlag) ofArguments() string {
	help := "[" + strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(f.help) + "]"
	switch {
	case f.isSwitch && len(f.value.words) == 0:
		return f.word + help
	case f.isSwitch:
		return f.word + "=-" + help + "::value:" + f.value.action()
	}
	often := ""
	if f.repeated {
		often = "*"
	}
	return often + f.word + "=" + help + ":value:" + f.value.action()
}

// action completes a value; a blank completes nothing.
func (v completedValue) action() string {
	switch {
	case len(v.words) > 0:
		return "(" + strings.Join(v.words, " ") + ")"
	case v.files:
		return "_files"
	case v.folders:
		return "_files -/"
	}
	return " "
}

// shellQuoted is one word of a shell, whatever is in it.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

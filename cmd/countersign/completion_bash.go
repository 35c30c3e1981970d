package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bashHead finds the command that the words before the cursor lead to. A word that begins with - is none, nor is the value of a flag.
// Readline takes --flag=value apart into three words.
const bashHead = `# Completion of countersign for bash. Let it be read at the start of a shell:
#   countersign completion bash > /usr/share/bash-completion/completions/countersign
_countersign() {
  local cur=${COMP_WORDS[COMP_CWORD]} command=countersign flag= before= words= flags= kind= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    flag=
    case ${COMP_WORDS[i]} in
      -*) flag=${COMP_WORDS[i]}
          [[ ${COMP_WORDS[i + 1]} == "=" ]] && before=equals && ((i++))
          if [[ $before == equals ]] || _countersign_is_valued "$flag"; then ((i++)); else flag=; fi
          before= ;;
      *) _countersign_command "$command ${COMP_WORDS[i]}" && command="$command ${COMP_WORDS[i]}" ;;
    esac
  done
  ((i > COMP_CWORD)) || flag=
  case $cur in
    "=") cur= ;;
    --*=*) flag=${cur%%=*} before=$flag= cur=${cur#*=} ;;
  esac
  _countersign_command "$command"
  [[ -z $flag ]] || { words=; kind=; _countersign_value "$command $flag"; }
  [[ -n $flag || $cur != -* ]] || { words=$flags; kind=; }
  case $kind in
    files|folders)
      compopt -o filenames 2>/dev/null
      local IFS=$'\n'
      [[ $kind == files ]] && COMPREPLY=($(compgen -f -- "$cur")) || COMPREPLY=($(compgen -d -- "$cur")) ;;
    *) COMPREPLY=($(compgen -P "$before" -W "$words" -- "$cur")) ;;
  esac
}
`

// bashCompletion is a function for bash, and tables for it.
func bashCompletion(commands []completedCommand) string {
	var out strings.Builder
	out.WriteString(bashHead)
	fmt.Fprintf(&out, "_countersign_is_valued() {\n  case $1 in\n    %s) return 0 ;;\n  esac\n  return 1\n}\n",
		strings.Join(valuedFlags(commands), "|"))
	out.WriteString("_countersign_command() {\n  case $1 in\n")
	for _, c := range commands {
		var flags []string
		for _, flag := range c.flags {
			flags = append(flags, flag.word)
		}
		fmt.Fprintf(&out, "    %q) words=%q flags=%q kind=%s ;;\n",
			c.path, strings.Join(c.words(), " "), strings.Join(flags, " "), c.arguments.kind())
	}
	out.WriteString("    *) return 1 ;;\n  esac\n}\n_countersign_value() {\n  case $1 in\n")
	places := map[string][]string{} // what is set, by the flags of which it is said
	for _, c := range commands {
		for _, flag := range c.flags {
			if set := flag.value.set(); set != "" {
				places[set] = append(places[set], fmt.Sprintf("%q", c.path+" "+flag.word))
			}
		}
	}
	for _, set := range slices.Sorted(maps.Keys(places)) {
		fmt.Fprintf(&out, "    %s) %s ;;\n", strings.Join(places[set], "|"), set)
	}
	out.WriteString("  esac\n}\ncomplete -F _countersign countersign\n")
	return out.String()
}

// kind is what a value names, in one word; "" for anything else.
func (v completedValue) kind() string {
	switch {
	case v.files:
		return "files"
	case v.folders:
		return "folders"
	}
	return ""
}

// set sets a shell's variables to what a value may be; "" when that is not known.
func (v completedValue) set() string {
	if len(v.words) > 0 {
		return fmt.Sprintf("words=%q", strings.Join(v.words, " "))
	}
	if v.kind() == "" {
		return ""
	}
	return "kind=" + v.kind()
}

package main

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// ManCmd prints the manual page, made from the commands themselves.
type ManCmd struct{}

// Run prints it in the language of man(7).
func (*ManCmd) Run(env *Environment, command *kong.Context, sources *flagSources) error {
	return writeManual(env.Stdout, command.Model.Node, sources)
}

const manualTail = `.SH EXIT STATUS
.TP
0
It worked.
.TP
1
It failed.
.TP
2
It was called wrongly, or with wrong settings: nothing was done.
.TP
3
Of
.BR "countersign phone" :
the request still stands, and the same command is to be run again.
.SH FILES
.TP
.I FILE
of
.BR \-\-config :
a JSON object of flag names without their dashes, and their values. Flags come before variables, variables before the file.
`

func writeManual(to io.Writer, program *kong.Node, sources *flagSources) error {
	out := bufio.NewWriter(to)
	say := func(lines ...string) { _, _ = out.WriteString(strings.Join(lines, "\n") + "\n") }
	say(`.TH COUNTERSIGN 1 "" "countersign `+roff(versionText())+`"`,
		".SH NAME", `countersign \- connect people's phones to their accounts at a staffed counter`,
		".SH SYNOPSIS", ".B countersign", ".I command", ".RI [ flags ]", ".SH DESCRIPTION")
	for paragraph := range strings.SplitSeq(description, "\n\n") {
		say(roff(paragraph), ".PP")
	}
	say(".SH COMMANDS")
	eachCommand(program, func(path string, node *kong.Node) {
		if node.Parent == nil {
			return
		}
		say(".SS "+roff(strings.TrimPrefix(path+positionals(node), "countersign ")), roff(node.Help))
		if node.Parent.Name == "config" {
			say(".PP", "Its flags are those of serve.")
			return
		}
		for _, flag := range node.Flags {
			say(".TP", `.BI \-\-`+roff(flag.Name)+placeholder(flag), roff(sources.helpText(flag.Value)))
			if flag.HasDefault && flag.Default != "" {
				say(`Default: ` + roff(flag.Default))
			}
		}
	})
	writeVariables(say, program, sources)
	_, _ = out.WriteString(manualTail)
	return out.Flush()
}

// placeholder stands for the value of a flag: " = FILE" as an argument of .BI, "" for a flag that has none.
func placeholder(flag *kong.Flag) string {
	switch {
	case flag.IsBool() || flag.IsCounter():
		return ""
	case flag.PlaceHolder != "":
		return ` = "` + roff(flag.PlaceHolder) + `"`
	}
	return " = VALUE"
}

// writeVariables names each variable once, with the flag that it stands for.
func writeVariables(say func(...string), program *kong.Node, sources *flagSources) {
	flags := map[string]string{}
	eachCommand(program, func(_ string, node *kong.Node) {
		for _, flag := range node.Flags {
			if variable, has := sources.variables[flag.Value]; has {
				flags[variable] = flag.Name
			}
		}
	})
	say(".SH ENVIRONMENT", "An empty variable counts as one that is not there.")
	for _, variable := range slices.Sorted(maps.Keys(flags)) {
		say(".TP", ".B "+variable, `\-\-`+roff(flags[variable]))
	}
}

// positionals are the arguments of a command.
func positionals(node *kong.Node) string {
	text := ""
	for _, one := range node.Positional {
		text += " " + one.Summary()
	}
	return text
}

// roff writes text so that nothing in it is a request or an escape (groff(7)).
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

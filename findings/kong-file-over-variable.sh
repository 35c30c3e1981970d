#!/usr/bin/env bash
# Go module github.com/alecthomas/kong 1.17.0: a configuration file beats an environment variable, and its numbers are nanoseconds.
#
# Expected: files of kong.Configuration are for "loading defaults" (README); so a variable of the tag env beats them, as in most programs
#           that have both, and what a service manager or a container sets for one start holds. A value means the same wherever it
#           stands: a duration without a unit is refused, and so is a name that no flag has.
# Seen:     the file beats the variable. 90 for a duration is refused on the command line and in the variable; as a number in
#           the file it is 90 nanoseconds. An unknown name in the file is passed over without a word.
# Source:   Go module github.com/alecthomas/kong v1.17.0 with its own JSON loader; github.com/alecthomas/kong/issues/249 of 2021 has the
#           variable before the file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kong"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func try(name, file, variable, value string, args ...string) {
	var flags struct {
		Listen  string        `env:"PROGRAM_LISTEN" default:"of the default"`
		Timeout time.Duration `env:"PROGRAM_TIMEOUT" default:"30s"`
	}
	os.Clearenv()
	must(os.WriteFile("program.json", []byte(file), 0o600))
	if variable != "" {
		must(os.Setenv(variable, value))
	}
	parser, err := kong.New(&flags, kong.Configuration(kong.JSON, "program.json"))
	must(err)
	if _, err = parser.Parse(args); err != nil {
		fmt.Println(name+":", err)
		return
	}
	fmt.Printf("%s: listen %s, timeout %s\n", name, flags.Listen, flags.Timeout)
}

func main() {
	try("nothing", `{}`, "", "")
	try("variable", `{}`, "PROGRAM_LISTEN", "of the variable")
	try("file", `{"listen": "of the file"}`, "", "")
	try("variable and file", `{"listen": "of the file"}`, "PROGRAM_LISTEN", "of the variable")
	try("command line and file", `{"listen": "of the file"}`, "", "", "--listen=of the command line")
	try("90 on the command line", `{}`, "", "", "--timeout=90")
	try("90 in the variable", `{}`, "PROGRAM_TIMEOUT", "90")
	try("\"90\" in the file", `{"timeout": "90"}`, "", "")
	try("90 in the file", `{"timeout": 90}`, "", "")
	try("unknown name on the command line", `{}`, "", "", "--time-out=90s")
	try("unknown name in the file", `{"time-out": "90s"}`, "", "")
}
GO
{ go mod init seen && go get github.com/alecthomas/kong@v1.17.0 && go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with kong 1.17.0" >&2; exit 2; }
cat >expected <<'TXT'
nothing: listen of the default, timeout 30s
variable: listen of the variable, timeout 30s
file: listen of the file, timeout 30s
variable and file: listen of the file, timeout 30s
command line and file: listen of the command line, timeout 30s
90 on the command line: --timeout: expected duration but got "90": time: missing unit in duration "90"
90 in the variable: --timeout: expected duration but got "90": time: missing unit in duration "90" (from envar PROGRAM_TIMEOUT="90")
"90" in the file: --timeout: expected duration but got "90": time: missing unit in duration "90"
90 in the file: listen of the default, timeout 90ns
unknown name on the command line: unknown flag --time-out, did you mean "--timeout"?
unknown name in the file: listen of the default, timeout 30s
TXT
./program | tee seen
diff expected seen && echo "As described: kong 1.17.0 puts a configuration file above the environment."

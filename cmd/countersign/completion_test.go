package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// zshCapture types a line and the key Tab into a zsh that runs in a terminal of its own. What it offers goes through compadd.
const (
	zshCapture = `
zmodload zsh/zpty
zpty child zsh -f -i
zpty -w child "source $1"
zpty -r child line '*READY*' || exit 3
zpty -n -w child "$2"$'\t'
zpty -r child text '*ENDED*' || exit 4
print -r -- "$text"
`
	zshPrepare = `
PROMPT=
fpath=($FUNCTIONS $fpath)
autoload -Uz compinit
compinit -u -d $FUNCTIONS/dump
bindkey '^I' complete-word
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print && print -rl -- "HIT "${^hits}
  builtin compadd "$@"
}
ended() { print; print ENDED; exit }
comppostfuncs=(ended)
print READY
`
)

// shellFolder is a folder with a file and a folder in it, whose names the shells complete.
func shellFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFiles(t, map[string]string{filepath.Join(folder, "a.pem"): ""})
	return folder
}

// completionOf is the script for a shell.
func completionOf(t *testing.T, shell string) string {
	t.Helper()
	script := runWith(t, nil, "", "completion", shell)
	if script.code != 0 {
		t.Fatal(script.stderr)
	}
	return script.stdout
}

// offered runs a shell in a folder and returns what it offers, sorted and in one line. Some shells repeat the flag before the value, and
// put a stroke behind a folder.
func offered(t *testing.T, folder, program string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TERM=dumb", "LC_ALL=C.UTF-8"}
	said, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	var words []string
	for line := range strings.Lines(string(said)) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if _, value, has := strings.Cut(line, "="); has {
			line = value
		}
		if line = strings.TrimSuffix(line, "/"); line != "" {
			words = append(words, line)
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

func bashCompletes(t *testing.T) func(typed string) string {
	bash, folder, script := neededProgram(t, "bash", "bash"), shellFolder(t), completionOf(t, "bash")
	return func(typed string) string {
		quoted := "'" + strings.Join(strings.Split(typed, " "), "' '") + "'"
		return offered(t, folder, bash, "--norc", "-c", script+"\nCOMP_WORDS=("+quoted+
			"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _countersign; printf '%s\\n' \"${COMPREPLY[@]}\"")
	}
}

// The function lies in a folder of $fpath, as the package puts it.
func zshCompletes(t *testing.T) func(typed string) string {
	zsh, folder, scripts := neededProgram(t, "zsh", "zsh"), shellFolder(t), t.TempDir()
	functions := filepath.Join(scripts, "functions")
	if err := os.Mkdir(functions, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFiles(t, map[string]string{
		filepath.Join(functions, "_countersign"): completionOf(t, "zsh"), filepath.Join(scripts, "capture"): zshCapture,
		filepath.Join(scripts, "prepare"): strings.ReplaceAll(zshPrepare, "$FUNCTIONS", functions),
	})
	return func(typed string) string {
		command := "zsh -f \"$0\" \"$@\" | tr -d '\\r' | sed -n 's/^HIT //p'"
		return offered(t, folder, "sh", "-c", strings.Replace(command, "zsh", zsh, 1),
			filepath.Join(scripts, "capture"), filepath.Join(scripts, "prepare"), typed)
	}
}

func fishCompletes(t *testing.T) func(typed string) string {
	fish, folder, script := neededProgram(t, "fish", "fish"), shellFolder(t), filepath.Join(t.TempDir(), "countersign.fish")
	writeFiles(t, map[string]string{script: completionOf(t, "fish")})
	return func(typed string) string {
		return offered(t, folder, fish, "--no-config", "-c", "source "+script+"; complete -C '"+typed+"'")
	}
}

// completions are what was typed, and the words that each shell offers then.
func completions() map[string]string {
	return map[string]string{
		"countersign conf":                              "config",
		"countersign config ":                           "check show",
		"countersign counters ad":                       "add",
		"countersign serve --trusted":                   "--trusted-proxy",
		"countersign serve --listen :80 --idle":         "--idle-timeout",
		"countersign config show --oidc-client-secret":  "--oidc-client-secret --oidc-client-secret-file",
		"countersign serve --log-level config --check":  "--checkpoint-file",
		"countersign phone --state call --login":        "--login-hint",
		"countersign phone --state x call --":           "--help --method --state",
		"countersign keys --":                           "--help",
		"countersign no-such-command-here --no-flag-of": "",
		"countersign serve --limits ":                   "default off strict",
		"countersign serve --limits=s":                  "strict",
		"countersign serve --phone-page=":               "false true",
		"countersign serve --listen ":                   "",
		"countersign witness --log-format ":             "json text",
		"countersign keys rotate a":                     "access-token all audit",
		"countersign completion ":                       "bash fish zsh",
		"countersign serve --tls-cert ":                 "a.pem below",
		"countersign serve --tls-cert=a":                "a.pem",
		"countersign serve --languages ":                "below",
		"countersign accounts import ":                  "a.pem below",
		"countersign clients disable ":                  "",
	}
}

// Each shell completes commands, those below them, the flags of the command that stands there, whatever stands between, and what
// their values may be.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T) func(string) string{
		"bash": bashCompletes, "zsh": zshCompletes, "fish": fishCompletes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			complete := prepare(t)
			for typed, want := range completions() {
				if got := complete(typed); got != want {
					t.Errorf("%q is completed with %q, want %q", typed, got, want)
				}
			}
		})
	}
}

// Readline takes --flag=value apart, and a path may stand before the program's name.
func TestCompletionOfWordsTakenApart(t *testing.T) {
	t.Parallel()
	complete := bashCompletes(t)
	for typed, want := range map[string]string{
		"./countersign config ": "check show", "countersign serve --limits =": "default off strict", "countersign serve --limits = s": "strict",
		"countersign serve --limits = strict --idle": "--idle-timeout", "countersign serve --tls-cert = a": "a.pem",
	} {
		if got := complete(typed); got != want {
			t.Errorf("%q is completed with %q, want %q", typed, got, want)
		}
	}
}

// Without a name it is bash that is meant; another shell is refused with those that there are.
func TestCompletionOfAShell(t *testing.T) {
	t.Parallel()
	if got := runWith(t, nil, "", "completion"); got.code != 0 || got.stdout != completionOf(t, "bash") {
		t.Errorf("%d: %s", got.code, got.stderr)
	}
	got := runWith(t, nil, "", "completion", "tcsh")
	if got.code != exitUsage || !strings.Contains(got.stderr, `must be one of "bash","zsh","fish"`) {
		t.Errorf("%d: %s", got.code, got.stderr)
	}
}

// The words that a shell offers for a setting are those that serve takes, and each setting that takes one of several has them.
func TestCompletionHasTheWordsThatServeTakes(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&flagSources{env: &Environment{}})
	if err != nil {
		t.Fatal(err)
	}
	all := completedCommands(parser.Model.Node)
	serve := all[slices.IndexFunc(all, func(c completedCommand) bool { return c.path == "countersign serve" })]
	const wrong = "no-such-word"
	args := []string{"serve"}
	for _, flag := range serve.flags {
		if !flag.isSwitch && flag.word != "--config" {
			args = append(args, flag.word+"="+wrong)
		}
	}
	refused := runWith(t, nil, "", args...).stderr
	for _, flag := range serve.flags {
		if flag.isSwitch || flag.word == "--notice-language" { // what languages there are is known when --languages is read
			continue
		}
		head := flag.word + " (" + variableName(flag.word[2:]) + "): \"" + wrong + "\" is not one of them. Take one of "
		_, words, has := strings.Cut(refused, head)
		words, _, _ = strings.Cut(words, ".\n")
		if got := strings.Join(flag.value.words, ", "); got != words || has != (got != "") {
			t.Errorf("%s: a shell offers %q, serve takes %q", flag.word, got, words)
		}
	}
	if n := strings.Count(refused, "is not one of them"); n < 8 {
		t.Errorf("%d settings take one of several words:\n%s", n, refused)
	}
}

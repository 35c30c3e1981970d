package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// bash completes commands, those below them, and the flags of the command that stands there, whatever stands between.
func TestCompletion(t *testing.T) {
	t.Parallel()
	bash := neededProgram(t, "bash", "bash")
	script := runWith(t, nil, "", "completion")
	if script.code != 0 {
		t.Fatal(script.stderr)
	}
	for typed, want := range map[string]string{
		"countersign conf":                              "config",
		"./countersign config ":                         "check show",
		"countersign counters ad":                       "add",
		"countersign serve --trusted":                   "--trusted-proxy",
		"countersign serve --listen :80 --idle":         "--idle-timeout",
		"countersign config show --oidc-client-secret":  "--oidc-client-secret --oidc-client-secret-file",
		"countersign serve --log-level config --check":  "--checkpoint-file",
		"countersign phone --state x call --":           completed(t, "phone call"),
		"countersign keys --":                           "--help",
		"countersign no-such-command-here --no-flag-of": "",
	} {
		words := strings.Split(typed, " ")
		quoted := "'" + strings.Join(words, "' '") + "'"
		command := exec.CommandContext(t.Context(), bash, "--norc", "-c", script.stdout+
			"\nCOMP_WORDS=("+quoted+"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _countersign; echo \"${COMPREPLY[@]}\"")
		command.Dir = t.TempDir()
		said, err := command.CombinedOutput()
		if got := strings.TrimSuffix(string(said), "\n"); err != nil || got != want {
			t.Errorf("%q is completed with %q, %v, want %q", typed, got, err, want)
		}
	}
}

// completed are all flags of a command.
func completed(t *testing.T, path string) string {
	t.Helper()
	parser, err := newParser(&flagSources{env: &Environment{}})
	if err != nil {
		t.Fatal(err)
	}
	node := parser.Model.Node
	for name := range strings.SplitSeq(path, " ") {
		for _, child := range node.Children {
			if child.Name == name {
				node = child
				break
			}
		}
	}
	return strings.Join(withHelp(flagNames(node)), " ")
}

// The manual page names each command, each flag of serve and its variable, and groff has nothing to say against it.
func TestManual(t *testing.T) {
	t.Parallel()
	groff := neededProgram(t, "groff", "groff-base")
	page := runWith(t, nil, "", "man")
	command := exec.CommandContext(t.Context(), groff, "-ww", "-man", "-Tutf8", "-P-cbou")
	command.Stdin = strings.NewReader(page.stdout)
	text, err := command.CombinedOutput()
	if err != nil || strings.Contains(string(text), "warning") || strings.Contains(string(text), "error:") {
		t.Fatalf("%v\n%s", err, text)
	}
	words := strings.Fields(strings.ReplaceAll(string(text), "\u2010\n", ""))
	plain := strings.NewReplacer(`\-`, "-", `\e`, `\`).Replace(page.stdout)
	for _, flag := range serveFlags(t) {
		named := slices.ContainsFunc(words, func(word string) bool { return word == "--"+flag || strings.HasPrefix(word, "--"+flag+"=") })
		if !named || !strings.Contains(plain, "($"+variableName(flag)+")") {
			t.Errorf("the page does not name --%s, or not its variable", flag)
		}
	}
	for variable, flag := range map[string]string{"COUNTERSIGN_LISTEN": "listen", "COUNTERSIGN_HEALTH_URL": "url"} {
		if _, variables, _ := strings.Cut(plain, ".SH ENVIRONMENT\n"); !strings.Contains(variables, ".B "+variable+"\n--"+flag+"\n") {
			t.Errorf("the page does not say that %s is for --%s", variable, flag)
		}
	}
	for _, flag := range []string{"--tls-cert=FILE", "--pending-window=VALUE", "--database=ADDRESS"} {
		if !slices.Contains(words, flag) {
			t.Errorf("the page does not say %s", flag)
		}
	}
	for _, command := range []string{"serve", "config check", "accounts import FILE", "keys rotate", "man"} {
		if !strings.Contains(plain, "\n.SS "+command) && !strings.Contains(plain, "\n.SS "+strings.Replace(command, " FILE", " <file>", 1)) {
			t.Errorf("the page does not name %s", command)
		}
	}
}

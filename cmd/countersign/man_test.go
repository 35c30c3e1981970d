package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

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

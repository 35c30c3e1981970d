package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/alecthomas/kong"
)

// README.md names every flag of serve, and no flag that is not there.
func TestReadmeNamesEverySetting(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "### Configuration")
	table, _, _ = strings.Cut(table, "\n## ")
	var told []string
	for _, line := range strings.Split(table, "\n") {
		if cell, _, found := strings.Cut(strings.TrimPrefix(line, "| "), " |"); found {
			for _, flag := range regexp.MustCompile("`--([a-z-]+)`").FindAllStringSubmatch(cell, -1) {
				told = append(told, flag[1])
			}
		}
	}
	have := serveFlags(t)
	for _, flag := range have {
		if !slices.Contains(told, flag) {
			t.Errorf("README.md does not name --%s", flag)
		}
	}
	for _, flag := range told {
		if !slices.Contains(have, flag) {
			t.Errorf("README.md names --%s, which serve does not have", flag)
		}
	}
}

// README.md's way to a server of one's own is what testdata/script/run.txtar does.
func TestReadmeRunsAsWritten(t *testing.T) {
	script, err := os.ReadFile("testdata/script/run.txtar")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for line := range strings.Lines(readmeBlock(t, "## Run it")) {
		command, _, _ := strings.Cut(line, "#")
		command, _, _ = strings.Cut(command, ">")
		if command = strings.TrimSpace(command); strings.HasPrefix(command, "countersign ") {
			commands++
			if !strings.Contains(string(script), "exec "+command) {
				t.Errorf("testdata/script/run.txtar does not run %s", command)
			}
		}
	}
	if commands < 5 {
		t.Errorf("%d commands found", commands)
	}
}

// README.md and the demonstration itself tell the same visit.
func TestReadmeTellsTheDemonstration(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := strings.Join(strings.Fields(string(page)), " ")
	var printed strings.Builder
	if err := (&demonstration{env: &Environment{Now: time.Now}, issuer: "http://" + demoListen}).explain(&printed, ""); err != nil {
		t.Fatal(err)
	}
	told := strings.Join(strings.Fields(printed.String()), " ")
	for _, both := range []string{
		demoOperator, demoStaff()[2].Name, demoHint, `counter "` + demoCounter + `"`, "any ID card whose expiry date lies ahead",
		"http://" + demoListen, "audit trail", views.PathPhone, views.PathPractice,
	} {
		if !strings.Contains(readme, both) || !strings.Contains(told, both) {
			t.Errorf("%q: in README.md %t, in the demonstration %t", both, strings.Contains(readme, both), strings.Contains(told, both))
		}
	}
}

// readmeBlock is the first block of commands below a heading.
func readmeBlock(t *testing.T, heading string) string {
	t.Helper()
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), heading)
	_, block, _ := strings.Cut(section, "```sh\n")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatalf("README.md has no commands below %q", heading)
	}
	return block
}

func serveFlags(t *testing.T) []string {
	t.Helper()
	var grammar commandLine
	parser, err := kong.New(&grammar)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, command := range parser.Model.Children {
		if command.Name == "serve" {
			for _, flag := range command.Flags {
				names = append(names, flag.Name)
			}
		}
	}
	if len(names) < 10 {
		t.Fatalf("serve has the flags %v", names)
	}
	return names
}

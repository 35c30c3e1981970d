package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

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

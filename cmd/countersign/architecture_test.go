package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// docs/architecture.md §5.2 has the rule of imports as mayImport has it, row by row.
func TestImportsStandInTheArchitecture(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| folder | may import |\n| --- | --- |\n")
	for _, folder := range slices.Sorted(maps.Keys(mayImport)) {
		allowed := "nothing of ours"
		if len(mayImport[folder]) > 0 {
			allowed = strings.Join(slices.Sorted(slices.Values(mayImport[folder])), ", ")
		}
		fmt.Fprintf(&want, "| %s | %s |\n", folder, allowed)
	}
	if !strings.Contains(string(page), "\n"+want.String()+"\n") {
		t.Errorf("docs/architecture.md §5.2 does not have this table:\n%s", want.String())
	}
}

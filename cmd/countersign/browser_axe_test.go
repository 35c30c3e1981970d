package main

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// axeFile is the accessibility checker axe-core, installed by make test.
const axeFile = "testdata/interop/node_modules/axe-core/axe.min.js"

// axeRun checks the page by everything that WCAG 2.2 AA asks and a machine can judge;
// axeRunColours by what may differ between light and dark, where only colours change.
const (
	axeRun        = axeBegin + `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}` + axeEnd
	axeRunColours = axeBegin + `{type: "rule", values: ["color-contrast", "link-in-text-block"]}` + axeEnd

	axeBegin = `axe.run(document, {resultTypes: ["violations"], runOnly: `
	axeEnd   = `}).then(result => result.violations)`
)

type axeViolation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// checkAccessibility is for one page, wide and narrow, light and dark. It needs the
// source of axe.
func (b *tab) checkAccessibility(name, axe string) {
	b.t.Helper()
	evaluate[any](b, axe+"; null")
	for _, width := range []int64{1280, 360} {
		b.size(width, 900)
		b.reportAxe(fmt.Sprintf("%s, %d px, light", name, width), axeRun)
	}
	b.scheme("dark") // in which no colour depends on the width
	b.reportAxe(name+", dark", axeRunColours)
	b.scheme("light")
}

func (b *tab) reportAxe(where, run string) {
	b.t.Helper()
	for _, v := range evaluate[[]axeViolation](b, run) {
		for _, node := range v.Nodes {
			b.t.Errorf("%s: %s (%s)\n%s\n%s", where, v.ID, v.Help, node.HTML, node.Summary)
		}
	}
}

// The checker finds what is wrong, in light and in dark.
func TestAxeFinds(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	b := newTab(t, "data:text/html,")
	b.open("<!DOCTYPE html><meta name=color-scheme content='light dark'><title>A</title><body style='background:light-dark(white,black)'><main><h1 style='color:rgb(40,40,40)'>Hardly to be read</h1></main>")
	evaluate[any](b, axe+"; null")
	for scheme, want := range map[string]string{"light": "html-has-lang", "dark": "color-contrast"} {
		b.scheme(scheme)
		run := map[string]string{"light": axeRun, "dark": axeRunColours}[scheme]
		if found := evaluate[[]axeViolation](b, run); len(found) == 0 ||
			!slices.ContainsFunc(found, func(v axeViolation) bool { return v.ID == want }) {
			t.Errorf("%s: %s is not among %v", scheme, want, found)
		}
	}
}

func readAxe(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(axeFile)
	if err != nil && os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatalf("TEST_REQUIRE=all, and axe-core is not installed: %v", err)
	}
	if err != nil {
		t.Skip("axe-core is not installed")
	}
	return string(source)
}

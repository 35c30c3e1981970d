package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// reflowScript lists what is lost on a page: whatever makes it wider than the window, and
// every text that runs out of its own box, where it is cut or lies over its neighbour.
// Texts for screen readers alone, and the skip link until it has the focus, are not seen.
const reflowScript = `(() => {
	const lost = [], wide = document.documentElement.scrollWidth;
	if (wide > innerWidth) lost.push(wide + " px wide");
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, node =>
		node.data.trim() === "" || node.parentElement.closest(".hidden, .skip-link, svg, script, option, textarea")
			|| !node.parentElement.checkVisibility({visibilityProperty: true})
			? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
	const range = document.createRange();
	while (walker.nextNode()) {
		let box = walker.currentNode.parentElement;
		while (/^(inline|contents)$/.test(getComputedStyle(box).display)) box = box.parentElement;
		if (box.closest("thead, .live:empty")?.getBoundingClientRect().width <= 1) continue;
		const b = box.getBoundingClientRect();
		range.selectNodeContents(walker.currentNode);
		for (const r of range.getClientRects())
			if (r.width > 0 && (r.right > b.right + 1 || r.left < b.left - 1 || r.bottom > b.bottom + r.height / 2
				|| r.right > innerWidth + 1 || r.left < -1)) {
				lost.push(JSON.stringify(walker.currentNode.data.trim().slice(0, 60)) + " runs out of " + box.localName);
				break;
			}
	}
	return lost;
})()`

// screens on which nothing may be lost: the narrowest (WCAG 2.2, 1.4.10); 1280 px at a zoom
// of 200 %; and letters twice as large on an unchanged screen (1.4.4).
var reflowScreens = []struct {
	name          string
	width, height int64
	letters       int64
}{
	{"a screen of 320 px", 320, 900, usualLetters},
	{"a zoom of 200 %", 640, 450, usualLetters},
	{"letters of 200 %", 1280, 900, 2 * usualLetters},
}

const usualLetters = 16 // px, of browsers

// checkReflow is for one page.
func (b *tab) checkReflow(name string) {
	b.t.Helper()
	for _, screen := range reflowScreens {
		b.size(screen.width, screen.height)
		b.letters(screen.letters)
		for _, lost := range evaluate[[]string](b, reflowScript) {
			b.t.Errorf("%s, on %s: %s", name, screen.name, lost)
		}
	}
	b.letters(usualLetters)
}

// letters makes the text as large as a person may want it in the browser's settings.
func (b *tab) letters(size int64) {
	b.t.Helper()
	b.must(command(b, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: size}}))
}

// The checker finds what is lost, each by what shows it.
func TestLostTextIsFound(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	b := newTab(t, "data:text/html,")
	b.size(640, 450)
	for body, want := range map[string]string{
		"<p style='width:700px'>wide":                                               "700 px wide",
		"<p style='width:40px;overflow:hidden'>unbreakable":                         `"unbreakable" runs out of p`,
		"<p style='height:1em;overflow:hidden;width:9em'>one line and another line": `"one line and another line" runs out of p`,
		"<table style='table-layout:fixed;width:60px'><td><b>unbreakable</b><td>a":  `"unbreakable" runs out of td`,
		"<p style='margin-left:-30px'>to the left":                                  `"to the left" runs out of p`,
	} {
		b.open("<!DOCTYPE html><title>A</title><body style='margin:0'>" + body)
		if lost := evaluate[[]string](b, reflowScript); !slices.ContainsFunc(lost, func(l string) bool { return strings.HasPrefix(l, want) }) {
			t.Errorf("%s: %q is not among %q", body, want, lost)
		}
	}
	b.open("<!DOCTYPE html><title>A</title><p>All of it <b>is there</b>.<p><button>Go on</button>")
	if lost := evaluate[[]string](b, reflowScript); len(lost) > 0 {
		t.Errorf("nothing is lost, but found is %q", lost)
	}
}

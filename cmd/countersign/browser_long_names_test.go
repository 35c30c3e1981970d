package main

import (
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/views"

	"github.com/chromedp/cdproto/emulation"
)

// brokenWordsScript lists words of ours that stand on two lines: those of names, which may break anywhere, are left out, and so are
// long ones, which have no other way on a narrow screen.
const brokenWordsScript = `(() => {
	const broken = [], range = document.createRange();
	const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT, node =>
		node.parentElement.closest("bdi, .identifier, .said, .hidden, script, option") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
	while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/\p{L}{2,14}(?!\p{L})/gu)) {
		range.setStart(walker.currentNode, word.index);
		range.setEnd(walker.currentNode, word.index + word[0].length);
		if (new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top))).size > 1) broken.push(word[0]);
	}
	return broken;
})()`

// A name of 200 letters without a blank breaks, and no word beside it does, in English and in German, wide and narrow.
func TestLongNamesBreakNoOtherWord(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	name := strings.Repeat("Wolfeschlegelsteinhausen", 9)[:200]
	if _, err := w.store.ImportAccounts(t.Context(), []models.ImportedAccount{{
		Line: 2, Identifiers: []string{"long@example.org"}, FullName: name, DateOfBirth: "1984-02-29", Status: models.AccountActive,
	}}, audit.Actor{System: "command"}); err != nil {
		t.Fatal(err)
	}
	w.ask("long@example.org", strings.Repeat("Telefon", 9), "")
	b := w.as(demoOperator)
	b.search("long@example.org")
	address := b.path()
	for _, tag := range []string{"en", "de"} {
		b.inLanguage(tag)
		for _, path := range []string{address, views.PathCounter} {
			b.open(path)
			for _, width := range []int64{1280, 390, 320} {
				b.size(width, 900)
				if broken := evaluate[[]string](b, brokenWordsScript); len(broken) > 0 {
					t.Errorf("%s, %s, %d px: %q stand on two lines", path, tag, width, broken)
				}
			}
			b.checkReflow(path)
			b.pictures("long " + tag + path)
		}
	}
}

// With forced colours (WCAG 1.4.1) a tag has an edge, since its ground is gone.
func TestTagsKeepTheirShapeInForcedColours(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(administrator)
	b.must(command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}},
	}))
	b.open(views.PathCounters)
	evaluate[any](b, `document.querySelector("main").insertAdjacentHTML("beforeend", "<span class='tag'>open</span>"), null`)
	edge := evaluate[string](b, `(() => {
		const s = getComputedStyle(document.querySelector(".tag"));
		return [s.borderTopWidth, s.borderTopStyle, s.borderTopColor].join(" ") + " on " + s.backgroundColor + ", " +
			matchMedia("(forced-colors: active)").matches;
	})()`)
	if edge != "1px solid rgb(0, 0, 0) on rgb(255, 255, 255), true" {
		t.Errorf("the edge of a tag is %s", edge)
	}
	b.pictures("forced colours")
}

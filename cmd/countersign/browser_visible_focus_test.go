package main

import (
	"slices"
	"strings"
	"testing"
)

// visibleFocusScript goes to everything that the keyboard can reach, and lists what does
// not show it (WCAG 2.2, 2.4.7): by an outline or a shadow that was not there before, of a
// colour with a contrast of 3:1 to what is around (1.4.11); and what something else lies
// over (2.4.11).
const visibleFocusScript = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true}), seen = new Map();
	const rgba = colour => {
		if (!seen.has(colour)) {
			canvas.clearRect(0, 0, 1, 1);
			canvas.fillStyle = colour;
			canvas.fillRect(0, 0, 1, 1);
			const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
			seen.set(colour, [r, g, b, a / 255]);
		}
		return seen.get(colour);
	};
	const over = (top, ground) => [0, 1, 2].map(i => top[i] * top[3] + ground[i] * (1 - top[3])).concat(1);
	const around = e => e === null ? rgba("Canvas") : over(rgba(getComputedStyle(e).backgroundColor), around(e.parentElement));
	const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => {
		const c = colour[i] / 255;
		return sum + part * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
	}, 0);
	const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
	const mark = e => {
		const s = getComputedStyle(e);
		return {shadow: s.boxShadow, outline: s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2 ? "none" : s.outlineColor};
	};
	const had = document.activeElement, lost = [];
	had.blur();
	for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")) {
		if (e.tabIndex < 0 || e.disabled || !e.checkVisibility({visibilityProperty: true})) continue;
		const name = e.localName + " " + JSON.stringify((e.labels?.[0] ?? e).textContent.trim().slice(0, 40));
		const before = mark(e);
		e.focus();
		if (document.activeElement !== e) { lost.push(name + " takes no focus"); continue; }
		const after = mark(e);
		const colour = after.outline !== "none" && after.outline !== before.outline ? after.outline
			: after.shadow !== before.shadow ? after.shadow.match(/^[a-z]+\([^)]*\)/)?.[0] : undefined;
		if (colour === undefined) lost.push(name + " does not show the focus");
		else {
			const ground = around(e.parentElement), got = contrast(over(rgba(colour), ground), ground);
			if (got < 3) lost.push(name + " shows the focus with a contrast of only " + got.toFixed(2));
		}
		const r = e.getClientRects()[0], there = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
		if (there === null || ![e, ...e.labels ?? []].some(part => part.contains(there)))
			lost.push(name + " has the focus, but something lies over it");
	}
	document.activeElement.blur();
	had.focus();
	return lost;
})()`

// checkVisibleFocus is for one page, light and dark.
func (b *tab) checkVisibleFocus(name string) {
	b.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		b.scheme(scheme)
		for _, lost := range evaluate[[]string](b, visibleFocusScript) {
			b.t.Errorf("%s, %s: %s", name, scheme, lost)
		}
	}
}

// The checker finds each way of hiding the focus.
func TestHiddenFocusIsFound(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	b := newTab(t, "data:text/html,")
	for style, want := range map[string]string{
		":focus{outline:none}":                          `button "Go" does not show the focus`,
		":focus{outline:1px solid black}":               `button "Go" does not show the focus`,
		"button,:focus{outline:3px solid black}":        `button "Go" does not show the focus`,
		":focus{outline:3px solid rgb(200,200,200)}":    `button "Go" shows the focus with a contrast of only 1.`,
		":focus{outline:none;box-shadow:0 0 2px white}": `button "Go" shows the focus with a contrast of only 1.00`,
		"main{position:fixed;inset:0}":                  `button "Go" has the focus, but something lies over it`,
	} {
		b.open("<!DOCTYPE html><title>A</title><style>" + style + "</style><button>Go</button><main></main>")
		if lost := evaluate[[]string](b, visibleFocusScript); !slices.ContainsFunc(lost,
			func(l string) bool { return strings.HasPrefix(l, want) }) {
			t.Errorf("%s: %q is not among %q", style, want, lost)
		}
	}
	b.open("<!DOCTYPE html><title>A</title><style>:focus{outline:3px solid black}</style><button>Go</button><label><input type=checkbox>So</label>")
	if lost := evaluate[[]string](b, visibleFocusScript); len(lost) > 0 {
		t.Errorf("all show the focus, but found is %q", lost)
	}
}

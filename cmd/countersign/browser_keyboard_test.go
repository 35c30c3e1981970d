package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is where the keyboard is, as a screen reader and an eye are told.
type focus struct {
	name, role string
	place      focusPlace
}

type focusPlace struct {
	Tag     string  `json:"tag"`
	Marked  bool    `json:"marked"`  // by an outline or a shadow
	OnSight bool    `json:"onSight"` // within the window, and nothing lies over it
	Order   float64 `json:"order"`   // in the document
}

const focusScript = `new Promise(requestAnimationFrame).then(() => {
	const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
	const outline = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && s.outlineColor !== "rgba(0, 0, 0, 0)";
	const over = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
	return {
		tag: e.localName, marked: outline || s.boxShadow !== "none",
		onSight: r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth && over !== null && 
			[e, ...e.labels ?? []].some(part => part.contains(over)),
		order: [...document.querySelectorAll("*")].indexOf(e),
	};
})`

// focus reads the accessible name and role, too.
func (b *tab) focus() focus {
	b.t.Helper()
	element := evaluate[*runtime.RemoteObject](b, "new Promise(requestAnimationFrame).then(() => document.activeElement)")
	tree, err := chromedp.Call(b.ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{
		ObjectID: element.ObjectID, FetchRelatives: new(false),
	})
	b.must(err)
	return focus{
		name: axText(tree.Nodes[0].Name), role: axText(tree.Nodes[0].Role), place: evaluate[focusPlace](b, focusScript),
	}
}

func axText(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var text string
	_ = json.Unmarshal(value.Value, &text)
	return strings.TrimSpace(text)
}

// handGap is between two keys of a quick hand, and longer than a scanner's.
const handGap = 60 * time.Millisecond

// key presses one key, or one key with Shift, no faster than a hand by the keys' own time.
func (b *tab) key(key string, modifiers ...chromedp.Modifier) {
	b.t.Helper()
	b.lastKey = max(time.Duration(time.Now().UnixNano()), b.lastKey+handGap)
	at := func(k *input.DispatchKeyEventParams) { k.Timestamp = input.TimeSinceEpoch(b.lastKey.Seconds()) }
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...), at)))
}

// tabThrough presses Tab once for each name, and checks that it leads there: forward in
// the document, marked and on sight.
func (b *tab) tabThrough(names ...string) {
	b.t.Helper()
	before := b.focus()
	for _, name := range names {
		b.key(kb.Tab)
		now := b.wantFocus(name)
		if now.place.Order <= before.place.Order && before.place.Tag != "body" {
			b.t.Errorf("%s: Tab goes back from %q to %q", b.path(), before.name, now.name)
		}
		before = now
	}
}

// wantFocus checks that the focus is visibly on the control with this name.
func (b *tab) wantFocus(name string) focus {
	b.t.Helper()
	now := b.focus()
	if !strings.HasPrefix(now.name, name) {
		b.t.Fatalf("%s: the focus is on %s %q, want %q", b.path(), now.role, now.name, name)
	}
	if !now.place.Marked {
		b.t.Errorf("%s: nobody sees that the focus is on %q", b.path(), now.name)
	}
	if !now.place.OnSight {
		b.t.Errorf("%s: %q has the focus, but is out of sight", b.path(), now.name)
	}
	return now
}

// typeText types, key by key, as fast as a good typist: faster keys would be a scan.
func (b *tab) typeText(text string) {
	b.t.Helper()
	b.scan(wedge{gap: 100 * time.Millisecond}, text)
}

// enter presses Enter, which leads to another page.
func (b *tab) enter() {
	b.t.Helper()
	b.load(chromedp.KeyEvent(kb.Enter))
}

// settle gives keys that were pressed the time to do harm.
func (b *tab) settle() { time.Sleep(300 * time.Millisecond) }

// arrive waits until the page at the path is there.
func (b *tab) arrive(path string) {
	b.t.Helper()
	there := chromedp.Evaluate[string](`document.readyState === "complete" ? location.pathname : ""`)
	at := ""
	for end := time.Now().Add(pageTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var err error
		if at, err = chromedp.Run(b.ctx, there); err == nil && at == path { // an error: between two pages
			return
		}
	}
	b.t.Fatalf("at %s, want %s", at, path)
}

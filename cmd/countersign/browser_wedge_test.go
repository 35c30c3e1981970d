package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// wedge is a scanner that types like a keyboard. Its keys carry the times at which they
// were pressed, so that a busy computer makes no scanner slow.
type wedge struct {
	gap    time.Duration // between two characters
	suffix string        // "\r" is Enter, "\t" is Tab
	pause  time.Duration // since the last key, by the keys' own time
}

var (
	fastWedge = wedge{gap: 8 * time.Millisecond, suffix: "\r"}
	slowWedge = wedge{gap: 90 * time.Millisecond, suffix: "\r"} // slower than any setting calls a scan
)

// patientScanner lets this browser wait longer for the end of a burst than a busy computer
// pauses. The exact times are held by scan.test.mjs.
func (b *tab) patientScanner() {
	b.t.Helper()
	evaluate[any](b, `localStorage.setItem("countersign.scanner", '{"gap":35,"silence":2000}'),
		document.dispatchEvent(new Event("scanner-settings")), null`)
}

// scan types what a barcode holds. Control characters arrive as Ctrl and a key.
func (b *tab) scan(with wedge, text string) {
	b.t.Helper()
	now := max(time.Duration(time.Now().UnixNano()), b.lastKey+with.pause)
	for _, r := range text + with.suffix {
		now += with.gap
		for _, event := range wedgeKey(r) {
			event.Timestamp = input.TimeSinceEpoch(now.Seconds())
			b.must(command(b, input.DispatchKeyEvent, event))
		}
	}
	b.lastKey = now
}

// wedgeKey is the press and the release of a character's key on a US keyboard.
func wedgeKey(r rune) []input.DispatchKeyEventParams {
	key := input.DispatchKeyEventParams{Key: string(r), Text: string(r), UnmodifiedText: string(r)}
	switch {
	case r == '\r':
		key.Key, key.Code, key.Text, key.WindowsVirtualKeyCode = "Enter", "Enter", "\r", 13
	case r == '\t':
		key.Key, key.Code, key.Text, key.WindowsVirtualKeyCode = "Tab", "Tab", "", 9
	case r < ' ':
		key.Key, key.Text, key.UnmodifiedText = string(r+0x40), "", ""
		key.Modifiers = 2 // Ctrl
		switch r {
		case '\n':
			key.Key, key.Code, key.WindowsVirtualKeyCode = "j", "KeyJ", 'J'
		case 0x1e:
			key.Code, key.Modifiers, key.WindowsVirtualKeyCode = "Digit6", 2+8, '6' // with Shift
		case 0x1d:
			key.Code, key.WindowsVirtualKeyCode = "BracketRight", 221
		}
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		upper := strings.ToUpper(string(r))
		key.Code, key.WindowsVirtualKeyCode = "Key"+upper, int64(upper[0])
	case r >= '0' && r <= '9':
		key.Code, key.WindowsVirtualKeyCode = "Digit"+string(r), int64(r)
	case r == ' ':
		key.Code, key.WindowsVirtualKeyCode = "Space", 32
	}
	if code, ok := signCodes[r]; ok {
		key.Code = strings.TrimPrefix(code, "Shift+")
		if code != key.Code {
			key.Modifiers = 8
		}
	} else if r >= 'A' && r <= 'Z' {
		key.Modifiers = 8
	}
	press, release := key, key
	press.Type, release.Type = input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp
	if key.Text == "" {
		press.Type = input.DispatchKeyEventTypeRawKeyDown
	}
	release.Text, release.UnmodifiedText = "", ""
	return []input.DispatchKeyEventParams{press, release}
}

// signCodes are the keys of signs on a US keyboard.
var signCodes = map[rune]string{
	'-': "Minus", '_': "Shift+Minus", '/': "Slash", '?': "Shift+Slash", '=': "Equal", '+': "Shift+Equal", ':': "Shift+Semicolon",
	'.': "Period", '@': "Shift+Digit2", '\'': "Quote", '"': "Shift+Quote", '^': "Shift+Digit6", '~': "Shift+Backquote",
}

// live waits until the page announces this.
func (b *tab) live(words string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.getElementById("live")?.textContent.includes(%s)`, quoteJS(words)), "the page does not announce "+words)
}

// until waits for a condition of a page that has loaded, with its scripts.
func (b *tab) until(condition, otherwise string) {
	b.t.Helper()
	ask := chromedp.Evaluate[bool](`document.readyState === "complete" && Boolean(` + condition + ")")
	for end := time.Now().Add(pageTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is, err := chromedp.Run(b.ctx, ask); err == nil && is { // an error: between two pages
			return
		}
	}
	b.t.Fatalf("%s: %s", b.path(), otherwise)
}

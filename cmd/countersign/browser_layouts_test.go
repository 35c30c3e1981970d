package main

import (
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/cdproto/input"
)

// keyAs is what a computer's keyboard layout makes of one key that a scanner presses.
type keyAs struct{ key, code string }

// scanAs presses the keys that type a text on a US keyboard, as fast as a scanner, under a
// layout: what differs from a US keyboard stands there by the character.
func (b *tab) scanAs(layout map[rune]keyAs, text string) {
	b.t.Helper()
	now := max(time.Duration(time.Now().UnixNano()), b.lastKey+3*time.Second)
	for _, r := range text + "\r" {
		now += fastWedge.gap
		for _, event := range wedgeKey(r) {
			if as, ok := layout[r]; ok {
				event.Key = as.key
				if as.code != "" {
					event.Code = as.code
				}
				event.WindowsVirtualKeyCode = 0
				if len([]rune(as.key)) > 1 { // nothing that could be typed
					event.Text, event.UnmodifiedText = "", ""
				} else if event.Text != "" {
					event.Text, event.UnmodifiedText = as.key, as.key
				}
			}
			if event.Text == "" && event.Type == input.DispatchKeyEventTypeKeyDown {
				event.Type = input.DispatchKeyEventTypeRawKeyDown
			}
			event.Timestamp = input.TimeSinceEpoch(now.Seconds())
			b.must(command(b, input.DispatchKeyEvent, event))
		}
	}
	b.lastKey = now
}

// row names the keys of a layout where a US keyboard has those letters.
func row(us, other string) map[rune]keyAs {
	layout, there := map[rune]keyAs{}, []rune(other)
	for i, r := range []rune(us) {
		layout[r] = keyAs{key: string(there[i])}
	}
	return layout
}

// numberPadOff is a scanner that types its digits on the number pad, with Num Lock off.
func numberPadOff() map[rune]keyAs {
	names := strings.Fields("Insert End ArrowDown PageDown ArrowLeft Clear ArrowRight Home ArrowUp PageUp")
	layout := map[rune]keyAs{}
	for i, name := range names {
		layout[rune('0'+i)] = keyAs{name, "Numpad" + string(rune('0'+i))}
	}
	return layout
}

// A phone's square that a US scanner types finds account and request under any layout of the
// computer, with no setting, and with Num Lock off; it is no account identifier.
func TestPresenceProofUnderOtherLayouts(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ1234567"
	for _, c := range []struct {
		name, account string
		layout        map[rune]keyAs
	}{
		{"French", demoHint, row(letters, "QBCDEFGHIJKL?NOPARSTUVZXYW&é\"'(-è")},
		{"Czech", "C-100248", row(letters, "ABCDEFGHIJKLMNOPQRSTUVWXZY+ěščřžý")},
		{"Greek", "C-100322", row(letters, "ΑΒΨΔΕΦΓΗΙΞΚΛΜΝΟΠ:ΡΣΤΘΩ΅ΧΥΖ1234567")},
		{"Russian", "C-100340", row(letters, "ФИСВУАПРШОЛДЬТЩЗЙКЫЕГМЦЧНЯ1234567")},
		{"German", "C-100263", row("YZ", "ZY")},
		{"Num Lock off", "C-100235", numberPadOff()},
	} {
		phone := w.ask(c.account, "A phone", "")
		b.open(views.PathCounter)
		b.patientScanner()
		proof, err := phone.Presence(w.now())
		if err != nil {
			t.Fatal(err)
		}
		b.scanAs(c.layout, proof.Reveal())
		b.until(`location.pathname.endsWith("/proof")`, c.name+": the square does not match")
	}
}

// A layout with dead keys: the apostrophe that the browser holds back is read by its place,
// and where it cannot be known the scan is refused with the reason, and nothing is left.
func TestDeadKeys(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	for name, apostrophe := range map[string]map[rune]keyAs{
		"the letter is seen":          {'\'': {"Dead", "Quote"}},
		"sign and letter are hidden":  {'\'': {"Process", "Quote"}, 'N': {"Process", "KeyN"}},
		"the letter alone is hidden":  {'\'': {"Dead", "Quote"}, 'N': {"Process", "KeyN"}},
		"a layout that has no US key": nil,
	} {
		b.open(views.PathScanner)
		b.patientScanner()
		if apostrophe != nil {
			b.scanAs(apostrophe, "O'NEILL")
			b.until(`!document.querySelector("[data-finding=dead-keys]").hidden`, name+": dead keys are not found")
			if got := b.echo(); got != "O'NEILL" {
				t.Errorf("%s: %q arrived", name, got)
			}
			continue
		}
		lost := map[rune]keyAs{'\'': {"Dead", "Equal"}}
		b.scanAs(lost, "O'NEILL")
		b.until(`!document.querySelector("[data-finding=lost]").hidden`, name+": it is not said that characters were lost")
		b.open(views.PathCounter)
		b.scanAs(lost, "O'NEILL")
		b.live("characters were lost. Nothing was entered. Open the scanner test.")
		b.wantBox("")
	}
}

// The samples of the scanner test find a computer with other places, dead keys and a number
// pad without digits.
func TestScannerTestFindsLayouts(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	signs := sample(t, "signs")
	for _, c := range []struct {
		layout map[rune]keyAs
		want   []string
	}{
		{row("YZyz", "ZYzy"), []string{"layout-qwertz", "places"}},
		{row("AQZWaqzwm", "QAWZqawz,"), []string{"places"}},
		{map[rune]keyAs{'\'': {"Dead", "Quote"}, '"': {"Dead", "Quote"}, '^': {"Dead", "Digit6"}, '~': {"Dead", "Backquote"}},
			[]string{"dead-keys", "read-signs"}},
		{numberPadOff(), []string{"number-pad", "read-signs"}},
	} {
		b.open(views.PathScanner)
		b.patientScanner()
		b.scanAs(c.layout, signs)
		for _, finding := range c.want {
			b.until(`!document.querySelector("[data-finding=`+finding+`]").hidden`, "the page does not say "+finding+": "+b.echo())
		}
	}
}

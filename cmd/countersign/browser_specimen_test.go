package main

import (
	"net/url"
	"strings"
	"testing"

	"countersign/models"
	"countersign/oauth/deviceclient"
	"countersign/views"

	"github.com/chromedp/cdproto/input"
)

// Whoever tries the demonstration copies a specimen from its page and pastes it: the first
// card is in order, the second has expired, the third bears another name.
func TestSpecimensArePasted(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	page, operator := newTab(t, w.issuer), w.as(demoOperator)
	page.open(views.PathPractice)
	cards := evaluate[[]string](page, `[...document.querySelectorAll("textarea")].map(t => t.value)`)
	if len(cards) != 3 {
		t.Fatalf("%d cards", len(cards))
	}
	for i, c := range []struct{ account, read, ends string }{
		{demoHint, "LINDQVIST, ANNA", "Approve this device"},
		{"C-100248", "expired", "Check the ID document"},
		{"C-100252", "NOWAK, MALGORZATA", "Check the ID document"},
	} {
		phone := w.phone(harbourPocket, deviceclient.Request{LoginHint: c.account, Scope: "profile"})
		operator.search(c.account)
		visit := operator.match(codeOf(phone))
		operator.paste("scan", cards[i])
		operator.click("button", "Read the scan")
		operator.mustRead(c.read)
		operator.submit("[action$='/proof']", url.Values{"photo_matches": {"yes"}, "document_handled": {"yes"}})
		if shown := evaluate[string](operator, "document.body.innerText"); !strings.Contains(shown, c.ends) {
			t.Errorf("%s: the page after the check does not say %q", c.account, c.ends)
		}
		if i > 0 {
			operator.open(views.DeclinePath(visit))
			operator.submit("[action$='/decline']", url.Values{"reason": {"customer_left"}})
			continue
		}
		if got := w.proofingOf(visit); got.DocumentRead != models.ReadMRZ || got.DocumentIssuer != "UTO" {
			t.Errorf("recorded %+v", got)
		}
		operator.click("button", "Approve this device")
		operator.mustRead("Device approved")
	}
}

// paste puts a text into a field as the clipboard does: at once, without keys.
func (b *tab) paste(field, text string) {
	b.t.Helper()
	evaluate[any](b, "document.getElementById("+quoteJS(field)+").focus(), null")
	b.must(command(b, input.InsertText, input.InsertTextParams{Text: text}))
}

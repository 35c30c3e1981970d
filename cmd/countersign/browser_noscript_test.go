package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The whole visit works in a browser that runs no script, with the mouse.
func TestNoScriptNeeded(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	phone := d.startPhone(demoHint, demoPerson+"'s phone")
	b := newTab(t, d.issuer)
	b.withoutScript()

	b.open(views.PathCounter)
	b.follow("//button[.='Sign in']")
	b.follow("//button[contains(., '" + demoOperator + "')]")
	b.mouse("//label[.='" + demoCounter + "']")
	b.follow("//button[.='Start']")
	b.write("identifier", demoHint)
	b.follow("//button[.='Search']")
	b.write("user_code", phone.code())
	b.follow("//button[.='Continue']")
	b.mouse("//label[.='National identity card']")
	for _, field := range []struct{ name, text string }{
		{"document_issuer", "SE"}, {"document_expiry", "2031-05-31"}, {"document_number", "XA4406128"},
	} {
		b.write(field.name, field.text)
	}
	b.mouse("//fieldset[contains(., 'Name on')]//label[.='Matches']")
	b.mouse("//fieldset[contains(., 'Date of birth')]//label[.='Matches']")
	b.mouse("//label[.='The photo matches this person']")
	b.mouse("//label[.='I handled the document']")
	b.follow("//button[.='Continue']")
	b.follow("//button[.='Approve this device']")
	b.mustRead("Device approved")

	if code := phone.connected(); code != 0 {
		t.Errorf("phone: exit code %d\n%s", code, phone.words())
	}
	b.follow("//a[.='New customer']")
	b.follow("//button[.='Sign out']") // the page leads on by itself
	b.waitRead("is still signed in")
	b.follow("//button[.='Sign out there too']")
	b.mustRead("You are signed out.")
}

// withoutScript switches scripts off, and makes sure that they are.
func (b *tab) withoutScript() {
	b.t.Helper()
	b.must(command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.load(chromedp.Navigate("data:text/html,<title>off</title><script>document.title='on'</script>"))
	title, err := chromedp.Run(b.ctx, chromedp.Title())
	b.must(err)
	if title != "off" {
		b.t.Fatalf("scripts are %s", title)
	}
}

// mouse clicks on what an XPath expression finds.
func (b *tab) mouse(what string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.Search(what))))
}

// follow clicks on what leads to another page.
func (b *tab) follow(what string) {
	b.t.Helper()
	b.load(chromedp.Click(chromedp.Search(what)))
}

// write clicks on a field and types.
func (b *tab) write(name, text string) {
	b.t.Helper()
	b.mouse("//input[@name='" + name + "']")
	b.typeText(text)
}

// waitRead waits until the page says this: one that leads on by itself may come before it.
func (b *tab) waitRead(words string) {
	b.t.Helper()
	text := ""
	for end := time.Now().Add(pageTimeout); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		text, _ = chromedp.Run(ctx, chromedp.Text("main")) // an error: between two pages
		cancel()
		if strings.Contains(text, words) {
			return
		}
	}
	b.t.Fatalf("the page does not say %q, but %q", words, text)
}

// mustRead fails when the page does not say this.
func (b *tab) mustRead(words string) {
	b.t.Helper()
	text := evaluate[string](b, "document.querySelector('main').innerText")
	if !strings.Contains(text, words) {
		b.t.Fatalf("the page does not say %q, but %q", words, text)
	}
}

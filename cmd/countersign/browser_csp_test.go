package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/chromedp"
)

// A page that does what its policy forbids is found.
func TestViolationsAreFound(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	b := newTab(t, startBrowserDemo(t).issuer)
	b.open(views.PathSignIn)
	for what, script := range map[string]string{
		"style-src":  `document.head.append(Object.assign(document.createElement("style"), {textContent: "body{color:red}"}))`,
		"script-src": `document.head.append(Object.assign(document.createElement("script"), {textContent: "1"}))`,
		"img-src":    `document.body.append(Object.assign(document.createElement("img"), {src: "https://elsewhere.example/a.png"}))`,
	} {
		evaluate[any](b, script+", null")
		var found []string
		for end := time.Now().Add(pageTimeout); !strings.Contains(strings.Join(found, "\n"), what); time.Sleep(10 * time.Millisecond) {
			if found = append(found, b.complaints()...); time.Now().After(end) {
				t.Fatalf("a violation of %s is not found", what)
			}
		}
	}
}

// complaints takes what came up since the last time. That the page itself was answered
// with an error status is no complaint: the browser notes it for every such page.
func (b *tab) complaints() []string {
	evaluate[int](b, "1") // what came before has arrived after this
	b.mutex.Lock()
	defer b.mutex.Unlock()
	complaints := b.issues
	for _, message := range b.messages {
		if message.Source == "network" && strings.HasPrefix(message.Text, "Failed to load resource: the server responded with a status of") &&
			slices.Contains(b.answered, message.URL) {
			continue
		}
		complaints = append(complaints, string(message.Type)+" "+message.Text+" "+message.URL)
	}
	b.issues, b.messages = nil, []chromedp.ConsoleMessage(nil)
	return complaints
}

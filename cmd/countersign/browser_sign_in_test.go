package main

import (
	"net/http"
	"strings"
	"testing"

	"countersign/views"
)

// Two tabs are at the provider at once: both come back signed in, in the other order, to
// the page that each of them wanted.
func TestTwoSignInsInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	b := newTab(t, d.issuer)
	begin := func(page string) (atProvider string) {
		b.open(page)
		b.submit("[action$='"+views.PathSignIn+"']", nil)
		return evaluate[string](b, "location.href")
	}
	first, second := begin(views.PathOpenCounter), begin(views.PathScanner)
	for _, tab := range []struct{ atProvider, wanted string }{{second, views.PathScanner}, {first, views.PathOpenCounter}} {
		b.open(strings.TrimPrefix(tab.atProvider, d.issuer))
		b.click("button", "Jonas Eriksen")
		if b.path() != tab.wanted {
			t.Errorf("the tab of %s comes back to %s: %s", tab.wanted, b.path(), evaluate[string](b, "document.title"))
		}
	}
	if status := b.open(views.PathOpenCounter); status != http.StatusOK || b.path() != views.PathOpenCounter {
		t.Errorf("in the end: %d %s", status, b.path())
	}
}

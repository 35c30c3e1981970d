package handlerstest

import (
	"encoding/json"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

// Refresh fetches what an element of the page refreshes itself with, as htmx does: its
// address, with its headers.
func (b *Browser) Refresh(page *Page, id string) *Page {
	b.t.Helper()
	for n := range page.document.Descendants() {
		if n.Type != html.ElementNode || "#"+attribute(n, "id") != id || attribute(n, "hx-get") == "" {
			continue
		}
		request := must(http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.address(attribute(n, "hx-get")), nil))
		request.Header.Set("HX-Request", "true")
		var more map[string]string
		if text := attribute(n, "hx-headers"); text != "" {
			if err := json.Unmarshal([]byte(text), &more); err != nil {
				b.t.Fatal(err)
			}
		}
		for name, value := range more {
			request.Header.Set(name, value)
		}
		return b.Send(request)
	}
	b.t.Fatalf("%s refreshes no %s", page.URL.Path, id)
	return nil
}

// Open gets a page of a customer's record as staff do: where the record is not open to the
// session, by the button that opens it.
func (b *Browser) Open(path string) *Page {
	b.t.Helper()
	page := b.Get(path)
	for n := range page.elements("form") {
		if action := attribute(n, "action"); strings.HasSuffix(action, "/open") && has(find(page.document, "h1"), "autofocus") {
			page.Form(action).Submit()
			return b.Get(path)
		}
	}
	return page
}

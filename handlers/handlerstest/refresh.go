package handlerstest

import (
	"encoding/json"
	"net/http"

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

package static

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	tests := []struct {
		name, method, target, cache string
		status                      int
	}{
		{"current hash", "GET", URL("app.css"), keepForever, 200},
		{"head", "HEAD", URL("favicon.svg"), keepForever, 200},
		{"no hash", "GET", "/static/app.css", askAgain, 200},
		{"old hash", "GET", "/static/app.css?v=00000000", askAgain, 200},
		{"unknown", "GET", "/static/other.css", "", 404},
		{"folder", "GET", "/static/", "", 404},
		{"way out", "GET", "/static/../static.go", "", 404},
		{"source", "GET", "/static/static.go", "", 404},
		{"outside the prefix", "GET", "/app.css", "", 404},
		{"post", "POST", "/static/app.css", "", 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			Handler(Prefix).ServeHTTP(answer, httptest.NewRequest(test.method, test.target, nil))
			if answer.Code != test.status {
				t.Errorf("status %d, want %d", answer.Code, test.status)
			}
			if got := answer.Header().Get("Cache-Control"); got != test.cache {
				t.Errorf("Cache-Control %q, want %q", got, test.cache)
			}
		})
	}
}

func TestHandlerAnswersNotModified(t *testing.T) {
	first := httptest.NewRecorder()
	Handler(Prefix).ServeHTTP(first, httptest.NewRequest("GET", "/static/app.css", nil))
	again := httptest.NewRequest("GET", "/static/app.css", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	Handler(Prefix).ServeHTTP(second, again)
	if second.Code != http.StatusNotModified {
		t.Errorf("status %d, want 304", second.Code)
	}
}

func TestURL(t *testing.T) {
	if got := URL("app.css"); len(got) != len("/static/app.css?v=")+8 {
		t.Errorf("URL = %q, want an eight character hash", got)
	}
	if got := URL("missing.css"); got != "/static/missing.css" {
		t.Errorf("URL of an unknown file = %q", got)
	}
}

// The style sheet must work under a policy that allows no foreign origin.
func TestStyleSheetLoadsNothing(t *testing.T) {
	// Enough for every page in every state, from 320 px to paper; what is beyond is a sign of a page that goes its own way.
	for name, most := range map[string]int{"app.css": 24 << 10, "visit.css": 6 << 10, "report.css": 6 << 10} {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, forbidden := range []string{"@import", "url(", "http:", "https:"} {
			if strings.Contains(string(content), forbidden) {
				t.Errorf("%s contains %q", name, forbidden)
			}
		}
		if len(content) > most {
			t.Errorf("%s has %d bytes, want at most %d", name, len(content), most)
		}
	}
}

// Every page names its files: their content is not hashed again for it.
func TestAddressesAreKept(t *testing.T) {
	first := URL("app.css")
	if allocations := testing.AllocsPerRun(100, func() { URL("app.css") }); allocations > 1 {
		t.Errorf("an address takes %.0f objects", allocations)
	}
	if again := URL("app.css"); again != first || URL("none.css") != Prefix+"none.css" {
		t.Errorf("%s, then %s; %s", first, again, URL("none.css"))
	}
}

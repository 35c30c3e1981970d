package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httputil"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/views"
)

var (
	pageParts     = regexp.MustCompile(`(?:src|href)="(/static/[^"]+\.(?:js|css)\?v=[0-9a-f]+)"`)
	moduleImports = regexp.MustCompile(`(?:from|import) ?"(\./[^"]+)"`)
)

// onTheWire fetches an address as a browser does: how many bytes came in its head and in its body, and the text. Bodies in
// brotli are libraries, of which nothing more is asked.
func onTheWire(t *testing.T, client *http.Client, request *http.Request) (head, body int, text string) {
	t.Helper()
	request.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	headers, err := httputil.DumpResponse(answer, false)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", request.URL, answer.StatusCode, err)
	}
	if answer.Header.Get("Content-Encoding") != "gzip" {
		return len(headers), len(content), string(content)
	}
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return len(headers), len(content), string(plain)
}

// A page for the first time, with its style sheets, its scripts and what these import, is small on the wire.
func TestColdLoadIsSmall(t *testing.T) {
	w := begin(t)
	for _, c := range []struct {
		path  string
		who   *handlerstest.Staff
		bound int
	}{{views.PathPhone, nil, 45_000}, {views.PathCounter, &w.operator, 40_000}, {views.AccountPath(w.Account.ID), &w.operator, 40_000}} {
		request := w.request(http.MethodGet, c.path, c.who)
		request.Header.Set("Sec-Fetch-Site", "none")
		heads, bodies, page := onTheWire(t, w.HTTP, request)
		t.Logf("%s: %d bytes of HTML", c.path, bodies)
		var parts []string
		for _, found := range pageParts.FindAllStringSubmatch(page, -1) {
			parts = append(parts, found[1])
		}
		for i := 0; i < len(parts); i++ {
			head, body, text := onTheWire(t, w.HTTP, w.request(http.MethodGet, parts[i], nil))
			t.Logf("%s: %d bytes", parts[i], body)
			heads, bodies, parts = heads+head, bodies+body, importedBy(text, parts, i)
		}
		t.Logf("%s: %d bytes in %d answers, %d more in their heads", c.path, bodies, 1+len(parts), heads)
		if len(parts) < 5 || bodies > c.bound {
			t.Errorf("%s takes %d bytes in %d answers, want %d at most", c.path, bodies, 1+len(parts), c.bound)
		}
	}
}

// importedBy adds the modules that one of the parts imports.
func importedBy(text string, parts []string, part int) []string {
	bare := func(address string) string { return strings.SplitN(address, "?", 2)[0] }
	for _, found := range moduleImports.FindAllStringSubmatch(text, -1) {
		name := path.Join(path.Dir(bare(parts[part])), found[1])
		if !slices.ContainsFunc(parts, func(other string) bool { return bare(other) == name }) {
			parts = append(parts, name)
		}
	}
	return parts
}

// Pages are compressed, unless somebody else may have chosen what stands on one that holds people's data (BREACH). Answers to programs,
// which carry tokens, are not.
func TestWhatIsCompressed(t *testing.T) {
	w := begin(t)
	for _, c := range []struct {
		path, site string
		who        *handlerstest.Staff
		small      bool
	}{
		{views.PathSignIn, "", nil, true}, {views.PathSignIn, "cross-site", nil, true}, {"/nothing-here", "", nil, true},
		{views.PathCounter, "same-origin", &w.operator, true}, {views.PathCounter, "none", &w.operator, true},
		{views.PathCounter, "cross-site", &w.operator, false}, {views.PathCounter, "same-site", &w.operator, false},
		{views.PathCounter, "", &w.operator, false}, {views.AccountPath("nobody"), "cross-site", &w.operator, false},
		{oauth.PathMetadata, "same-origin", nil, false}, {oauth.PathJWKS, "none", nil, false}, {views.PathPhoneManifest, "none", nil, false},
	} {
		request := w.request(http.MethodGet, c.path, c.who)
		request.Header.Set("Accept", "text/html")
		request.Header.Set("Accept-Encoding", "gzip")
		if c.site != "" {
			request.Header.Set("Sec-Fetch-Site", c.site)
		}
		answer, err := w.HTTP.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if got := answer.Header.Get("Content-Encoding") == "gzip"; got != c.small {
			t.Errorf("%s from %q: compressed is %t", c.path, c.site, got)
		}
		vary := strings.Join(answer.Header.Values("Vary"), ", ")
		if isPage := strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"); isPage != strings.Contains(vary, "Accept-Encoding") ||
			(isPage && c.who != nil) != strings.Contains(vary, "Sec-Fetch-Site") {
			t.Errorf("%s from %q: Vary is %s", c.path, c.site, vary)
		}
	}
}

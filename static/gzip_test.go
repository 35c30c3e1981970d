package static

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

// A text is sent in the smallest coding that the request takes, each with an ETag of its own, and caches are told.
func TestTextsAreCompressed(t *testing.T) {
	for _, test := range []struct{ name, accepts, coding string }{
		{"app.css", "gzip, deflate, br", "gzip"}, {"app.css", "", ""}, {"app.css", "br", ""}, {"app.css", "identity", ""},
		{"app.css", "gzip;q=0", ""}, {"app.css", "GZIP ; Q=0.5", "gzip"}, {"app.css", "*", "gzip"}, {"app.css", "*;q=0", ""},
		{"app.css", "gzip;q=0, *", ""}, {"app.css", "gzip;level=9", ""}, {"favicon.svg", "gzip", "gzip"},
		{"vendor/htmx.min.js", "gzip, br", "br"}, {"vendor/htmx.min.js", "gzip, br;q=0", "gzip"}, {"vendor/htmx.min.js", "", ""},
		{"icons/icon-192.png", "gzip, br", ""},
	} {
		request := httptest.NewRequest("GET", URL(test.name), nil)
		request.Header.Set("Accept-Encoding", test.accepts)
		answer := httptest.NewRecorder()
		Handler(Prefix).ServeHTTP(answer, request)
		header := answer.Header()
		if got := header.Get("Content-Encoding"); got != test.coding {
			t.Errorf("%s for %q is %q, want %q", test.name, test.accepts, got, test.coding)
		}
		if wants := strings.HasSuffix(header.Get("ETag"), "-"+test.coding+`"`); wants != (test.coding != "") {
			t.Errorf("%s for %q has the ETag %s", test.name, test.accepts, header.Get("ETag"))
		}
		if varies := header.Get("Vary") == "Accept-Encoding"; varies != isText(test.name) {
			t.Errorf("%s has Vary %q", test.name, header.Get("Vary"))
		}
		if test.coding == "gzip" {
			content, err := read(test.name)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := gzip.NewReader(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(plain); err != nil || string(text) != string(content) {
				t.Errorf("%s is not itself: %v", test.name, err)
			}
		}
	}
	answer := httptest.NewRecorder()
	Handler(Prefix).ServeHTTP(answer, httptest.NewRequest("GET", "/static/vendor/htmx.min.js.br", nil))
	if answer.Code != 404 {
		t.Errorf("a compressed file is served by itself: %d", answer.Code)
	}
}

// A part of a compressed file is a part of that coding, for whoever has its ETag.
func TestPartOfACompressedFile(t *testing.T) {
	request := httptest.NewRequest("GET", URL("app.css"), nil)
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("Range", "bytes=0-9")
	answer := httptest.NewRecorder()
	Handler(Prefix).ServeHTTP(answer, request)
	if answer.Code != 206 || answer.Body.Len() != 10 || answer.Header().Get("Content-Length") != "10" {
		t.Errorf("%d with %d bytes, Content-Length %s", answer.Code, answer.Body.Len(), answer.Header().Get("Content-Length"))
	}
}

// What is served is what was written, without comments and indentation: no text of several lines is among the scripts, in which
// a line would be more than its words, and every line keeps its place.
func TestNothingIsLostByServing(t *testing.T) {
	comment := regexp.MustCompile(`(?m)^[ \t]*//.*$|(?ms)^[ \t]*/\*.*?\*/[ \t]*$`)
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|//.*$`)
	words := func(text string) string { return strings.Join(strings.Fields(comment.ReplaceAllString(text, "")), " ") }
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || ext != ".js" && ext != ".css" || strings.Contains(name, ".min.") {
			return err
		}
		written, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		content, err := read(name)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(written), "\n") {
			if strings.Count(quoted.ReplaceAllString(line, ""), "`")%2 != 0 {
				t.Errorf("%s:%d: a text of several lines", name, i+1)
			}
		}
		if words(string(written)) != words(string(content)) || strings.Count(string(written), "\n") != strings.Count(string(content), "\n") {
			t.Errorf("%s is served otherwise", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	licence, err := read("vendor/qrcode-generator.js")
	if err != nil || !strings.Contains(string(licence), "Copyright (c) 2009 Kazuhiko Arase") {
		t.Errorf("a library has lost its licence: %v", err)
	}
}

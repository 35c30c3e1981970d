package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"countersign/handlers/web"

	"github.com/labstack/echo/v4"
)

// Only the session that kept something opens it, under the name that it was kept by.
func TestKept(t *testing.T) {
	pages := New(web.New(web.Config{}))
	from := func(session string, cookies ...*http.Cookie) (echo.Context, *httptest.ResponseRecorder) {
		request, recorder := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		request.AddCookie(&http.Cookie{Name: "countersign", Value: session})
		for _, cookie := range cookies {
			request.AddCookie(cookie)
		}
		return echo.New().NewContext(request, recorder), recorder
	}
	c, recorder := from("session")
	if ok, err := pages.Keep(c, "form", "SPECI2014"); err != nil || !ok {
		t.Fatal(ok, err)
	}
	kept := recorder.Result().Cookies()[0]
	if !kept.HttpOnly || kept.SameSite != http.SameSiteLaxMode || strings.Contains(kept.Value, "SPECI") {
		t.Errorf("the cookie is %s", kept)
	}
	open := func(session, name, value string) string {
		var text string
		c, _ := from(session, &http.Cookie{Name: "countersign-" + name, Value: value})
		pages.Kept(c, name, &text)
		return text
	}
	if got := open("session", "form", kept.Value); got != "SPECI2014" {
		t.Errorf("kept %q", got)
	}
	changed := []byte(kept.Value)
	changed[len(changed)/2] ^= 1
	for name, got := range map[string]string{
		"another session": open("other", "form", kept.Value), "no session": open("", "form", kept.Value),
		"another name": open("session", "search", kept.Value), "changed": open("session", "form", string(changed)),
		"nothing": open("session", "form", ""), "not base64": open("session", "form", "%%%"),
	} {
		if got != "" {
			t.Errorf("%s: opened %q", name, got)
		}
	}
	if ok, err := pages.Keep(c, "form", strings.Repeat("x", longestKept)); ok || err != nil {
		t.Errorf("too long: %v %v", ok, err)
	}
}

// A refresh in the background does not eat what the next page is to say.
func TestToldWaitsForAPage(t *testing.T) {
	pages := New(web.New(web.Config{}))
	for header, want := range map[string]Word{"HX-Request": "", "X-Other": Declined} {
		request, recorder := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		request.AddCookie(&http.Cookie{Name: "countersign-told", Value: string(Declined)})
		request.Header.Set(header, "true")
		got := pages.Told(echo.New().NewContext(request, recorder))
		if taken := len(recorder.Result().Cookies()) > 0; got != want || taken != (want != "") {
			t.Errorf("%s: %q, taken away %t", header, got, taken)
		}
	}
}

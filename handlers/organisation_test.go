package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"golang.org/x/text/language"
)

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" style="fill:#07c"/></svg>`

func harbour(c *web.Config) {
	c.Organisation = web.Organisation{
		Name: "City of Harbour", Telephone: "+49 (0)30 1234-0", Privacy: "https://harbour.example/privacy",
		Imprint: "https://harbour.example/imprint", Accessibility: "https://harbour.example/accessibility",
		Logo: &web.Logo{Type: "image/svg+xml", Content: []byte(drawing)},
	}
	c.Scopes = []web.Scope{
		{Name: "profile", Words: "Read your name", Languages: map[language.Tag]string{language.German: "Ihren Namen lesen"}},
		{Name: "accounts:read", Words: "See your accounts"},
	}
}

// The organisation stands on every page, the phone's too, and on both receipts: name, logo, telephone and its own pages.
func TestOrganisationOnPages(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: harbour})
	phone := s.Phone()
	operator := s.Operator("Olga Operator")
	approved := s.ApproveFor(t, operator, s.Account.ID, phone.Ask(nil).UserCode).Binding.DeviceAuthorizationID
	stranger, staff := s.Browser(t), s.BrowserOf(t, operator)
	for _, page := range []*handlerstest.Page{
		stranger.Get(views.PathPhone), stranger.Get("/device"), stranger.Get(views.PathSignIn), stranger.Get("/nothing-here"),
		staff.Get(views.PathCounter), staff.Get(views.ReceiptPath(approved)),
	} {
		for _, want := range []string{
			`<span><bdi>City of Harbour</bdi></span>`, `<img class="logo" src="/organisation/logo?v=`, " – \u2068City of Harbour\u2069</title>",
			`<a href="tel:+493012340"`, `<bdi>+49 (0)30 1234-0</bdi>`, `href="https://harbour.example/privacy"`,
			`href="https://harbour.example/imprint"`, `href="https://harbour.example/accessibility"`, `/static/organisation.css?v=`,
		} {
			if !strings.Contains(page.Source, want) {
				t.Errorf("%s has no %s", page.URL.Path, want)
			}
		}
	}
	receipt := staff.Get(views.ReceiptPath(approved)).Source
	if !strings.Contains(receipt, `<strong><bdi>City of Harbour</bdi></strong>`) {
		t.Error("the receipt does not say who gives it out")
	}
	plain := handlerstest.Start(t, handlerstest.Config{}).Browser(t).Get(views.PathPhone).Source
	if strings.Contains(plain, "organisation.css") || !strings.Contains(plain, "<bdi>Countersign</bdi>") {
		t.Error("a deployment that says nothing looks otherwise than before")
	}
}

// A logo opened by itself runs and loads nothing.
func TestLogo(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: harbour})
	source := s.Browser(t).Get(views.PathPhone).Source
	_, rest, _ := strings.Cut(source, `class="logo" src="`)
	address, _, _ := strings.Cut(rest, `"`)
	for path, cache := range map[string]string{address: "public, max-age=31536000, immutable", web.PathLogo: "no-cache"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Issuer+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer := s.Do(request)
		for name, want := range map[string]string{
			"Content-Type": "image/svg+xml", "X-Content-Type-Options": "nosniff", "Cache-Control": cache,
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if answer.Text != drawing {
			t.Errorf("%s: %s", path, answer.Text)
		}
	}
}

// Words of scopes are those of the reader's language, or those for everybody.
func TestScopeWordsHaveLanguages(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: harbour})
	operator := s.Operator("Olga Operator")
	b := s.BrowserOf(t, operator)
	visit := s.ApproveFor(t, operator, s.Account.ID, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	b.Get(views.ReceiptPath(visit)).Wants(http.StatusOK, "").Says("Read your name")
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {"/nowhere"}})
	b.Get(views.ReceiptPath(visit)).Wants(http.StatusOK, "").Says("Ihren Namen lesen").SaysNot("Read your name")
	page := b.Get(views.PathPhone).Source
	if !strings.Contains(page, "Ihren Namen lesen") || !strings.Contains(page, "See your accounts") {
		t.Error("the phone's page does not say them")
	}
	admin := s.BrowserOf(t, s.SignIn(models.Identity{Subject: "Ada", Name: "Ada", Roles: []models.Role{models.Administrator}}))
	admin.Get(views.PathPolicies).Wants(http.StatusOK, "").Says("City of Harbour", "+49 (0)30 1234-0", "https://harbour.example/imprint")
}

package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// A page is in the reader's language: the one that the browser asks for, until the
// person chooses one on the page.
func TestLanguageOfPages(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	german, _ := http.NewRequest(http.MethodGet, s.Endpoint(views.PathSignIn), nil)
	german.Header.Set("Accept-Language", "de-CH, en;q=0.7")
	german.Header.Set("Accept", "text/html")
	answer := s.Do(german)
	if !strings.Contains(answer.Text, `<html lang="de" dir="ltr">`) || answer.Header.Get("Content-Language") != "de" {
		t.Errorf("a reader of German gets Content-Language %q", answer.Header.Get("Content-Language"))
	}
	if vary := strings.Join(answer.Header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Language") ||
		!strings.Contains(vary, "Cookie") {
		t.Errorf("Vary: %s", vary)
	}
	german.URL.Path = oauth.PathToken // of programs: a person who followed a link is told on a page like any other
	answer = s.Do(german)
	if answer.Status != http.StatusMethodNotAllowed || !strings.Contains(answer.Text, `<html lang="de" dir="ltr">`) ||
		!strings.Contains(answer.Header.Get("Content-Security-Policy"), "img-src 'self'") {
		t.Errorf("a person at an address of programs: %d %v", answer.Status, answer.Header)
	}

	b := s.Browser(t)
	if page := b.Get("/device"); !strings.Contains(page.Source, `<html lang="en"`) {
		t.Error("without a wish, a page is not in English")
	}
	page := b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {"/device?x=1"}})
	if !strings.Contains(page.Source, `<html lang="de"`) || !strings.HasSuffix(b.Visited[len(b.Visited)-1], "/device?x=1") {
		t.Errorf("choosing German leads to %s", b.Visited[len(b.Visited)-1])
	}
	if page := b.Get("/device"); !strings.Contains(page.Source, `<html lang="de"`) {
		t.Error("the choice is not kept")
	}
	// What a stranger put into the address of a public page is not repeated; a page of the
	// staff comes back with its filters.
	if page := b.Get("/device?user_code=BCDF-GHJK"); strings.Contains(page.Source, "BCDF") {
		t.Error("a public page repeats its query")
	}
	staff := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	if page := staff.Get(views.PathReviewEvents + "?type=staff-signed-in"); !strings.Contains(page.Source,
		`name="return_to" value="`+views.PathReviewEvents+`?type=staff-signed-in"`) {
		t.Error("the filters are lost")
	}
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, ""} {
		b.Post(views.PathLanguage, url.Values{"language": {"xx"}, "return_to": {elsewhere}})
		if last := b.Visited[len(b.Visited)-1]; !strings.HasPrefix(last, s.Issuer+"/") {
			t.Errorf("return_to %q leads to %s", elsewhere, last)
		}
	}
}

// docs/languages.md: a language is a file. One of a folder is offered on every page, kept when it is chosen, and turns the page around;
// what it lacks is in English and marked so.
func TestALanguageOfAFolder(t *testing.T) {
	words, err := views.LoadWords(os.DirFS("../views/testdata/words"))
	if err != nil {
		t.Fatal(err)
	}
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Words = words }})
	b := s.Browser(t)
	if page := b.Get("/phone"); !strings.Contains(page.Source, `value="he" lang="he" dir="rtl">עברית<`) {
		t.Error("Hebrew is not offered")
	}
	b.Post(views.PathLanguage, url.Values{"language": {"he"}, "return_to": {"/phone"}})
	page := b.Get("/phone")
	for _, want := range []string{
		`<html lang="he" dir="rtl">`, `<h1>חיבור הטלפון הזה</h1>`, `<span lang="en" dir="ltr">Ask for a code</span>`,
		`value="ar" lang="ar" dir="rtl">العربية<`,
	} {
		if !strings.Contains(page.Source, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if page.Header.Get("Content-Language") != "he" {
		t.Errorf("Content-Language: %s", page.Header.Get("Content-Language"))
	}
	staff := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	staff.Post(views.PathLanguage, url.Values{"language": {"he"}, "return_to": {"/nowhere"}})
	if trail := staff.Get(views.PathReviewEvents); !strings.Contains(trail.Source, "<title>\u2066Audit trail") {
		t.Error("a title of English words is not isolated")
	}
}

// docs/decisions/0040-languages-are-files.md: what a holder reads is whole in Arabic, though staff's pages are not: the phone's page in
// all its states, directions with hours as data, the link of a notice, and the papers of an approval and of a decline.
func TestHoldersReadAllOfItInArabic(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Practice = &web.Practice{} }})
	always, oftener, once := "Mo-Su 00:00-24:00", "Mo-Fr 08:00-08:01; Sa,Su 09:00-12:00; 2026-12-25 off", "2027-01-04 09:00-10:00"
	for i, hours := range []string{always, oftener, "Tu 11:00-12:00", once} {
		counter := models.NewCounter{Name: "123 " + strconv.Itoa(i), Address: "1", Hours: hours, TimeZone: "Europe/Berlin"}
		if _, err := s.Store.AddCounter(t.Context(), counter); err != nil {
			t.Fatal(err)
		}
	}
	operator := s.Operator("Olga Operator")
	approval := s.ApproveFor(t, operator, s.Account.ID, s.Phone().Ask(nil).UserCode)
	approved := approval.Binding.DeviceAuthorizationID
	matched := s.Match(t, operator, s.Phone().Ask(nil).UserCode)
	if err := s.Store.Decline(t.Context(), operator.SessionID, matched.ID, "document_expired"); err != nil {
		t.Fatal(err)
	}
	b := s.BrowserOf(t, operator)
	b.Post(views.PathLanguage, url.Values{"language": {"ar"}, "return_to": {"/device"}})
	paper := func(visit string) string {
		_, after, _ := strings.Cut(b.Get(views.ReceiptPath(visit)).Source, "<article")
		article, _, there := strings.Cut(after, "</article>")
		if !there {
			t.Errorf("no receipt of %s", visit)
		}
		return article
	}
	inUse := paper(approved)
	if err := s.Store.RevokeBinding(t.Context(), s.Supervisor("Sara Supervisor").SessionID, approval.Binding.ID, "device_lost"); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"phone": b.Get(views.PathPhone).Source, "directions": b.Get("/device").Source, "not me": b.Get(views.NotMePath("nothing")).Source,
		"receipt": inUse, "receipt of what ended": paper(approved), "receipt of a decline": paper(matched.ID),
	} {
		for _, mark := range []string{"\u2066", `<span lang="en"`} {
			if _, rest, there := strings.Cut(text, mark); there {
				t.Errorf("%s: in English: %.120s", name, rest)
			}
		}
	}
}

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
)

// Every page that there is, as each kind of reader sees it in German, says nothing in
// English; and so does every answer to an empty form.
func TestEveryPageInGerman(t *testing.T) {
	w := begin(t)
	english := handlerstest.NewEnglish(t)
	for name, who := range map[string]*handlerstest.Staff{
		"nobody": nil, "operator": &w.operator, "supervisor": &w.supervisor, "beginner": &w.beginner, "administrator": &w.administrator,
	} {
		b := w.Browser(t)
		if who != nil {
			b = w.BrowserOf(t, *who)
		}
		b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {"/nowhere"}})
		for _, route := range w.Routes {
			if route.Audience != web.People || route.Path == views.PathLanguage || route.Path == views.PathSignOut {
				continue
			}
			for _, path := range w.addresses(route) {
				if isUnsafe(route) {
					b.Post(path, nil)
				} else {
					b.Get(path)
				}
			}
		}
		pages := 0
		for _, page := range b.Pages {
			if page.Location != "" || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
				continue
			}
			pages++
			if page.Language() != "de" && page.URL.Path != views.CallsPath && page.URL.Path != views.AlertCountPath { // parts of pages
				t.Errorf("%s, %s (%d) is in %q", name, page.URL.Path, page.Status, page.Language())
			}
			for _, text := range english.In(page) {
				t.Errorf("%s, %s (%d) says in English: %q", name, page.URL.Path, page.Status, text)
			}
		}
		if pages < 20 {
			t.Errorf("%s saw only %d pages", name, pages)
		}
	}
}

// The trail and the page of a request, with everything that can have happened to one, are
// in German, too.
func TestTheTrailInGerman(t *testing.T) {
	w := begin(t)
	b := w.BrowserOf(t, w.supervisor)
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {"/nowhere"}})
	b.Get(views.PathReviewEvents).Wants(http.StatusOK, "Protokoll").Says("Gerät freigegeben", "Ausweis geprüft", "04.05.2026, 11:00:00")
	request := b.Open(views.ReviewRequestPath(w.visit)).Wants(http.StatusOK, "Anfrage von").
		Says("Am 4. Mai 2026, 11:00 Uhr von Olga Operator; noch nicht eingelöst")
	request.Form(views.RecallPath(w.visit)).Submit().Says("Wählen Sie einen Grund.")
	request.Form(views.RecallPath(w.visit)).Set("reason", "suspicious").Submit().Says("Die Freigabe ist zurückgenommen.", "Verdächtig")
	b.Post(views.RecallPath(w.visit), url.Values{"reason": {"other"}}).Wants(http.StatusConflict, "")
	b.Get(views.PathReviewEvents + "?type=" + "device-binding-recalled")
	b.Post(views.PathReviewReceipts, url.Values{"receipt": {"9999"}})
	if w.Store.Policy().Registration == models.RegistrationOpen {
		w.Phone()
	}
	b.Get(views.PathReviewEvents)
	english := handlerstest.NewEnglish(t)
	for _, page := range b.Pages {
		for _, text := range english.In(page) {
			t.Errorf("%s (%d) says in English: %q", page.URL, page.Status, text)
		}
	}
}

package notices_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/notices"
	"countersign/views"
)

// docs/decisions/0016-notices.md: the link in the mail opens a page that changes nothing, and its
// button ends what the notice told of, with no sign-in; tokens are dead at once, staff
// learn of it, and again it is only said that it was done.
func TestNotMeFromTheMail(t *testing.T) {
	for _, dialect := range []handlerstest.Dialect{handlerstest.SQLite, handlerstest.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			p := newPost(t, false)
			w := newTown(t, dialect, byMail(p.channel(notices.STARTTLS)))
			phone := w.Phone()
			codes := phone.Ask(map[string]string{"instance_name": "Blue phone"})
			w.Approve(t, codes.UserCode)
			tokens := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
			w.round(t)
			link := linkShape.FindString(p.letters(t)[0].Text)
			browser := w.Browser(t)

			w.Unchanged(t, "GET of the link", func() { // docs/protocol.md §6 get-changes-nothing: scanners open links
				browser.Get(link).Wants(http.StatusOK, "Was it not you?").Says("Blue phone", "it is disconnected at once")
			})
			if phone.Introspect(tokens.String("access_token")).JSON["active"] != true {
				t.Fatal("the token is dead before")
			}
			page := browser.Get(link)
			for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
				if got := page.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
			path := strings.TrimPrefix(link, w.Issuer)
			page.Form(path).Submit().Wants(http.StatusOK, "Thank you. We have your answer of 4 May 2026 at 09:00 UTC").
				Says("cannot use your account")
			for _, token := range []string{"access_token", "refresh_token"} {
				if phone.Introspect(tokens.String(token)).JSON["active"] != false {
					t.Errorf("the %s lives", token)
				}
			}
			if got := phone.WhoAmI(tokens.String("access_token")).Status; got != http.StatusUnauthorized {
				t.Errorf("the API answers %d", got)
			}
			before := w.LastEvent()
			browser.Post(path, nil).Wants(http.StatusOK, "Thank you. We have your answer of 4 May 2026 at 09:00 UTC")
			if got := w.Events(before); len(got) != 0 {
				t.Errorf("again: events %v", got)
			}
			w.BrowserOf(t, w.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).Says("Denied by the account’s holder")
			w.round(t)
			if last := p.letters(t); last[len(last)-1].Subject != "A device was disconnected from your account" {
				t.Errorf("no receipt by mail: %v", subjects(last))
			}
			if token := strings.TrimPrefix(path, views.PathNotMe); strings.Contains(w.Log(), token) || strings.Contains(w.Log(), token[:20]) {
				t.Error("the log has the link")
			}
			if !strings.Contains(w.Log(), "route=/not-me/:token") {
				t.Error("the log does not have the route")
			}
		})
	}
}

// A request that waits is declined: the phone's next poll is access_denied, and nobody can
// approve it.
func TestNotMeDeclinesWhatWaits(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	phone := w.Phone()
	codes := phone.Ask(nil)
	w.round(t)
	link := linkShape.FindString(p.letters(t)[0].Text)
	browser := w.Browser(t)
	browser.Get(link).Says("the request is declined at once").Form(strings.TrimPrefix(link, w.Issuer)).Submit().Says("We have your answer of")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "access_denied")
	got := w.Events(0)
	if got[len(got)-1] != audit.DeviceRepudiated {
		t.Errorf("events %v", got)
	}
}

// A link that is forged, cut or over says so, and nothing else.
func TestNotMeLinksThatAreNot(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	w.Phone().Ask(nil)
	w.round(t)
	path := strings.TrimPrefix(linkShape.FindString(p.letters(t)[0].Text), w.Issuer)
	browser := w.Browser(t)
	_, mac, _ := strings.Cut(path, ".")
	for _, file := range []string{w.File, w.File + "-wal"} { // who reads the database cannot use the link
		if content, err := os.ReadFile(file); err != nil || strings.Contains(string(content), mac) {
			t.Errorf("%s has the link: %v", file, err)
		}
	}
	for _, wrong := range []string{path[:len(path)-1], path + "A", views.PathNotMe + "x", views.PathNotMe + strings.Repeat("A", 5000)} {
		w.Unchanged(t, wrong, func() {
			browser.Get(wrong).Wants(http.StatusNotFound, "This link does not work any more")
			browser.Post(wrong, nil).Wants(http.StatusNotFound, "This link does not work any more")
		})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Issuer+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://evil.example")
	w.Unchanged(t, "from another site", func() {
		if got := w.Do(request).Status; got != http.StatusForbidden {
			t.Errorf("another site's form: %d", got)
		}
	})
}

// Whoever has the visit's page open when the person ends it reads what it was, and that
// whoever stands there may be somebody else.
func TestVisitThatThePersonEnds(t *testing.T) {
	p := newPost(t, false)
	w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
	codes := w.Phone().Ask(nil)
	w.round(t)
	link := linkShape.FindString(p.letters(t)[0].Text)
	operator := w.Operator("Olga Operator")
	visit := w.Match(t, operator, codes.UserCode).ID
	path := strings.TrimPrefix(link, w.Issuer)
	w.Browser(t).Get(link).Form(path).Submit().Wants(http.StatusOK, "")
	b := w.BrowserOf(t, operator)
	b.Get(views.ProofPath(visit)).Wants(http.StatusConflict, "The account’s holder said that it was not them").SaysNot("another operator")
	b.Post(views.DeclinePath(visit), map[string][]string{"reason": {"other"}}).
		Wants(http.StatusConflict, "The account’s holder said that it was not them")
}

// What has ended already is not said to be ended by the button, which tells staff alone.
func TestNotMeOfWhatHasEnded(t *testing.T) {
	for name, end := range map[string]func(*town, *handlerstest.Phone, handlerstest.Codes){
		"expired": func(w *town, _ *handlerstest.Phone, _ handlerstest.Codes) { w.Clock.Advance(8 * 24 * time.Hour) },
		"revoked": func(w *town, phone *handlerstest.Phone, codes handlerstest.Codes) {
			approval := w.Approve(t, codes.UserCode)
			phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
			if err := w.Store.RevokeBinding(t.Context(), w.Supervisor("Sara Supervisor").SessionID, approval.Binding.ID, "device_lost"); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, false)
			w := newTown(t, handlerstest.SQLite, byMail(p.channel(notices.STARTTLS)))
			phone := w.Phone()
			codes := phone.Ask(nil)
			w.round(t)
			link := linkShape.FindString(p.letters(t)[0].Text)
			end(w, phone, codes)
			page := w.Browser(t).Get(link).Says("This has ended already", "our staff is told, and nothing else happens",
				"It was not me: tell the staff").
				SaysNot("at once", "A device is connected", "A device asks", "It was not me: end it")
			page.Form(strings.TrimPrefix(link, w.Issuer)).Submit().Says("We have your answer of")
			if got := w.Events(0); got[len(got)-1] != audit.DeviceRepudiated {
				t.Errorf("events %v", got)
			}
		})
	}
}

package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/guide"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/views"
)

// The page to practise from is there where accounts are invented, with each card, in each
// language; and nowhere else.
func TestPracticePage(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Demonstration: true})
	b := s.Browser(t)
	page := b.Get(views.PathPractice).Wants(http.StatusOK, "Practise a visit")
	for _, card := range guide.Cards(s.Clock.Now()) {
		if !strings.Contains(page.Source, strings.ReplaceAll(card.Zone(), "<", "&lt;")) {
			t.Errorf("the card of %s is not there", card.Person)
		}
	}
	german := b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathPractice}})
	german.Wants(http.StatusOK, "Einen Vorgang üben")
	for _, text := range handlerstest.NewEnglish(t).In(german) {
		t.Errorf("says in English: %q", text)
	}
	handlerstest.Start(t, handlerstest.Config{}).Browser(t).Get(views.PathPractice).Wants(http.StatusNotFound, "")
}

// On a server for practice every page and every receipt says so, one person alone gets through
// a whole visit, and the notices that went to nobody stand on the page.
func TestPracticeMarksPagesAndReceipts(t *testing.T) {
	told := []views.PracticeNotice{{Contact: "anna@example.org", Subject: "PRACTICE: A device asks", Text: "PRACTICE: nobody is real"}}
	s := handlerstest.Start(t, handlerstest.Config{Practice: &web.Practice{Notices: func() []views.PracticeNotice { return told }}})
	phone, operator := s.Phone(), s.Operator("Olga Operator")
	approval := s.ApproveFor(t, operator, s.Account.ID, phone.Ask(nil).UserCode)
	b := s.BrowserOf(t, operator)
	for _, path := range []string{views.PathCounter, views.PathHelp, views.PathSignIn, views.PathPhone, views.PathPractice, "/device"} {
		if page := b.Get(path); !strings.Contains(page.Source, "<strong>Practice.</strong>") {
			t.Errorf("%s does not say that it is practice", path)
		}
	}
	b.Get(views.PathPractice).Says("PRACTICE: A device asks", "anna@example.org")
	b.Get(views.ReceiptPath(approval.Binding.DeviceAuthorizationID)).Says("PRACTICE", "This receipt proves nothing")
}

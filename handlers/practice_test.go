package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/guide"
	"countersign/handlers/handlerstest"
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

package counter_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// The second person judges whether a name is the same person's: so they see it as the document
// gives it, beside the record and with the reason. So does a supervisor afterwards. It is in one
// table of the database and in no other, in no log and in no address; other operators never see it.
func TestNameOnTheDocumentIsShownToWhoJudges(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	form := func(page *handlerstest.Page) *handlerstest.Form {
		return fill(page.Form(views.ProofPath(visit))).Set("name_matches", "differs").Set("name_reason", "changed name")
	}
	again := form(proof).Submit().Wants(http.StatusOK, "Check the ID document").Says("Write the name as the document gives it")
	decide := form(again).Set("document_name", "Quirina Zebulon").Submit().Wants(http.StatusOK, "Check everything")
	judged := []string{"Anna Example", "Quirina Zebulon", "It differs from the record: The name changed, and the person can show it"}
	decide.Says(judged...).Form(views.AskSecondApprovalPath(visit)).Submit()

	second, other := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Operator("Omar Operator"))
	address := openQuestion(t, second).URL.Path
	second.Get(address).Says(judged...)
	for _, path := range []string{address, views.DecidePath(visit), views.ProofPath(visit), views.SecondApprovalListPath} {
		if page := other.Get(path); strings.Contains(page.Source, "Quirina") {
			t.Errorf("another operator reads it at %s", path)
		}
	}
	second.Get(address).Form(address + "/agree").Submit()
	b.Get(views.DecidePath(visit)).Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved").SaysNot("Quirina")
	second.Post(views.OpenRequestPath(visit), nil)
	second.Get(views.ReviewRequestPath(visit)).Says("Quirina Zebulon", "Name on the document")

	for where, text := range map[string]string{"the log": s.Log(), "an address": strings.Join(append(b.Visited, second.Visited...), " ")} {
		if strings.Contains(text, "Quirina") {
			t.Errorf("%s holds it", where)
		}
	}
	var tables []string
	if err := s.Store.Reader().Raw("SELECT name FROM sqlite_master WHERE type = 'table'").Scan(&tables).Error; err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var rows []map[string]any
		if err := s.Store.Reader().Table(table).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if holds := strings.Contains(fmt.Sprint(rows), "Quirina"); holds != (table == "document_differences") {
			t.Errorf("the table %s holds it: %v", table, holds)
		}
	}
}

// A scan that was typed over starts with the name that it gave, and what it found to differ stays in sight.
func TestScannedNameIsKeptForWhoJudges(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	filled := scanInto(page, visit, others())
	typed := b.Post(views.ProofPath(visit), confirm(filled, visit).Forged("drop", "yes"))
	if name := typed.Form(views.ProofPath(visit)).Value("document_name"); name != "EXEMPEL, ANNA" {
		t.Errorf("the form starts with %q", name)
	}
	fill(typed.Form(views.ProofPath(visit))).Submit().Wants(http.StatusOK, "Check everything").
		Says("An earlier scan or check for this account differed", "Name on the document EXEMPEL, ANNA")
	b.Get(views.DecidePath(visit)).Form(views.AskSecondApprovalPath(visit)).Submit()
	openQuestion(t, s.BrowserOf(t, s.Supervisor("Sara Supervisor"))).Says("Name on the document EXEMPEL, ANNA")
}

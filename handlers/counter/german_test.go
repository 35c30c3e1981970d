package counter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// german opens German for a browser, as a person does on any page.
func german(b *handlerstest.Browser) *handlerstest.Browser {
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathSignIn}})
	return b
}

// wantGerman demands that no page which the browser got says anything in English.
func wantGerman(t *testing.T, b *handlerstest.Browser, least int) {
	t.Helper()
	english, pages := handlerstest.NewEnglish(t), 0
	for _, page := range b.Pages {
		if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") || page.Location != "" {
			continue
		}
		pages++
		if page.Language() != "de" {
			t.Errorf("%s (%d) is in %q", page.URL.Path, page.Status, page.Language())
		}
		for _, text := range english.In(page) {
			t.Errorf("%s (%d) says in English: %q", page.URL.Path, page.Status, text)
		}
	}
	if pages < least {
		t.Errorf("only %d pages were read", pages)
	}
}

// docs/decisions/0021-words.md: a whole visit in German, with every mistake on the way, says nothing in
// English, and tells times in the counter's zone as a reader of German expects them.
func TestWholeVisitInGerman(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	phone := s.Phone()
	codes, other := phone.Ask(map[string]string{"scope": "accounts:read", "instance_name": "Anna's phone"}), phone.Ask(nil)

	b := german(s.Browser(t))
	provider.Next(handlerstest.Person{Name: "Olga Operator", Roles: []string{"operator"}})
	open := b.Get(views.PathCounter).Wants(http.StatusOK, "Anmeldung des Personals").Form(views.PathSignIn).Submit()
	open.Form(views.PathOpenCounter).Submit().Says("Wählen Sie den Schalter, an dem Sie sind.")
	search := open.Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit().Wants(http.StatusOK, "Konto der Person suchen")
	for _, typed := range []string{"", "ab", "BBBB-BBBB", "nobody@example.org", "P<UTOERIKSSON<<ANNA<MARIA"} {
		search.Form(views.PathSearch).Set("identifier", typed).Submit()
	}
	account := search.Form(views.PathSearch).Set("identifier", "anna@example.org").Submit()
	account.Says("2 Anfragen warten für dieses Konto", "vor weniger als einer Minute", "11. Mai 2026, 11:00 Uhr", "29. Februar 1984")
	account.Form(views.MatchPath(s.Account.ID)).Submit()
	account.Form(views.MatchPath(s.Account.ID)).Set("user_code", "BBBB-BBBB").Submit().
		Says("Nicht der Code für dieses Konto. Noch 5 Versuche.")
	for _, link := range account.Links() {
		if strings.HasSuffix(link, "/decline") {
			b.Get(link).Wants(http.StatusOK, "Diese Anfrage ablehnen?")
		}
	}

	proof := account.Form(views.MatchPath(s.Account.ID)).Set("user_code", codes.UserCode).Submit()
	visit := strings.Split(proof.URL.Path, "/")[3]
	proof.Wants(http.StatusOK, "Ausweis prüfen").Says("Für Sie reserviert bis 11:15")
	proof.Form(views.ProofPath(visit)).Submit()
	elsewhere := german(s.BrowserOf(t, s.Operator("Otto Other"))) // for whom the request is taken
	elsewhere.Get(views.ProofPath(visit)).Wants(http.StatusConflict, "In Bearbeitung bei Olga Operator (Market Square)")
	elsewhere.Open(views.AccountPath(s.Account.ID)).Says("In Bearbeitung bei Olga Operator (Market Square) bis 11:15")
	wantGerman(t, elsewhere, 2)
	decide := fill(proof.Form(views.ProofPath(visit))).Submit().Wants(http.StatusOK, "Alles prüfen, dann entscheiden")
	decide.Says("vor weniger als einer Minute, am 4. Mai 2026, 11:00 Uhr")
	decide.Form(views.DeclinePath(visit)).Submit().Says("Wählen Sie einen Grund.")
	receipt := decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Gerät freigegeben")
	receipt.Says("4. Mai 2026, 11:00 Uhr", "11. Mai 2026, 11:00 Uhr", "Beleg 0000-00")
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusConflict, "Schon entschieden von Olga Operator um 11:00 Uhr")
	b.Open(views.AccountPath(s.Account.ID)).Says("Freigegeben am 4. Mai 2026, 11:00 Uhr von Olga Operator.")

	again := account.Form(views.MatchPath(s.Account.ID)).Set("user_code", other.UserCode).Submit()
	second := strings.Split(again.URL.Path, "/")[3]
	fill(again.Form(views.ProofPath(second))).Set("name_matches", "differs").Submit()
	again.Form(views.ReleasePath(second)).Submit().Says("In die Warteschlange zurückgegeben.")
	s.Clock.Advance(8 * 24 * time.Hour)
	b.Get(views.ReceiptPath(visit))
	b.Open(views.AccountPath("nobody"))
	b.Get(views.DecidePath("nothing"))
	b.Get("/nowhere")
	b.Get(views.PathReviewEvents)
	b.Get(views.PathScanner)
	b.Get("/device").Says("innerhalb von 7 Tagen")
	wantGerman(t, b, 25)
}

// docs/decisions/0021-words.md: what is to mend in the form of the ID document is said in the
// reader's language, also when they choose it only then; the form is as it was. A reload says
// it no more.
func TestMistakesOfTheDocumentInTheReadersLanguage(t *testing.T) {
	_, b, page, visit := atDocument(t, handlerstest.Config{})
	path := views.ProofPath(visit)
	choose := func(language string) *handlerstest.Page {
		return b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {path}}).Wants(http.StatusOK, "")
	}
	for name, c := range map[string]struct {
		field, typed    string
		english, german string
	}{
		"a date": {"document_expiry", "2025-05-31", "Expired on 31 May 2025.", "Abgelaufen am 31. Mai 2025."},
		"a letter": {"document_issuer", "NLDX", "Enter the issuing country by its code of 1 to 3 letters.",
			"Geben Sie das ausstellende Land mit seinem Kürzel"},
		"a scan": {"scan", strings.Replace(annas(), "840229", "840228", 1), "Check digit wrong in line 2 (date of birth).",
			"in Zeile 2 (Geburtsdatum)"},
	} {
		choose("en")
		fill(page.Form(path)).Set("document_number", "SPECI7").Set(c.field, c.typed).Submit().Says(c.english)
		german := choose("de").Says(c.german).SaysNot(c.english)
		if number := german.Form(path).Value("document_number"); number != "SPECI7" {
			t.Errorf("%s: the number is %q afterwards", name, number)
		}
		again := b.Get(path)
		if errors := again.Errors(); len(errors) > 0 {
			t.Errorf("%s: a reload says again: %q", name, errors)
		}
		if number := again.Form(path).Value("document_number"); number != "SPECI7" {
			t.Errorf("%s: the number is %q after a reload", name, number)
		}
	}
}

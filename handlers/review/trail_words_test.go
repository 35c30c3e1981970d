package review_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/views"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// sameInGerman are the words that both languages write alike, on purpose.
var sameInGerman = []string{"Countersign", "Client", "Code", "DPoP", "Refresh", "Export", "JSON", "CSV", "PDF"}

// The trail is told whole in the reader's language: every event of the catalogue, with every
// word that its facts may hold, and no English word is left on the German page.
func TestTheTrailIsToldInGerman(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	supervisor := s.Supervisor("Sara Supervisor")
	events := everyEvent(s)
	appendEvents(t, s, events)
	b := s.BrowserOf(t, supervisor)
	english := trail(t, b, len(events))
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathReviewEvents}})
	german := trail(t, b, len(events))
	for i, row := range german {
		words := wordsOf(row)
		for _, word := range wordsOf(english[i]) {
			if slices.Contains(words, word) && !slices.Contains(sameInGerman, word) {
				t.Errorf("%q is in both\n%s\n%s", word, english[i], row)
			}
		}
	}
}

// What used to stand on German pages in English.
func TestWordsThatWereNotTranslated(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	supervisor := s.Supervisor("Sara Supervisor")
	b := s.BrowserOf(t, supervisor)
	key := func(purpose term.ServerKey, by term.System) audit.Event {
		return audit.Event{Type: audit.SigningKeyCreated, Facts: audit.Facts{Actor: &audit.Actor{System: string(by)}, Key: "kid",
			Reason: string(purpose)}}
	}
	appendEvents(t, s, []audit.Event{
		key(term.KeyDPoPNonce, term.SystemKeyRotation), key(term.KeyUserCode, term.SystemStart),
		key(term.KeyDocumentNumber, term.SystemStart), key(term.KeyAccessToken, term.SystemStart),
		{Type: audit.DeviceBindingRedeemed, Subject: s.Account.ID, Facts: audit.Facts{
			Actor: &audit.Actor{Client: "client_1"}, Client: "client_1", DeviceAuthorization: "da_1", Binding: "binding_1",
			Reason: string(term.RedemptionAnswerLost)}},
	})
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathReviewEvents}})
	page := b.Get(views.PathReviewEvents).Wants(http.StatusOK, "Protokoll")
	page.Says("für DPoP-Nonces", "für Codes", "für Dokumentnummern", "für Zugriffstoken", "Schlüsselwechsel",
		"die erste Antwort ging verloren")
	for _, word := range []string{"dpop-nonce", "user-code", "document-number", "access-token", "key rotation", "answer lost"} {
		if strings.Contains(rows(page), word) {
			t.Errorf("the German page says %q", word)
		}
	}
}

// An event from before sessions' ends named whose they were is told by the session's row.
func TestWhoWasSignedOutIsSaid(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	operator := s.Operator("Otto Operator")
	appendEvents(t, s, []audit.Event{{Type: audit.StaffSignedOut, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(term.SystemProvider)}, Session: operator.SessionID, Reason: string(term.SessionEndedAtProvider),
	}}})
	s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).
		Wants(http.StatusOK, "Audit trail").Says("Otto Operator", "signed out at the provider")
}

// everyEvent is, of every type, one event for each word that one of its facts may hold.
func everyEvent(s *handlerstest.Server) []audit.Event {
	var events []audit.Event
	for _, d := range audit.Catalogue() {
		plain := eventOf(s, d)
		events = append(events, plain)
		for fact, words := range d.Words {
			for _, word := range words {
				event := plain
				setFact(&event.Facts, fact, word.Value)
				events = append(events, event)
			}
		}
		for _, system := range d.Systems {
			event := plain
			event.Facts.Actor = &audit.Actor{System: string(system)}
			events = append(events, event)
		}
	}
	return events
}

// eventOf is an event with the facts that its type requires.
func eventOf(s *handlerstest.Server, d audit.Definition) audit.Event {
	event := audit.Event{Type: d.Type}
	if d.NeedsSubject {
		event.Subject = s.Account.ID
	}
	for _, fact := range d.Required {
		value := "x_1" // no word
		if words := d.Words[fact]; len(words) > 0 {
			value = words[0].Value
		}
		setFact(&event.Facts, fact, value)
	}
	event.Facts.Actor = map[string]*audit.Actor{
		audit.ActorStaff: {Staff: "staff_1"}, audit.ActorClient: {Client: "client_1"},
		audit.ActorSystem: {System: string(append(d.Systems, term.SystemStart)[0])},
	}[d.Actors[0]]
	return event
}

// setFact states a fact by its name in the catalogue.
func setFact(facts *audit.Facts, fact, value string) {
	texts := map[string]*string{
		"session": &facts.Session, "counter": &facts.Counter, "device_authorization": &facts.DeviceAuthorization,
		"binding": &facts.Binding, "proofing": &facts.Proofing, "event": &facts.Event, "publisher": &facts.Publisher,
		"resource_server": &facts.ResourceServer, "resource": &facts.Resource, "registration_token": &facts.RegistrationToken,
		"staff": &facts.Staff, "reason": &facts.Reason, "presence": &facts.Presence, "entered": &facts.Entered,
		"document_read": &facts.DocumentRead, "query_kind": &facts.QueryKind, "key": &facts.Key,
	}
	switch fact {
	case "device":
		facts.Client, facts.KeyThumbprint = "client_1", strings.Repeat("k", 43)
	case "note_hash":
		facts.NoteHash = strings.Repeat("n", 43)
	case "pending_until":
		facts.PendingUntil = new(int64(1778421731))
	case "redeem_until":
		facts.RedeemUntil = new(int64(1778421731))
	case "count":
		facts.Count = new(3)
	case "usual":
		facts.Usual = new(2)
	case "tries_left":
		facts.TriesLeft = new(4)
	case "before":
		facts.Before = new(int64(1778421731))
	case "roles":
		facts.Roles = []string{value}
	default:
		if text := texts[fact]; text != nil {
			*text = value
		}
	}
}

// appendEvents writes into the server's own trail, with a key that pages do not ask for.
func appendEvents(t *testing.T, s *handlerstest.Server, events []audit.Event) {
	t.Helper()
	db, err := gorm.Open(sqlite.Open("file:" + s.File + "?_txlock=immediate&_busy_timeout=5000"))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	log := audit.Log{Issuer: s.Issuer, Rand: rand.Reader, Signer: jose.JSONWebKey{Key: key, KeyID: "test"}}
	err = db.Transaction(func(tx *gorm.DB) error {
		for _, event := range events {
			if _, err := log.Append(tx, s.Clock.Now(), event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	row  = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	tag  = regexp.MustCompile(`<[^>]*>`)
	word = regexp.MustCompile(`\pL{2,}`)
)

// trail reads the newest rows of the trail, page by page.
func trail(t *testing.T, b *handlerstest.Browser, count int) []string {
	t.Helper()
	var list []string
	page := b.Get(views.PathReviewEvents)
	for {
		for _, found := range row.FindAllStringSubmatch(rows(page), -1) {
			list = append(list, strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(found[1], " "))), " "))
		}
		if len(list) >= count {
			return list[:count]
		}
		page = b.Get(older(t, page))
	}
}

// wordsOf are the words of a row, without the names of people, places and months.
func wordsOf(text string) []string {
	for _, name := range []string{"Anna Example", "Market Square", "Pocket Bank", "Sara Supervisor", "May", "Mai"} {
		text = strings.ReplaceAll(text, name, " ")
	}
	return word.FindAllString(text, -1)
}

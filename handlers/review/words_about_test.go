package review

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
)

// said is what a row of the trail says of a fact, with the names that everyName has.
var said = map[string]string{
	"counter": "Market Square", "device": "Pocket Bank", "staff": "Otto Operator", "second_staff": "Sara Supervisor",
	"counters": "Market Square, Side Street", "publisher": "Example Apps", "software": "Pocket Wallet", "resource_server": "Letters",
	"resource": "resource-1", "registration_token": "for the fair", "event": "Entry 41", "key": "key-1", "filter": "Code matched",
	"scope": "scope-1", "count": "3", "usual": "usual are 3", "tries_left": "3 tries left",
	"before": "10 May 2026 14:02:11 UTC", "roles": "operator",
}

// elsewhere are facts that no row says, and where they are told instead.
var elsewhere = map[string]string{
	"session":              "the row says whose it is",
	"device_authorization": "the row leads to the request",
	"binding":              "the row names the device, and leads to the request",
	"proofing":             "the request's page",
	"pending_until":        "the request's page",
	"redeem_until":         "the request's page",
	"requested_at":         "the request's page",
	"requested_from":       "the request's page",
	"registered_at":        "the request's page",
	"address":              "names nobody",
	"note_hash":            "the row has the note itself",
	"details":              "hashes of what TestChangesAreToldFromWhatToWhat tells",
}

// elsewhereOf are facts of some types that their rows do not say.
var elsewhereOf = map[audit.Type][]string{
	audit.DeviceAuthorizationRequested: {"scope", "resource"}, // the request's page
	audit.CodeMatched:                  {"scope", "resource"},
	audit.DeviceBindingApproved:        {"scope", "resource"},
	audit.DeviceAuthorizationDeclined:  {"scope", "resource"},
	audit.DeviceBindingRedeemed:        {"scope"},
	audit.IdentityProofed:              {"presence"},   // that the match rested on
	audit.PublisherAdded:               {"key"},        // of which no event was ever written
	audit.PublisherChanged:             {"count"},      // of keys, in events that name no app
	audit.OpenedRecordsUnusual:         {"query_kind"}, // "accounts listed" instead of "records"
	audit.StaffLimited:                 {"count"},      // the counters are named
	audit.AlertTaken:                   {"device_authorization"},
}

// A row of the trail leaves open neither who, nor which, nor what: it names each thing that its event names, or the fact is told
// elsewhere on purpose. A new fact, or a new type that takes one, is to be told.
func TestEveryRowSaysWhatItsEventNames(t *testing.T) {
	for _, definition := range audit.Catalogue() {
		row := everyName(definition)
		told := eventRow(context.Background(), row, time.UTC, map[string]bool{"account-1": true})
		text := strings.Join([]string{told.Title, told.Reason, told.Who, told.Account, told.Client, told.Counter}, " | ")
		text = marks.Replace(text)
		for _, fact := range slices.Concat(definition.Required, definition.Optional) {
			if elsewhere[fact] != "" || slices.Contains(elsewhereOf[definition.Type], fact) {
				continue
			}
			want := said[fact]
			if words := definition.Words[fact]; len(words) > 0 && fact != "roles" {
				want = words[0].Label
			}
			if fact == "query_kind" && definition.Type == audit.AccountOpened {
				want = "by a search for its whole identifier"
			}
			if fact == "actor" {
				want = actorName(row.Event.Facts.Actor)
			}
			if want == "" || !strings.Contains(text, want) {
				t.Errorf("%s: %q does not say %s: %q", definition.Type, text, fact, want)
			}
		}
		if definition.NeedsSubject && !strings.Contains(text, "Anna Example") {
			t.Errorf("%s: %q does not name the account", definition.Type, text)
		}
	}
}

func actorName(actor *audit.Actor) string {
	switch {
	case actor.Staff != "":
		return "Aldo Actor"
	case actor.Client != "":
		return "The device"
	}
	return "Countersign ("
}

// everyName is an event with all facts that its type takes, and a name for each thing that they name.
func everyName(definition audit.Definition) models.TrailRow {
	row := models.TrailRow{
		Event: audit.Event{Type: definition.Type, Subject: "account-1", Facts: everyFact(definition)},
		Entry: audit.Entry{AccountID: "account-1"}, AccountName: "Anna Example", ClientName: "Pocket Bank", CounterName: "Market Square",
		About: models.TrailAbout{
			Staff: "Otto Operator", SecondStaff: "Sara Supervisor", Counters: []string{"Market Square", "Side Street"},
			Publisher: "Example Apps", Software: "Pocket Wallet", ResourceServer: "Letters", RegistrationToken: "for the fair",
			Device: "Pocket Bank", EntryType: audit.SuspicionReported,
		},
	}
	row.Event.Facts.Actor = map[string]*audit.Actor{
		audit.ActorStaff: {Staff: "staff-1"}, audit.ActorClient: {Client: "client-1"}, audit.ActorSystem: {System: "start"},
	}[definition.Actors[0]]
	if row.Event.Facts.Actor.Staff != "" {
		row.StaffName = "Aldo Actor"
	}
	if row.Event.Facts.Event != "" {
		row.About.Entry = 41
	}
	return row
}

// everyFact fills the facts that a type takes: a word where it has a closed set.
func everyFact(definition audit.Definition) (facts audit.Facts) {
	value := reflect.ValueOf(&facts).Elem()
	for i := range value.NumField() {
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if !slices.Contains(slices.Concat(definition.Required, definition.Optional), name) {
			continue
		}
		text := name + "-1"
		if words := definition.Words[name]; len(words) > 0 {
			text = words[0].Value
		}
		switch field := value.Field(i).Addr().Interface().(type) {
		case *string:
			*field = text
		case *[]string:
			*field = []string{map[bool]string{true: "type=code-matched", false: text}[name == "filter"]}
		case **int:
			*field = new(3)
		case **int64:
			*field = new(int64(1778421731))
		}
	}
	return facts
}

// Events of earlier releases say less. What is not known is not made up.
func TestOldEventsSayWhatTheyKnow(t *testing.T) {
	for _, test := range []struct {
		name  string
		event audit.Event
		about models.TrailAbout
		want  string
	}{
		{"a session whose row is there", audit.Event{Type: audit.StaffSignedOut, Facts: audit.Facts{Session: "s"}},
			models.TrailAbout{Staff: "Otto Operator"}, "Otto Operator"},
		{"a session that is gone", audit.Event{Type: audit.StaffSignedOut, Facts: audit.Facts{Session: "s", Reason: "no role"}},
			models.TrailAbout{}, "whose session it was is no longer known: no role"},
		{"an app whose row is gone", audit.Event{Type: audit.PublisherAdded, Facts: audit.Facts{Publisher: "p1", Software: "example.app"}},
			models.TrailAbout{}, "p1, the app example.app: no scopes"},
		{"an alert that cannot be found", audit.Event{Type: audit.AlertTaken, Facts: audit.Facts{Event: "e", Reason: "suspicion-reported"}},
			models.TrailAbout{}, "Suspicion reported"},
		{"a limit that was lifted", audit.Event{Type: audit.StaffLimited, Facts: audit.Facts{Staff: "s", Count: new(0)}},
			models.TrailAbout{Staff: "Otto Operator"}, "Otto Operator: Any counter"},
		{"a client without a publisher", audit.Event{Type: audit.ClientRegistered}, models.TrailAbout{}, ""},
	} {
		row := models.TrailRow{Event: test.event, About: test.about}
		if got := marks.Replace(details(context.Background(), row, time.UTC, true)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// What administrators change is told from what to what; what may name people, where the account's record is open.
func TestChangesAreToldFromWhatToWhat(t *testing.T) {
	counter := models.TrailRow{Event: audit.Event{Type: audit.CounterChanged, Facts: audit.Facts{Reason: "name time zone"}},
		Details: []audit.DetailRow{{Field: audit.DetailName, Before: "Market", After: "Market Square"},
			{Field: audit.DetailTimeZone, Before: "UTC", After: "Europe/Berlin"}}}
	account := models.TrailRow{Event: audit.Event{Type: audit.AccountChanged, Facts: audit.Facts{Reason: "contact"}},
		Details: []audit.DetailRow{{Field: audit.DetailContact, AccountID: "a", After: "anna@example.org"},
			{Field: audit.DetailAddress, After: "::1"}}}
	for _, test := range []struct {
		name string
		row  models.TrailRow
		open bool
		want string
	}{
		{"a counter", counter, false, "Name from Market to Market Square, Time zone from UTC to Europe/Berlin"},
		{"an account whose record is closed", account, false, "contact"},
		{"an account whose record is open", account, true, "contact, Contact from – to anna@example.org"},
	} {
		if got := marks.Replace(details(context.Background(), test.row, time.UTC, test.open)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

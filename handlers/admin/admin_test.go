package admin_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// keySet is the JWK Set that a publisher would send.
func keySet(keys ...handlerstest.Object) string {
	var list []string
	for _, key := range keys {
		list = append(list, handlerstest.JSON(key))
	}
	return `{"keys":[` + strings.Join(list, ",") + `]}`
}

// An administrator adds a publisher with its keys and an app, and every change is an
// event with them as its actor.
func TestPublishers(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	ada := s.Administrator("Ada Administrator")
	b := s.BrowserOf(t, ada)
	page := b.Get(views.PathPublishers).Wants(http.StatusOK, "Publishers and registration").
		Says("No publisher is registered.", "Any app may register here")
	before := s.LastEvent()
	key := handlerstest.NewKey()
	page = page.Form(views.PathPublishers).Set("publisher", "Example Bank").Set("jwks", keySet(handlerstest.PublicJWK(key))).Submit().
		Wants(http.StatusOK, "Publishers").Says("The publisher is saved.", "Example Bank", "1 key")
	page = page.Form(views.PathSoftware).Set("app_publisher", "Example Bank").Set("software_id", "example.pocketbank").
		Set("name", "Pocket Bank").Set("scope", "profile").Submit().Wants(http.StatusOK, "Publishers").
		Says("The app is added.", "Pocket Bank", "example.pocketbank", "profile")
	page.Form(views.PathPublishers).Set("publisher", "Example Bank").
		Set("jwks", keySet(handlerstest.PublicJWK(key), handlerstest.PublicJWK(handlerstest.NewKey()))).Submit().Says("2 keys")
	want := []audit.Type{audit.PublisherAdded, audit.PublisherChanged, audit.PublisherAdded, audit.PublisherChanged}
	if got := s.Events(before); !slices.Equal(got, want) {
		t.Errorf("events are %v, want %v", got, want)
	}
	rows, err := s.Store.Trail(t.Context(), audit.Filter{Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if actor := row.Event.Facts.Actor; actor == nil || actor.Staff != ada.StaffID || row.Event.Facts.Session != ada.SessionID {
			t.Errorf("%s was done by %+v", row.Event.Type, actor)
		}
	}
	registered := s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{
		"software_statement": s.Statement(key, handlerstest.Object{"iss": "Example Bank"}),
	})).Succeeded(t, http.StatusCreated)
	if registered.String("scope") != "profile" {
		t.Errorf("registered with %q", registered.String("scope"))
	}
}

// What is wrong is said beside its field, what was typed is kept, and nothing changes.
func TestPublisherFormsAreChecked(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	private := handlerstest.PublicJWK(handlerstest.NewKey())
	private["d"] = "AAAA"
	form := func(action string, fields map[string]string) *handlerstest.Page {
		f := b.Get(views.PathPublishers).Form(action)
		for name, value := range fields {
			f.Set(name, value)
		}
		return f.Submit()
	}
	good := keySet(handlerstest.PublicJWK(handlerstest.NewKey()))
	for name, c := range map[string]struct {
		action string
		fields map[string]string
		says   string
	}{
		"no name": {views.PathPublishers, map[string]string{"publisher": "", "jwks": good}, "The publisher’s name must have"},
		"a hostile name": {views.PathPublishers, map[string]string{"publisher": "Bank\u202eelpmaxE", "jwks": good},
			"The publisher’s name must have"},
		"no keys": {views.PathPublishers, map[string]string{"publisher": "Example Bank", "jwks": ""}, "These keys cannot be used"},
		"a private key": {views.PathPublishers, map[string]string{"publisher": "Example Bank", "jwks": keySet(private)},
			"These keys cannot be used"},
		"a page": {views.PathPublishers, map[string]string{"publisher": "Example Bank", "jwks": "<html>"},
			"These keys cannot be used"},
		"no software_id": {views.PathSoftware, map[string]string{"app_publisher": "Example Bank", "software_id": "", "name": "App"},
			"The software_id must have"},
		"an unknown scope": {views.PathSoftware, map[string]string{"app_publisher": "Example Bank", "software_id": "a", "name": "App",
			"scope": "everything"}, "Write names that this server knows"},
		"no days":           {views.PathRegistrationTokens, map[string]string{"note": "For Anna", "days": ""}, "Write a number of days"},
		"too many days":     {views.PathRegistrationTokens, map[string]string{"days": "91"}, "Write a number of days"},
		"less than one day": {views.PathRegistrationTokens, map[string]string{"days": "0"}, "Write a number of days"},
	} {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, name, func() {
				page := form(c.action, c.fields).Wants(http.StatusOK, "Publishers").Says(c.says)
				if len(page.Errors()) == 0 {
					t.Error("nothing in the summary")
				}
				if len(b.Get(views.PathPublishers).SaysNot(c.says).Errors()) > 0 {
					t.Error("a reload still shows the mistake")
				}
			})
		})
	}
	if kept := form(views.PathRegistrationTokens, map[string]string{"note": "For Anna", "days": "91"}).Form(views.PathRegistrationTokens).
		Value("note"); kept != "For Anna" {
		t.Errorf("the note is now %q", kept)
	}
	form(views.PathSoftware, map[string]string{"app_publisher": "Example Bank", "software_id": "a", "name": "App"}).
		Wants(http.StatusOK, "Publishers")
	form(views.PathSoftware, map[string]string{"app_publisher": "Other", "software_id": "a", "name": "App"}).
		Wants(http.StatusOK, "Publishers").Says("registered already")
}

// docs/decisions/0013-who-may-register.md: the console shows and changes what an
// app may have; what is wrong is said at its field, and what was typed is kept.
func TestSoftwareIsChanged(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	b.Get(views.PathPublishers).Form(views.PathSoftware).Set("app_publisher", "Example Bank").Set("software_id", "example/bank?a=1").
		Set("name", "Pocket Bank").Set("known_scope", "profile").Set("presence", "yes").Submit().
		Says("The app is added.", "presence proof required")
	path := views.SoftwarePath("example/bank?a=1")
	before := s.LastEvent()
	again := b.Get(path).Wants(http.StatusOK, "Change an app").Form(views.PathChangeSoftware).Set("scope", "profile everything").Submit().
		Wants(http.StatusOK, "Change an app").Says("Write names that this server knows")
	if kept := again.Form(views.PathChangeSoftware).Value("scope"); kept != "profile everything" || s.LastEvent() != before {
		t.Errorf("kept %q, events %v", kept, s.Events(before))
	}
	ticked := b.Get(path).SaysNot("Write names that this server knows").Form(views.PathChangeSoftware)
	if ticked.Value("known_scope") != "profile" || ticked.Value("scope") != "" {
		t.Errorf("ticked %q, others %q", ticked.Value("known_scope"), ticked.Value("scope"))
	}
	ticked.Clear("known_scope").Clear("presence").Submit().
		Wants(http.StatusOK, "Publishers").Says("The app is changed.").SaysNot("presence proof required")
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.PublisherChanged}) {
		t.Errorf("events %v", got)
	}
	changed, err := s.Store.Software(t.Context(), "example/bank?a=1")
	if err != nil || changed.Scope != "" || changed.PresenceRequired {
		t.Errorf("changed to %+v, %v", changed, err)
	}
	b.Get(views.SoftwarePath("nothing")).Wants(http.StatusNotFound, "nothing at this address")
	b.Post(views.PathChangeSoftware, url.Values{"software_id": {"nothing"}}).Wants(http.StatusNotFound, "nothing at this address")
	b.Get(views.PathPublishers).Form(views.PathSoftware).Set("app_publisher", "Example Bank").Set("software_id", "two words").
		Set("name", "App").Submit().Says("The software_id cannot be used")
}

// docs/decisions/0018-back.md: every form is answered with a redirect, so that Back and
// reload send none again; what was typed is kept, keys as long as a cookie holds them, and
// otherwise the page says so. A new token is shown once.
func TestAdministratorsFormsAreAnsweredWithARedirect(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	long := keySet(handlerstest.PublicJWK(handlerstest.NewKey()))[:60] + strings.Repeat("A", 4000)
	for name, form := range map[string]url.Values{
		views.PathPublishers + " wrong":         {"publisher": {""}, "jwks": {"{}"}},
		views.PathPublishers + " long":          {"publisher": {"Example Bank"}, "jwks": {long}},
		views.PathPublishers + " very long":     {"publisher": {strings.Repeat("\u4e00", 2000)}, "jwks": {long}},
		views.PathSoftware + " wrong":           {"app_publisher": {"Example Bank"}},
		views.PathRegistrationTokens + " wrong": {"days": {"0"}},
		views.PathRegistrationTokens + " right": {"days": {"1"}},
	} {
		path, _, _ := strings.Cut(name, " ")
		page := b.Step(http.MethodPost, s.Endpoint(path), form)
		if page.Status != http.StatusSeeOther || page.Location != views.PathPublishers {
			t.Errorf("%s: %d to %q", name, page.Status, page.Location)
		}
		page = b.Get(page.Location).Wants(http.StatusOK, "Publishers")
		if wrong := !strings.HasSuffix(name, "right"); wrong != (len(page.Errors()) > 0) {
			t.Errorf("%s: errors %q", name, page.Errors())
		}
		if strings.HasSuffix(name, "long") {
			page.Says("The keys are too long to be kept here: paste them again.")
		}
	}
	page := b.Post(views.PathPublishers, url.Values{"publisher": {""}, "jwks": {`{"keys":[]}`}})
	page.Says(`{"keys":[]}`)
}

// RFC 7591 §3: a token is shown once, lets one client register, and can be taken
// back; the page never shows it again.
func TestRegistrationTokens(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationByToken}})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	before := s.LastEvent()
	make := func(note string) string {
		page := b.Get(views.PathPublishers).Form(views.PathRegistrationTokens).Set("note", note).Set("days", "2").Submit().
			Wants(http.StatusOK, "Publishers").Says("it is shown this once", note, "unused", "Enter this registration code: ",
			"Geben Sie diesen Anmeldecode ein: ", s.Endpoint(views.PathPhone), "until 6 May 2026")
		found := regexp.MustCompile(`<bdi>([A-Za-z0-9_-]{43})</bdi>`).FindStringSubmatch(page.Source)
		if found == nil {
			t.Fatal("no token on the page")
		}
		return found[1]
	}
	first, second, third := make("First phone"), make("Second phone"), make("Third phone")
	b.Get(views.PathPublishers).Says("An app needs an initial access token").SaysNot(first, second, third)

	register := func(token string) handlerstest.Answer {
		return s.RegisterWith(handlerstest.Metadata(handlerstest.NewKey()), token)
	}
	register(first).Succeeded(t, http.StatusCreated)
	register(first).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidToken)

	page := b.Get(views.PathPublishers)
	tokens, err := s.Store.RegistrationTokens(t.Context())
	if err != nil || len(tokens) != 3 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	for _, token := range tokens {
		if token.Note == "Second phone" {
			page.Form(views.RevokeTokenPath(token.ID)).Submit().Says("The token is revoked.", "revoked")
			b.Post(views.RevokeTokenPath(token.ID), nil).Wants(http.StatusNotFound, "nothing at this address")
		}
		if token.Note == "First phone" && page.HasForm(views.RevokeTokenPath(token.ID)) {
			t.Error("a used token can be revoked")
		}
	}
	register(second).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidToken)
	s.Clock.Advance(48 * time.Hour)
	register(third).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidToken)
	b = s.BrowserOf(t, s.Administrator("Ada Administrator"))
	b.Get(views.PathPublishers).Says("expired")
	for _, want := range []audit.Type{audit.RegistrationTokenCreated, audit.RegistrationTokenRevoked, audit.ClientRegistered} {
		if !slices.Contains(s.Events(before), want) {
			t.Errorf("no %s among %v", want, s.Events(before))
		}
	}
	if snapshot := s.Snapshot(); strings.Contains(snapshot["registration_tokens"]+snapshot["audit_events"], first) ||
		strings.Contains(s.Log(), first) {
		t.Error("a token is kept in clear")
	}
}

// docs/decisions/0021-words.md: what is to mend is said in the reader's language, also when
// they choose it only then; nothing that was typed is lost by that. A reload says it no more.
func TestMistakesAreSaidInTheReadersLanguage(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	b.Get(views.PathPublishers).Form(views.PathSoftware).Set("app_publisher", "Example Bank").Set("software_id", "bank").
		Set("name", "Bank").Submit()
	for path, c := range map[string]struct {
		action, field, typed string
		english, german      string
	}{
		views.PathPublishers: {views.PathRegistrationTokens, "days", "91", "Write a number of days from 1 to 90.",
			"Geben Sie eine Zahl von Tagen von 1 bis 90 ein."},
		views.SoftwarePath("bank"): {views.PathChangeSoftware, "scope", "everything", "Write names that this server knows",
			"Schreiben Sie Namen, die dieser Server kennt"},
		views.PathCounters: {views.PathCounters, "time_zone", "Atlantis", "Write the name of a time zone",
			"Schreiben Sie den Namen einer Zeitzone"},
		views.CounterSettingsPath(s.Counter.ID): {views.CounterSettingsPath(s.Counter.ID), "networks", "192.0.2.7/24",
			"192.0.2.7/24 is not a network.", "192.0.2.7/24 ist kein Netz."},
	} {
		choose := func(language string) *handlerstest.Page {
			return b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {path}}).Wants(http.StatusOK, "")
		}
		choose("en")
		b.Get(path).SaysNot(c.english).Form(c.action).Set(c.field, c.typed).Submit().Says(c.english)
		german := choose("de").Says(c.german).SaysNot(c.english)
		if kept := german.Form(c.action).Value(c.field); kept != c.typed {
			t.Errorf("%s: %q became %q", path, c.typed, kept)
		}
		if again := b.Get(path).SaysNot(c.german); again.Form(c.action).Value(c.field) == c.typed {
			t.Errorf("%s: a reload still has what was typed", path)
		}
		if later := choose("en").SaysNot(c.english); len(later.Errors()) > 0 {
			t.Errorf("%s: it is said again: %q", path, later.Errors())
		}
	}
}

// Of two forms that are to be mended at once each is shown once: what one says does not come
// back, beside "saved", because the other was shown meanwhile.
func TestFormsToMendDoNotMeddle(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	mend := b.Get(views.PathPublishers).Form(views.PathRegistrationTokens).Set("days", "91").Submit().Says("Write a number of days")
	b.Get(views.PathCounters).Form(views.PathCounters).Set("time_zone", "Atlantis").Submit().Says("Write the name of a time zone")
	mend.Form(views.PathRegistrationTokens).Set("days", "30").Submit().Wants(http.StatusOK, "").SaysNot("Write a number of days")
	b.Get(views.PathCounters).SaysNot("Write the name of a time zone")
}

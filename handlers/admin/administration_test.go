package admin_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/admin"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/models/modelstest"
	"countersign/models/zones"
	"countersign/oauth"
	"countersign/views"
)

const csvHeader = "identifiers,name,date_of_birth,contact,status\n"

// upload sends a file as the page's form would, and follows nothing.
func upload(t *testing.T, s *handlerstest.Server, b *handlerstest.Browser, content string) *handlerstest.Page {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "accounts.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint(views.PathAccountsImport), &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Send(request)
}

// Counters are set up, changed, closed and opened again; mistakes stand beside their
// fields with what was typed; a closed one is lost at once.
func TestCounters(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b, operator := s.BrowserOf(t, s.Administrator("Ada Administrator")), s.Operator("Olga Operator")
	before := s.LastEvent()
	page := b.Get(views.PathCounters).Wants(http.StatusOK, "Counters").Says("Market Square", "Europe/Berlin", "Anywhere", "In use")
	wrong := page.Form(views.PathCounters).Set("name", "Market Square").Set("address", "2 Quay").Set("hours", "9 to 5").
		Set("time_zone", "Europe/Atlantis").Submit()
	if got := wrong.Errors(); !slices.Equal(got, []string{"Write the name of a time zone, such as Europe/Lisbon."}) {
		t.Errorf("errors %q", got)
	}
	taken := wrong.Form(views.PathCounters).Set("time_zone", "Europe/Lisbon").Submit()
	if got := taken.Errors(); !slices.Equal(got, []string{"Another counter has this name."}) ||
		taken.Form(views.PathCounters).Value("address") != "2 Quay" {
		t.Errorf("errors %q", got)
	}
	taken.Form(views.PathCounters).Set("name", "Quay").Submit().Says("The counter is saved.", "Quay", "2 Quay")
	path := views.CounterSettingsPath(s.Counter.ID)
	form := b.Get(path).Wants(http.StatusOK, "Market Square").Form(path)
	bad := b.Post(path, map[string][]string{"name": {"Market Square"}, "address": {"1 Market Square"}, "hours": {form.Value("hours")},
		"time_zone": {"Europe/Berlin"}, "networks": {"127.0.0.1/8"}})
	bad.Says("127.0.0.1/8 is not a network.")
	b.Get(path).SaysNot("is not a network")
	form.Set("hours", "Never").Submit().Says("The counter is saved.")
	b.Get(path).Says("See who works there, and close it")
	b.Get(views.CloseCounterPath(s.Counter.ID)).Wants(http.StatusOK, "Close Market Square?").Says("2 people work there now", "Olga Operator").
		Form(views.CloseCounterPath(s.Counter.ID)).Submit().Says("The counter is closed.", "Closed")
	b.Get(views.CloseCounterPath(s.Counter.ID)).Says("Nobody works there now.")
	// The operator's next page asks for a counter, and does not offer this one.
	s.BrowserOf(t, operator).Get(views.PathCounter).Wants(http.StatusOK, "counter").SaysNot("Market Square")
	b.Get(path).Form(views.ReopenCounterPath(s.Counter.ID)).Submit().Says("in use again")
	want := []audit.Type{audit.CounterAdded, audit.CounterChanged, audit.CounterClosed, audit.CounterReopened}
	if got := s.Events(before); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	b.Get(views.CounterSettingsPath("no")).Wants(http.StatusNotFound, "nothing at this address")
}

// Staff are listed with where they are signed in; who is limited opens only their
// counters, and sessions are ended.
func TestStaff(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	ada, olga := s.Administrator("Ada Administrator"), s.Operator("Olga Operator")
	b := s.BrowserOf(t, ada)
	other, err := s.Store.AddCounter(t.Context(), models.NewCounter{Name: "Quay", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	b.Get(views.PathStaff).Wants(http.StatusOK, "Staff").Says("Ada Administrator", "Olga Operator", "operator", "Market Square, 127.0.0.1",
		"Any counter")
	path := views.StaffPath(olga.StaffID)
	b.Get(path).Wants(http.StatusOK, "Olga Operator").Form(views.StaffCountersPath(olga.StaffID)).Set("counters", other.ID).Submit().
		Says("They count from the next step on.")
	operator := s.BrowserOf(t, olga)
	operator.Get(views.PathCounter).Says("Quay").SaysNot("Market Square")
	operator.Post(views.PathOpenCounter, map[string][]string{"counter": {s.Counter.ID}}).
		Says("An administrator has limited you to other counters.")
	b.Get(views.PathStaff).Says("Quay")
	b.Post(views.StaffCountersPath(olga.StaffID), map[string][]string{"counters": {"no"}}).Says("Choose counters from the list.")
	b.Post(views.StaffCountersPath(ada.StaffID), map[string][]string{"counters": {other.ID}}).
		Says("Another administrator says which counters you may open.")
	b.Post(views.StaffCountersPath(olga.StaffID), nil)
	operator.Get(views.PathOpenCounter).Says("Quay", "Market Square")
	b.Get(path).Form(views.EndSessionsPath(olga.StaffID)).Submit().Says("The sessions are ended.", "Not signed in now.")
	if page := operator.Step(http.MethodGet, s.Endpoint(views.PathCounter), nil); !strings.HasPrefix(page.Location, views.PathSignIn) {
		t.Errorf("the operator is led to %q", page.Location)
	}
	for i := range 60 {
		s.SignIn(models.Identity{Subject: string(rune('A'+i/26)) + string(rune('a'+i%26)),
			Name: "Person " + string(rune('A'+i/26)) + string(rune('a'+i%26)), Roles: []models.Role{models.Supervisor}})
	}
	first := b.Get(views.PathStaff).Says("Further staff", "Person Aa")
	for _, link := range first.Links() {
		if strings.Contains(link, "?after=") {
			b.Get(link).Says("Person Ch", "Back to the first").SaysNot("Person Aa", "Olga Operator")
		}
	}
	b.Get(views.PathStaff+"?after=no").Wants(http.StatusNotFound, "nothing at this address")
}

// An account is found without its identifier in any address, suspended and reinstated
// with a reason, and its approvals get their rules; nobody changes their own.
func TestAccounts(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	ada := s.SignIn(models.Identity{Subject: "Ada", Name: "Ada", Identifiers: []string{"ada@example.org"},
		Roles: []models.Role{models.Administrator}})
	own := s.AddAccount("Ada Herself", "ada@example.org")
	b := s.BrowserOf(t, ada)
	search := func(typed string) *handlerstest.Page {
		return b.Get(views.PathAccounts).Form(views.PathAccounts).Set("identifier", typed).Submit()
	}
	search("a").Says("Type at least 3 characters of the identifier.")
	search("nobody@").Says("No account has this identifier.")
	found := search("ANNA@ex").Says("A. E.", "anna@example.org", "active").SaysNot("Anna Example")
	id := s.Account.ID
	found.Form(views.AdminOpenRecordPath(id)).Submit().Wants(http.StatusOK, "Anna Example")
	search("k-1001").Wants(http.StatusOK, "Anna Example")
	for _, address := range b.Visited {
		if strings.Contains(strings.ToLower(address), "anna") {
			t.Errorf("an identifier in %s", address)
		}
	}
	path := views.AccountSettingsPath(id)
	b.Open(views.AccountSettingsPath(own.ID))
	before := s.LastEvent()
	b.Get(path).Wants(http.StatusOK, "Anna Example").Says("K-1001", "29 February 1984").Form(views.SuspendPath(id)).Submit().
		Says("Choose why.")
	b.Get(path).Form(views.SuspendPath(id)).Set("reason", "fraud suspected").Submit().Says("The account is suspended.", "suspended")
	b.Post(views.SuspendPath(id), map[string][]string{"reason": {"under review"}}).Says("Somebody else has changed something meanwhile.")
	b.Get(path).Form(views.ReinstatePath(id)).Set("reason", "cleared").Submit().Says("The account is active again.")
	page := b.Get(path).Form(views.AccountRulesPath(id)).Set("presence", "yes").Set("two_person", "yes").Submit().
		Says("What approvals need is saved.")
	if form := page.Form(views.AccountRulesPath(id)); form.Value("presence") != "yes" || form.Value("two_person") != "yes" {
		t.Error("the rules are not kept")
	}
	b.Post(views.AccountRulesPath(own.ID), map[string][]string{"presence": {"yes"}}).Says("This is your own account")
	b.Post(views.SuspendPath(own.ID), map[string][]string{"reason": {"under review"}}).Says("This is your own account")
	want := []audit.Type{audit.AccountChanged, audit.AccountChanged, audit.AccountChanged, audit.AccountChanged, audit.DecisionRefused,
		audit.DecisionRefused}
	if got := s.Events(before); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	s.SetStatus(models.AccountLocked)
	b.Get(path).Says("comes with the accounts file")
}

// A file is shown before anything of it is written, and imported as it was shown; what is
// wrong with it is said by line.
func TestImportWithPreview(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	b.Get(views.PathAccountsImport).Says("The preview is over.")
	see := func(content string) *handlerstest.Page {
		t.Helper()
		page := upload(t, s, b, content)
		if page.Status != http.StatusSeeOther || page.Location != views.PathAccountsImport {
			t.Fatalf("%d to %q", page.Status, page.Location)
		}
		return b.Get(page.Location).Wants(http.StatusOK, "What this file would change")
	}
	before := s.LastEvent()
	bad := see(csvHeader+"x,,1980-13-01,,\ny,Bo,,,gone\n").Says("3 problems", "the name is missing", "is none of active", "date_of_birth",
		"The corrected file")
	if !bad.HasForm(views.PathAccountsImport) {
		t.Error("there is no field for the corrected file")
	}
	if bad.HasForm(views.PathImportConfirm) {
		t.Error("a wrong file can be imported")
	}
	see(csvHeader + "anna@example.org;K-1001,Anna Example,1984-02-29,,\n").Says("The file has 1 line: 0 added, 0 changed, 1 unchanged")
	good := csvHeader + "anna@example.org;K-1001,Anna Example,1984-02-29,,suspended\nnew@example.org,New Person,,,\n"
	page := see(good).Says("The file has 2 lines: 1 added, 1 changed, 0 unchanged", "New Person", "State: active → suspended")
	for language, says := range map[string]string{"de": "Zustand: aktiv → ausgesetzt", "en": "State: active → suspended"} {
		b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {views.PathAccountsImport}}).Says(says)
	}
	b.Post(views.PathLanguage, url.Values{"language": {"en"}, "return_to": {views.PathAccountsImport}})
	if s.LastEvent() != before || strings.Contains(s.Snapshot()["account_files"], "New Person") {
		t.Error("the preview wrote something")
	}
	// A colleague suspends the account: the file would do less now than was shown.
	s.SetStatus(models.AccountSuspended)
	changed := page.Form(views.PathImportConfirm).Submit().Says("Somebody else has changed something meanwhile.",
		"1 added, 0 changed, 1 unchanged")
	before = s.LastEvent()
	s.Clock.Advance(time.Second)
	changed.Form(views.PathImportConfirm).Submit().Wants(http.StatusOK, "Import accounts").Says("The file is being imported", "0 of 1 lines.")
	b.Get(views.PathAccounts).Says("The file is being imported")
	modelstest.FinishImport(t.Context(), t, s.Store)
	b.Get(views.PathImportProgress).Says("The file is imported.", "1 added, 0 changed, 1 unchanged.").SaysNot("being imported", "left out")
	b.Get(views.PathAccounts).SaysNot("being imported")
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.AccountsImported}) {
		t.Errorf("events %v", got)
	}
	changed.Form(views.PathImportConfirm).Submit().Says("The preview is over.")
	see(good).Form(views.PathImportDiscard).Submit().Says("The file is discarded.")
	b.Get(views.PathAccountsImport).Says("The preview is over.")
	see(good)
	s.Clock.Advance(15 * time.Minute)
	b.Get(views.PathAccountsImport).Says("The preview is over.")
	if page := upload(t, s, b, ""); page.Location != views.PathAccounts {
		t.Errorf("an empty file leads to %q", page.Location)
	}
	b.Get(views.PathAccounts).Says("Choose a CSV file")
}

// The larger body is this one route's and an administrator's, and has its bound.
func TestImportBodyIsBounded(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	lines := func(bytes int) string {
		line := "x," + strings.Repeat("Same Person ", 12) + ",,,\n" // 35,000 lines with a problem each
		return csvHeader + strings.Repeat(line, bytes/len(line))
	}
	if page := upload(t, s, b, lines(int(admin.ImportBody)-4096)); page.Status != http.StatusSeeOther {
		t.Errorf("just below the bound: %d", page.Status)
	}
	b.Get(views.PathAccountsImport).Says("further problems are not shown")
	if page := upload(t, s, b, lines(int(admin.ImportBody)+4096)); page.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("above the bound: %d", page.Status)
	}
	for name, who := range map[string]*handlerstest.Browser{"nobody": s.Browser(t),
		"an operator": s.BrowserOf(t, s.Operator("Olga Operator"))} {
		if page := upload(t, s, who, csvHeader+"x,X,,,\n"); page.Status != http.StatusUnauthorized && page.Status != http.StatusForbidden {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
	larger := 0
	for _, route := range s.Routes {
		if route.Body > 32<<10 {
			larger++
		}
	}
	if larger != 1 {
		t.Errorf("%d routes read more than a form", larger)
	}
}

// The policies are those in force, in words of each reader's language, and the page has no
// form to change one.
func TestPolicies(t *testing.T) {
	rules, err := document.ParseRules("passport idcard:photo+age=16")
	if err != nil {
		t.Fatal(err)
	}
	s := handlerstest.Start(t, handlerstest.Config{
		Policy: models.Policy{
			PendingWindow: 36 * time.Hour, TwoPersonScopes: []string{"accounts:read"}, Registration: models.RegistrationByToken,
			NoticeChannels: []models.Channel{models.ChannelWebhook}, StepUp: models.StepUp{MaxAge: 5 * time.Minute, ACR: []string{"phr"}},
			ApprovalAlert: -1,
		},
		Staff: web.StaffProvider{Roles: map[string]models.Role{"front-desk": models.Operator},
			AccountClaims: []string{"customer_number"}},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		KeyNetworks:    []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
		Documents:      rules, Limits: limits.Strict, Resources: oauth.Resources{{URI: "https://letters.example", Scope: []string{"profile"}}},
	})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	both := []string{"accounts:read", "front-desk", "customer_number", "192.0.2.0/24", "198.51.100.0/24",
		"https://letters.example: profile", "phr",
		"profile: Read your name"}
	for language, want := range map[string][]string{
		"en": {"36 hours", "7 days", "A token of yours, good for one device",
			"Passport: photo compared, held in the hand, number, issuing country, expiry date",
			"National identity card: photo compared, from the age of 16", "Strict", "Any number", "front-desk: operator", "5 minutes"},
		"de": {"36 Stunden", "7 Tage", "Ein Registrierungstoken von Ihnen, gültig für ein Gerät", "Foto verglichen, ab 16 Jahren", "Streng",
			"front-desk: Schalterkraft", "5 Minuten"},
	} {
		b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {views.PathPolicies}}).Wants(http.StatusOK, "").
			Says(append(want, both...)...)
	}
	for _, route := range s.Routes {
		if strings.HasPrefix(route.Path, views.PathPolicies) && route.Method != http.MethodGet {
			t.Errorf("%s %s changes a policy", route.Method, route.Path)
		}
	}
}

// docs/decisions/0034-time-zones.md: administrators read which time zone data is used, and that it is older than a year.
func TestPoliciesSayTheTimeZoneData(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	used := zones.Used()
	s.Clock.Advance(used.Released.AddDate(1, 0, 0).Sub(s.Clock.Now()))
	s.BrowserOf(t, s.Administrator("Ada Administrator")).Get(views.PathPolicies).Wants(http.StatusOK, "").Says("Time zone data", used.Version).
		SaysNot("Older than a year")
	s.Clock.Advance(time.Minute)
	s.BrowserOf(t, s.Administrator("Ben Administrator")).Get(views.PathPolicies).Wants(http.StatusOK, "").
		Says(used.Version, "Older than a year: times at counters may be an hour off.")
}

// docs/decisions/0021-words.md: every problem of an accounts file is said in the reader's
// language, also when they choose it only then.
func TestImportProblemsInGerman(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	ada := s.SignIn(models.Identity{Subject: "Ada", Name: "Ada", Identifiers: []string{"ada@example.org"},
		Roles: []models.Role{models.Administrator}})
	b, english := s.BrowserOf(t, ada), handlerstest.NewEnglish(t)
	s.AddAccount("Ada Herself", "ada@example.org")
	header, withTwo := strings.TrimSuffix(csvHeader, "\n"), "identifiers,name,date_of_birth,contact,status,two_person\n"
	for file, c := range map[string]struct{ english, german string }{
		"i\x00d\x00":                       {"this is UTF-16.", "das ist UTF-16."},
		"PK\x03\x04":                       {"this is a spreadsheet’s own file.", "das ist eine Datei der Tabellenkalkulation selbst."},
		"sep=^\nidentifiers^name\n":        {"the columns are not separated by commas.", "die Spalten sind nicht durch Kommas getrennt."},
		"\n":                               {"the file is empty", "die Datei ist leer"},
		"a@example.org,Ana,1984-03-09,,\n": {"the first line does not name the columns: ", "die erste Zeile nennt nicht die Spalten: "},
		"identifiers,name,,date_of_birth,contact,status\nx,Ana,y,,,\n": {"something stands here, and the column has no name",
			"hier steht etwas, und die Spalte hat in der ersten Zeile keinen Namen"},
		csvHeader:                           {"the file has no accounts", "die Datei enthält keine Konten"},
		csvHeader + "x,A\"n,,,\n":           {"character 4: a quotation mark in a field", "Zeichen 4: ein Anführungszeichen in einem Feld"},
		csvHeader + "x,\"An\"a,,,\n":        {"a quotation mark is missing, or is one too many", "ein Anführungszeichen fehlt oder ist zu viel"},
		csvHeader + "x,y\n":                 {"it has 2 fields, the header has 5", "die Zeile hat 2 Felder, die Kopfzeile hat 5"},
		"identifiers,name,contact,status\n": {"the column is missing", "die Spalte fehlt"},
		header + ",name\n":                  {"the column is there twice", "die Spalte kommt zweimal vor"},
		header + ",age\n": {"and latin_name, language, staff, presence and two_person if you like",
			"und auf Wunsch latin_name, language, staff, presence und two_person"},
		csvHeader + "x,Jos\xe9,,,\n":       {"not UTF-8. Save the file", "kein UTF-8. Speichern Sie die Datei"},
		csvHeader + "x,Jos\ufffd,,,\n":     {"a character got lost", "ein Zeichen ging verloren"},
		csvHeader + "4.47E+11,Ana,,,\n":    {"a spreadsheet has cut a number short", "eine Tabellenkalkulation hat eine Zahl gekürzt"},
		csvHeader + "x,#REF!,,,\n":         {"a formula of a spreadsheet", "eine Formel einer Tabellenkalkulation"},
		csvHeader + "x,Ana,05/06/1980,,\n": {"a date that can be read in several ways", "ein Datum, das mehrdeutig ist"},
		csvHeader + "x,\"A\nna\",,,\n": {"a control character or a line break",
			"ein Steuerzeichen oder ein Zeilenumbruch"},
		csvHeader + "x,A\u202ena,,,\n": {"a character that turns the direction of writing",
			"das die Schreibrichtung umkehrt"},
		csvHeader + "x," + strings.Repeat("é", 201) + ",,,\n": {"longer than 200 characters", "länger als 200 Zeichen"},
		csvHeader + "x,,,,\n":              {"the name is missing", "der Name fehlt"},
		csvHeader + "x,Ana,2023-02-29,,\n": {"\"2023-02-29\" is not a date like", "\"2023-02-29\" ist kein Datum wie"},
		csvHeader + "x,Ana,3000-01-01,,\n": {"3000-01-01 is in the future", "3000-01-01 liegt in der Zukunft"},
		csvHeader + "x,Ana,1700-01-01,,\n": {"1700-01-01 is too long ago", "1700-01-01 liegt zu weit zurück"},
		csvHeader + "x,Ana,,,gone\n":       {"\"gone\" is none of active", "\"gone\" ist keines von active"},
		withTwo + "x,Ana,,,,yes\n": {"\"yes\" is neither required nor empty",
			"\"yes\" ist weder required noch leer"},
		csvHeader + " ; ,Ana,,,\n": {"there is no identifier", "es gibt keine Kennung"},
		csvHeader + strings.Repeat("x", 255) + ",Ana,,,\n": {"an identifier is longer than 254 characters",
			"eine Kennung ist länger als 254 Zeichen"},
		csvHeader + "a\u200bb,Ana,,,\n":            {"an identifier contains a control", "eine Kennung enthält ein Steuerzeichen"},
		csvHeader + "x; X,Ana,,,\n":                {"\"X\" is on this line twice", "\"X\" kommt in dieser Zeile zweimal vor"},
		csvHeader + "x,Ana,,,\ny,Bo,,,\nX,Cy,,,\n": {"\"X\" is on line 2 already", "\"X\" kommt schon in Zeile 2 vor"},
		csvHeader + "ada@example.org,Ada Otherwise,,,\n": {"this is your own account: another administrator",
			"das ist Ihr eigenes Konto: Jemand anderes"},
		csvHeader + "anna@example.org;ada@example.org,Anna,,,\n": {"the identifiers belong to different accounts",
			"die Kennungen gehören zu verschiedenen Konten"},
	} {
		importIn(b, "en")
		upload(t, s, b, file)
		b.Get(views.PathAccountsImport).Wants(http.StatusOK, "What this file would change").Says(c.english)
		page := importIn(b, "de").Wants(http.StatusOK, "").Says(c.german).SaysNot(c.english)
		for _, text := range english.In(page) {
			t.Errorf("%q says in English: %q", file, text)
		}
	}
}

// importIn shows the page of the import in another language.
func importIn(b *handlerstest.Browser, language string) *handlerstest.Page {
	return b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {views.PathAccountsImport}})
}

package counter

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/document"
	"countersign/views"
)

func rightForm() views.ProofForm {
	return views.ProofForm{
		DocumentType: "passport", DocumentIssuer: "NLD", DocumentExpiry: "2030-05-31", DocumentNumber: "SPECI2014",
		NameMatches: "matches", BirthMatches: "matches", PhotoMatches: true, DocumentHandled: true,
	}
}

// fourthOfMay is a moment at which it is still 3 May in UTC.
func fourthOfMay(t *testing.T) time.Time {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 5, 3, 23, 30, 0, 0, time.UTC).In(berlin)
}

// spoiltForm is a form with one thing wrong, or nothing.
type spoiltForm struct {
	name  string
	spoil func(*views.ProofForm)
	want  string // the field with the problem, "" for none
}

func spoiltForms() []spoiltForm {
	return []spoiltForm{
		{"all right", func(*views.ProofForm) {}, ""},
		{"no type", func(f *views.ProofForm) { f.DocumentType = "" }, "document_type"},
		{"another type", func(f *views.ProofForm) { f.DocumentType = "library_card" }, "document_type"},
		{"no issuer", func(f *views.ProofForm) { f.DocumentIssuer = "" }, "document_issuer"},
		{"long issuer", func(f *views.ProofForm) { f.DocumentIssuer = "NLDX" }, "document_issuer"},
		{"issuer with digits", func(f *views.ProofForm) { f.DocumentIssuer = "N1" }, "document_issuer"},
		{"no expiry", func(f *views.ProofForm) { f.DocumentExpiry = "" }, "document_expiry"},
		{"a day that is none", func(f *views.ProofForm) { f.DocumentExpiry = "2030-02-30" }, "document_expiry"},
		{"day first", func(f *views.ProofForm) { f.DocumentExpiry = "31-05-2030" }, ""},
		{"eight digits", func(f *views.ProofForm) { f.DocumentExpiry = "20300531" }, ""},
		{"day or month first", func(f *views.ProofForm) { f.DocumentExpiry = "03/04/2030" }, "document_expiry"},
		{"six digits", func(f *views.ProofForm) { f.DocumentExpiry = "310530" }, "document_expiry"},
		{"99", func(f *views.ProofForm) { f.DocumentExpiry = "31.12.99" }, "document_expiry"},
		{"a passport without an end", func(f *views.ProofForm) { f.DocumentExpiry, f.DocumentEndless = "", true }, "document_expiry"},
		{"a card without an end", func(f *views.ProofForm) { f.DocumentType, f.DocumentExpiry, f.DocumentEndless = "idcard", "", true }, ""},
		{"a card without an end, as printed", func(f *views.ProofForm) { f.DocumentType, f.DocumentExpiry = "idcard", "99/99/9999" }, ""},
		{"an end and none", func(f *views.ProofForm) { f.DocumentType, f.DocumentEndless = "idcard", true }, "document_expiry"},
		{"expired yesterday here", func(f *views.ProofForm) { f.DocumentExpiry = "2026-05-03" }, "document_expiry"},
		{"its last day", func(f *views.ProofForm) { f.DocumentExpiry = "2026-05-04" }, ""},
		{"no number", func(f *views.ProofForm) { f.DocumentNumber = "" }, "document_number"},
		{"three characters", func(f *views.ProofForm) { f.DocumentNumber = "A 1 2" }, "document_number"},
		{"four characters", func(f *views.ProofForm) { f.DocumentNumber = "A 123" }, ""},
		{"forty characters", func(f *views.ProofForm) { f.DocumentNumber = strings.Repeat("7", 40) }, ""},
		{"forty-one characters", func(f *views.ProofForm) { f.DocumentNumber = strings.Repeat("7", 41) }, "document_number"},
		{"a control character", func(f *views.ProofForm) { f.DocumentNumber = "SPECI\x002014" }, "document_number"},
		{"an override", func(f *views.ProofForm) { f.DocumentNumber = "SPECI\u202E2014" }, "document_number"},
		{"no answer on the name", func(f *views.ProofForm) { f.NameMatches = "" }, "name_matches"},
		{"the name is on record", func(f *views.ProofForm) { f.NameMatches = "not_on_record" }, "name_matches"},
		{"the name differs", func(f *views.ProofForm) { f.NameMatches, f.DocumentName = "differs", "Anna Svensson" }, "name_reason"},
		{"the name differs for a reason", func(f *views.ProofForm) {
			f.NameMatches, f.NameReason, f.DocumentName = "differs", "changed name", "Anna Svensson"
		}, ""},
		{"the name differs, and is not written", func(f *views.ProofForm) { f.NameMatches, f.NameReason = "differs", "changed name" },
			"document_name"},
		{"the name differs, and is endless", func(f *views.ProofForm) {
			f.NameMatches, f.NameReason, f.DocumentName = "differs", "changed name", strings.Repeat("a", 121)
		}, "document_name"},
		{"the name differs for none", func(f *views.ProofForm) { f.NameMatches, f.NameReason = "differs", "none" }, ""},
		{"a reason of nobody's", func(f *views.ProofForm) {
			f.NameMatches, f.NameReason, f.DocumentName = "differs", "looks fine", "Anna Svensson"
		}, "name_reason"},
		{"no answer on the birth date", func(f *views.ProofForm) { f.BirthMatches = "maybe" }, "birth_matches"},
		{"the photo was not compared", func(f *views.ProofForm) { f.PhotoMatches = false }, "photo_matches"},
		{"the document was not handled", func(f *views.ProofForm) { f.DocumentHandled = false }, "document_handled"},
	}
}

func TestCheckProofForm(t *testing.T) {
	record := models.Account{FullName: "Anna Example", DateOfBirth: "1984-02-29"}
	today := fourthOfMay(t)
	for _, test := range spoiltForms() {
		t.Run(test.name, func(t *testing.T) {
			form := rightForm()
			test.spoil(&form)
			problems := sheet{form: form, account: record, rules: document.DefaultRules(), today: today}.problems()
			switch {
			case test.want == "" && len(problems) > 0:
				t.Errorf("refused: %v", problems)
			case test.want != "" && (len(problems) != 1 || problems[0].Field != test.want || problems[0].Text.In(t.Context()) == ""):
				t.Errorf("problems %v, want one with %s", problems, test.want)
			}
		})
	}
}

func TestCheckProofFormWithoutADateOfBirth(t *testing.T) {
	form, record := rightForm(), models.Account{FullName: "Anna Example"}
	form.BirthMatches = "not_on_record"
	if problems := (sheet{form: form, account: record, rules: document.DefaultRules(), today: fourthOfMay(t)}).problems(); len(problems) > 0 {
		t.Errorf("nothing is on record, and yet: %v", problems)
	}
}

// RFC 10027, docs/protocol.md §6 strangers-request, shown-code: a code alone, which may be a stranger's, is said to
// be looked at again where another request waits or where devices with this app usually
// prove their key; a proved one never is.
func TestPresenceShown(t *testing.T) {
	shown := func(presence string, required bool, facts models.FraudFacts) views.FraudCheck {
		var v visit
		v.Presence, v.PresenceRequired = presence, required
		return presenceShown(views.Speaker(t.Context()), v, facts)
	}
	for name, c := range map[string]struct {
		check   views.FraudCheck
		caution bool
		says    string
	}{
		"proved":               {shown(models.PresenceProved, true, models.FraudFacts{OtherPending: 2, AppProves: 9}), false, "Proved: "},
		"a code":               {shown(models.PresenceCodeOnly, false, models.FraudFacts{AppProves: 2}), false, "a code can be passed on"},
		"where it is required": {shown(models.PresenceCodeOnly, true, models.FraudFacts{}), true, "a code can be passed on"},
		"among others":         {shown(models.PresenceCodeOnly, false, models.FraudFacts{OtherPending: 1}), true, "a code can be passed on"},
		"of an app that usually proves": {shown(models.PresenceCodeOnly, false, models.FraudFacts{AppProves: 3}), true,
			"scan the QR code on the customer’s own screen"},
	} {
		if c.check.Caution != c.caution || !strings.Contains(c.check.Value, c.says) {
			t.Errorf("%s: %+v", name, c.check)
		}
	}
}

// The second person sits somewhere else: what they read compares with the operator's place.
func TestStartedFromForTheSecondPerson(t *testing.T) {
	at := workplace{address: netip.MustParseAddr("203.0.113.7"), counter: &models.Counter{Networks: "198.51.100.0/24"}, elsewhere: true}
	for address, want := range map[string]string{
		"203.0.113.7": "the same address as the operator’s workplace", "198.51.100.9": "the same network as the operator’s counter",
		"192.0.2.1": "another network than the operator’s counter", "": "An unknown address",
	} {
		if got := startedFrom(views.Speaker(t.Context()), address, at); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if isHere("203.0.113.9", workplace{}) {
		t.Error("near an address that is not known")
	}
}

func TestStartedFrom(t *testing.T) {
	counter := &models.Counter{Networks: "198.51.100.0/24"}
	operator := netip.MustParseAddr("203.0.113.7")
	for address, want := range map[string]string{
		"203.0.113.7": "the same address as this workplace", "203.0.113.200": "the same network as this counter",
		"198.51.100.9": "the same network as this counter", "192.0.2.1": "another network than this counter",
		"2001:db8::1": "another network than this counter", "::ffff:203.0.113.7": "the same address as this workplace",
		"": "An unknown address",
	} {
		if got := startedFrom(views.Speaker(t.Context()), address, workplace{address: operator,
			counter: counter}); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if got := startedFrom(views.Speaker(t.Context()), "2001:db8:1:2::1",
		workplace{address: netip.MustParseAddr("2001:db8:1:3::1")}); !strings.HasSuffix(got, "the same network as this counter") {
		t.Errorf("one /48: %q", got)
	}
}

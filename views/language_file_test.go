package views

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/text/language"
)

// withHebrew are the program's languages with one of a folder, and a context that speaks it.
func withHebrew(t *testing.T) *Words {
	t.Helper()
	words, err := LoadWords(os.DirFS("testdata/words"))
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// A language is a file: it is offered by its own name, its dates, plurals and direction are its own, and what it lacks is English.
func TestALanguageIsAFile(t *testing.T) {
	words := withHebrew(t)
	var names []string
	for _, l := range words.Languages() {
		names = append(names, l.Tag.String()+" "+l.Name+" "+l.Direction)
	}
	if got := strings.Join(names, ", "); got != "en English ltr, ar العربية rtl, de Deutsch ltr, he עברית rtl" {
		t.Errorf("there are %s", got)
	}
	hebrew := words.In(t.Context(), words.Match("", "he-IL, en;q=0.5"))
	at := time.Date(2026, time.May, 4, 9, 0, 7, 0, time.FixedZone("", 0))
	for _, test := range []struct{ got, want string }{
		{Say(hebrew, "Your account"), "החשבון שלך"},
		{Say(hebrew, "Receipt %s", "12"), "קבלה 12"},
		{Say(hebrew, "%d days", 2), "יומיים"},
		{Say(hebrew, "%d days", 3), "3 ימים"},
		{Moment(hebrew, at, at.Location()), "4 במאי 2026 בשעה 09:00"},
		{Say(hebrew, "Sign out"), "\u2066Sign out\u2069"},
		{Say(hebrew, "%d hours", 1), "\u20661 hour\u2069"},
		{Say(hebrew, "%d hours", 1200), "\u20661,200 hours\u2069"},
		{Say(hebrew, "Entry %s", "מאי"), "\u2066Entry \u2068מאי\u2069\u2069"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
	var switches strings.Builder
	if err := languageChoice("/").Render(hebrew, &switches); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`value="de" lang="de" dir="ltr">Deutsch<`, `value="ar" lang="ar" dir="rtl">العربية<`} {
		if !strings.Contains(switches.String(), want) || strings.Contains(switches.String(), `value="he"`) {
			t.Errorf("the switch is %s", switches.String())
		}
	}
	if unsaid := words.Unsaid(); len(unsaid) > 0 {
		t.Errorf("nobody says %q", unsaid)
	}
}

// Arabic has six plural forms and digits of its own, of which its file chooses the others.
func TestArabicCountsAsArabicDoes(t *testing.T) {
	arabic := speaking(t, language.Arabic)
	for n, want := range map[int]string{
		0: "0 يوم", 1: "يوم واحد", 2: "يومان", 3: "3 أيام", 11: "11 يومًا", 100: "100 يوم", 1203: "1,203 أيام",
	} {
		if got := Say(arabic, "%d days", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	if got := FormatsOf(arabic); got != "ar-u-nu-latn" {
		t.Errorf("scripts are told %q", got)
	}
}

// A variety of a language takes from the language what it does not say in another way, and a file of a folder goes before ours.
func TestAFileGoesBeforeOurs(t *testing.T) {
	words, err := LoadWords(fstest.MapFS{
		"de-AT.json": {Data: []byte(`{"": {"name": "Österreichisches Deutsch", "direction": "ltr"}, "January": "Jänner", "Of old": "Von früher"}`)},
		"de.json":    {Data: []byte(`{"Sign out": "Feierabend"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	austrian := words.In(t.Context(), words.Match("de-AT"))
	for english, want := range map[string]string{"January": "Jänner", "February": "Februar", "Sign out": "Feierabend"} {
		if got := Say(austrian, english); got != want {
			t.Errorf("%s: %q, want %q", english, got, want)
		}
	}
	if unsaid := words.Unsaid(); len(unsaid) != 1 || unsaid[0] != "de-AT: Of old" {
		t.Errorf("nobody says %q", unsaid)
	}
}

// What is wrong with a language file is said with its name and the text.
func TestLanguageFilesAreChecked(t *testing.T) {
	const head = `"": {"name": "Français", "direction": "ltr"}, `
	for _, test := range []struct{ name, content, want string }{
		{"fr.json", `{"Name": "Nom"}`, "fr.json: it has no head"},
		{"fr.json", `{"": {"name": "Français", "direction": "up"}}`, "fr.json: it has no head"},
		{"fr.json", `{"": {"name": "Français", "direction": "ltr", "plural": "x"}}`, "fr.json: it has no head"},
		{"fr.json", `{"": {"name": "Français", "direction": "ltr", "digits": "no such thing"}}`, `fr.json: digits "no such thing"`},
		{"fr.json", `{`, "fr.json: it is no JSON object of texts"},
		{"french words.json", `{}`, "french words.json: the name of a language file is a language tag"},
		{"FR.json", `{}`, "FR.json: the name of a language file is a language tag"},
		{"fr.json", `{` + head + `"Name": ""}`, `fr.json: "Name": its translation is empty`},
		{"fr.json", `{` + head + `"Name": 5}`, `fr.json: "Name": it is neither a text nor`},
		{"fr.json", `{` + head + `"%d days": {"one": "un jour"}}`, `fr.json: "%d days": it is neither a text nor`},
		{"fr.json", `{` + head + `"%d days": {"other": "%d jours", "plenty": "%d"}}`, `"plenty" is no plural category: those are zero,`},
		{"fr.json", `{` + head + `"Receipt %s": "Reçu"}`, `tells its argument 1 not as %s`},
		{"fr.json", `{` + head + `"Name": "Nom %s"}`, `takes an argument 1, which the text has not`},
		{"fr.json", `{` + head + `"That is {when}.": "C’est {quand}."}`, `lacks {when}`},
		{"readme.txt", ``, "there is no language file in it"},
	} {
		_, err := LoadWords(fstest.MapFS{test.name: {Data: []byte(test.content)}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %q", test.name, test.content, err, test.want)
		}
	}
}

// English on a page of another language is marked as such where an element can stand, and isolated elsewhere; no text of a stranger's
// breaks the page.
func TestForeignWordsAreMarked(t *testing.T) {
	for _, test := range []struct{ page, want string }{
		{"<p>Name</p>", "<p>Name</p>"},
		{"<p>\u2066Name\u2069</p>", `<p><span lang="en" dir="ltr">Name</span></p>`},
		{"<title>\u2066Name\u2069</title><input value=\"\u2066x\u2069\">", "<title>\u2066Name\u2069</title><input value=\"\u2066x\u2069\">"},
		{"<select><option>\u2066Name\u2069</option></select>", "<select><option>\u2066Name\u2069</option></select>"},
		{"<p>\u2066By <bdi>Anna</bdi>\u2069.</p>", `<p><span lang="en" dir="ltr">By <bdi>Anna</bdi></span>.</p>`},
		{"<p>\u2066By \u2068Anna\u2069 of\u2069.</p>", "<p><span lang=\"en\" dir=\"ltr\">By \u2068Anna\u2069 of</span>.</p>"},
		{"<p>\u2066By <bdi>An\u2069na\u2066</bdi>\u2069.</p>",
			"<p><span lang=\"en\" dir=\"ltr\">By <bdi>An\u2069na<span lang=\"en\" dir=\"ltr\"></span></bdi></span>.</p>"},
		{"<p><bdi>A\u2066b</bdi>c<br>\u2069</p>", "<p><bdi>A<span lang=\"en\" dir=\"ltr\">b</span></bdi>c<br>\u2069</p>"},
	} {
		if got := string(MarkForeign([]byte(test.page))); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.page, got, test.want)
		}
	}
}

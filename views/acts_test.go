package views

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// act is something that is done. What is said of it in English has its English word, and in German its German one; no other
// act wears that word, nor this one the words that were not chosen (docs/decisions/0021-words.md, "Acts").
type act struct {
	english, german string         // as the glossary has them
	said            *regexp.Regexp // an English text speaks of the act
	word            *regexp.Regexp // its German
	not             *regexp.Regexp // German that is not it, where an English text speaks of it; nil for none
}

func glossaryOfActs() []act {
	of := func(english, german, said, word, not string) act {
		a := act{english, german, regexp.MustCompile(`(?i)` + said), regexp.MustCompile(`(?i)` + word), nil}
		if not != "" {
			a.not = regexp.MustCompile(`(?i)` + not)
		}
		return a
	}
	return []act{
		of("disconnect", "trennen", `\bdisconnect`, `trenn`, `widerr|abmeld|abgemeld|kapp`),
		of("revoke", "widerrufen", `\brevok`, `widerruf`, `trenn|zurück`),
		of("approve", "freigeben", `\bapprov(e|es|ed|ing|al|als)\b`, `freig|frei\b`, `genehm|bewillig|erlaub`),
		of("decline", "ablehnen", `\bdeclin`, `ab(ge|zu)?lehn|lehn(en|t)\b.*\bab\b`, `zurückw|verweig`),
		of("refuse", "nicht annehmen, verweigern", `\brefus`, `nicht angenommen|verweiger`, `ab(ge)?lehn|zurück(ge)?w`),
		of("take back", "zurücknehmen", `\b(taken?|took|takes) (back|it back)|\brecalled`, `zurück(ge|zu)?n[aeo]`, `zurück(ge)?(zog|zieh|ruf)`),
		of("withdraw", "entziehen", `\bwithdr`, `entz[io]`, `zurück`),
		of("match", "abgleichen", `\bmatch (it|the code|what)|\bmatched|\bmatches requests|the match\b`,
			`abgleich|abgegl|gleich.* ab\b`, `zuordn|ordne`),
		of("reinstate", "wieder zulassen", `\breinstat`, `wieder zu(ge)?lass`, `freig|aktivier`),
		of("suspend", "aussetzen", `\bsuspend(s|ed|ing)?\b`, `aussetz|ausgesetzt`, `sperr.*ausge|pausier`),
		of("unlock", "entsperren", `\bunlock`, `entsperr`, `freisch|freig`),
		of("disable", "abschalten", `\b(client|app)\b.*\bdisabl`, `abschalt|abgeschalt`, `deaktiv|gesperrt`),
		of("sign out", "abmelden", `\bsign(ed)? out\b`, `abmeld|abgemeld|melde.* ab`, `ausgelogg|trenn`),
		of("ask for", "anfordern", `\bsecond person asked for|^Ask for a second|disconnections? asked`, `anforder|angefordert`, `bitte`),
	}
}

// verbatim quotes a word of the interface, and speaks of no act.
var verbatim = map[string]bool{"%s is none of active, suspended, locked, closed": true}

// One act has one word, in each language.
func TestOneActHasOneWord(t *testing.T) {
	for english, texts := range forms(t, "de") {
		for _, german := range texts {
			for _, a := range glossaryOfActs() {
				if verbatim[english] || !a.said.MatchString(english) {
					continue
				}
				if !a.word.MatchString(german) {
					t.Errorf("%q: to %s is %s: %q", english, a.english, a.german, german)
				}
				if a.not != nil && a.not.MatchString(german) && !otherActs(a, english) {
					t.Errorf("%q: to %s is %s, and not %q: %q", english, a.english, a.german, a.not.FindString(german), german)
				}
			}
		}
	}
}

// otherActs reports whether an English text speaks of another act as well, whose German may stand there.
func otherActs(but act, english string) bool {
	for _, a := range glossaryOfActs() {
		if a.english != but.english && a.said.MatchString(english) {
			return true
		}
	}
	return strings.Contains(english, "lock") || strings.Contains(english, "back")
}

// A German word that was chosen for an act stands for no other one.
func TestOneWordIsForOneAct(t *testing.T) {
	for _, word := range []struct{ german, english string }{
		{`(?i)\bwider?ruf`, `(?i)revok`},
		{`(?i)\bab(ge)?lehn(en|t|e)\b`, `(?i)declin|suspicious`},
		{`(?i)\b(ge)?trenn(en|t|e|ung)\b`, `(?i)disconnect|separat|The supervisors are asked|no device left`},
		{`(?i)\babmeld|\babgemeldet`, `(?i)sign(ed)? out`},
		{`(?i)\bfreigeb|\bfreigegeben|\bfreigabe`, `(?i)approv`},
		{`(?i)\babgleich|\babgeglichen`, `(?i)match`},
		{`(?i)\bentsperr`, `(?i)unlock|open(ed)? it again`},
	} {
		german, english := regexp.MustCompile(word.german), regexp.MustCompile(word.english)
		for key, texts := range forms(t, "de") {
			for _, text := range texts {
				if found := german.FindString(text); found != "" && !english.MatchString(key) {
					t.Errorf("%q: %q means another act: %q", key, found, text)
				}
			}
		}
	}
}

// Help uses the same words: what was not chosen stands on none of its pages.
func TestHelpUsesTheWordsOfActs(t *testing.T) {
	for tag, never := range map[string]string{
		"de": `(?i)\bwiderr?uf\w* (Sie )?(stattdessen )?(die Bindung|das Gerät)|\bgenehmig|\bzurückgewiesen|\bzurückzieh|\bkappen\b|\bum eine zweite Person bitten`,
		"en": `(?i)\bcut\b[^.]*\boff\b|\brevoke (the )?(binding|device)|\breject|\brecall(s|ed|ing)?\b|\bunlink`,
	} {
		refused := regexp.MustCompile(never)
		files, err := filepath.Glob("../docs/help/*." + tag + ".md")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range refused.FindAllString(string(text), -1) {
				t.Errorf("%s: %q is not the word of the glossary", file, word)
			}
		}
	}
}

// The glossary that people read has each act.
func TestGlossaryHasTheActs(t *testing.T) {
	page, err := os.ReadFile("../docs/decisions/0021-words.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range glossaryOfActs() {
		if row := "| " + a.english + " | " + a.german + " |"; !strings.Contains(string(page), row) {
			t.Errorf("the page has no row %q", row)
		}
	}
}

package views

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/language"
)

func TestSaySpeaksTheLanguageOfItsContext(t *testing.T) {
	words, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	german := words.In(context.Background(), words.Match("", "de-AT, en;q=0.5"))
	for _, test := range []struct {
		ctx  context.Context
		want string
	}{
		{german, "Abmelden"},
		{words.In(context.Background(), language.English), "Sign out"},
		{context.Background(), "Sign out"},
	} {
		if got := Say(test.ctx, "Sign out"); got != test.want {
			t.Errorf("%v: %q, want %q", LanguageOf(test.ctx), got, test.want)
		}
	}
	if tag := words.Match("", "fi, ja"); tag != language.English {
		t.Errorf("a reader of neither language is given %v", tag)
	}
}

// A language whose script runs from right to left turns the page around. Styles name no left and no right.
func TestPagesTurnAround(t *testing.T) {
	words := withHebrew(t)
	for tag, want := range map[language.Tag]string{language.Hebrew: "rtl", language.Arabic: "rtl", language.German: "ltr",
		language.English: "ltr"} {
		var page strings.Builder
		if err := SignInPage(Frame{Title: "A title"}, SignInProps{}).Render(words.In(t.Context(), tag), &page); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(page.String(), `<html lang="`+tag.String()+`" dir="`+want+`">`) {
			t.Errorf("%v: the page is not %s", tag, want)
		}
	}
	physical := regexp.MustCompile(`(margin|padding|border|scroll-margin|scroll-padding|overflow)-(left|right|x)|text-align: ?(left|right)|` +
		`[{; ](left|right|float|clear): ?|-(left|right)-radius|translateX|direction: ?row-reverse|background-position`)
	sides := regexp.MustCompile(`(?:padding|margin|inset|border-width|border-radius): ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);`)
	names, err := filepath.Glob("../static/*.css")
	if err != nil || len(names) < 2 {
		t.Fatalf("the style sheets are %v: %v", names, err)
	}
	for _, name := range names {
		style, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range physical.FindAllString(string(style), -1) {
			t.Errorf("%s: %q means one side of the screen, not of the text", name, found)
		}
		for _, found := range sides.FindAllStringSubmatch(string(style), -1) {
			if found[2] != found[4] {
				t.Errorf("%s: %q has another right than left", name, found[0])
			}
		}
	}
}

// The glossary of docs/decisions/0021: one German word for a thing, and none that means another.
func TestGermanKeepsToTheGlossary(t *testing.T) {
	never := regexp.MustCompile(`[Gg]enehmig|Anwesenheitsnachweis|verschlossen|Schalter daneben|Nachricht aufgegeben`)
	claim, locked, lock := regexp.MustCompile(`Bearbeitung`), regexp.MustCompile(`[Gg]esperrt|[Ss]perren`), regexp.MustCompile(`(?i)lock`)
	for english, texts := range forms(t, "de") {
		for _, german := range texts {
			if word := never.FindString(german); word != "" {
				t.Errorf("%q: %q is not a word of the glossary: %q", english, word, german)
			}
			if strings.Contains(german, "Besuch") && !strings.Contains(english, "your visit") { // a person's way to the counter
				t.Errorf("%q: a visit is a Vorgang: %q", english, german)
			}
			if claim.MatchString(german) && !strings.HasPrefix(english, "Being handled by") {
				t.Errorf("%q: a claim is a Reservierung: %q", english, german)
			}
			if locked.MatchString(german) && !lock.MatchString(english) {
				t.Errorf("%q: only what is locked is gesperrt: %q", english, german)
			}
			if strings.HasPrefix(english, "Reinstate") && !strings.Contains(strings.ToLower(german), "wieder zulassen") {
				t.Errorf("%q: freigeben is to approve: %q", english, german)
			}
		}
	}
}

// The glossary of docs/architecture.md §2: on pages one act has one word, and the trail's names of events are as plain as the pages.
func TestEnglishKeepsToTheGlossary(t *testing.T) {
	never := regexp.MustCompile(`(?i)\bcut\b.*\boff\b|\brecall(s|ed|ing)? (the|this|an?|your)|approvals? recalled|\b(is|was|be) recalled|binding (is )?revoked|` +
		`revoke the binding|device (authorization|binding)|superseded|repudiat|\bproofed (by|the)|identity proofed|spent code|stepped up|rows swept`)
	for english := range forms(t, "de") {
		if word := never.FindString(english); word != "" {
			t.Errorf("%q is a word that pages do not use: %q", word, english)
		}
	}
	for _, list := range forms(t, "en") {
		for _, english := range list {
			if word := never.FindString(english); word != "" {
				t.Errorf("%q is a word that pages do not use: %q", word, english)
			}
		}
	}
}

// What is kept as JSON is said as it would have been said at once.
func TestLaterIsKept(t *testing.T) {
	words, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	const many, expired, line = "There are more than %d networks: join them to larger ones.",
		"Expired on %s. An expired document cannot be used. Use another one, or choose Decline… below the form.",
		"Line %d cannot be read (%s). Scan again or type it."
	for _, c := range []struct {
		kept Later
		said func(context.Context) string
	}{
		{SayLater(many, 50), func(ctx context.Context) string { return Say(ctx, many, 50) }},
		{SayLater(expired, DayLater("2025-05-31")), func(ctx context.Context) string { return Say(ctx, expired, Day(ctx, "2025-05-31")) }},
		{SayLater(line, 2, SayLater("sex")), func(ctx context.Context) string { return Say(ctx, line, 2, Say(ctx, "sex")) }},
		{SayLater("%s is not a network. Write it like 192.0.2.0/24 or 2001:db8::/32, with nothing after the network’s own bits.", "12"),
			func(ctx context.Context) string {
				return Say(ctx, "%s is not a network. Write it like 192.0.2.0/24 or 2001:db8::/32, with nothing after the network’s own bits.", "12")
			}},
	} {
		kept, err := json.Marshal(c.kept)
		if err != nil {
			t.Fatal(err)
		}
		var later Later
		if err := json.Unmarshal(kept, &later); err != nil {
			t.Fatal(err)
		}
		for _, l := range words.Languages() {
			ctx, tag := words.In(t.Context(), l.Tag), l.Tag
			if got, want := later.In(ctx), c.said(ctx); got != want || strings.Contains(got, "%!") {
				t.Errorf("%s: %q, want %q", tag, got, want)
			}
		}
	}
}

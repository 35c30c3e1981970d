package guide_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/docs/help"
	"countersign/views"

	"golang.org/x/text/language"
)

// Who can be refused with which heading; only "everybody" is all of the staff.
var (
	everybody     = []string{"operator", "supervisor", "administrator"}
	operator      = []string{"operator"}
	supervisor    = []string{"supervisor"}
	secondPersons = []string{"operator", "supervisor"}
	holder        = []string{"phone"}
)

var refusals = map[string][]string{
	"This link does not work any more": holder,

	"You have no role here": everybody, "The organisation’s sign-in does not answer": everybody, "This sign-in is over": everybody,
	"The organisation’s sign-in is not set up for this server": everybody,
	"The sign-in did not work":                                 everybody, "You are signed out": everybody,
	"Your role does not allow this":    everybody,
	"This connection is not encrypted": everybody, "Something went wrong on our side": everybody, "This took too long": everybody,
	"This form came from another site": everybody, "There is nothing at this address": everybody,
	"This page cannot be opened that way": everybody, "That is too much text for this form": everybody,
	"The request was not understood": everybody, "The database is not available now": everybody, "Too many searches": everybody,
	"Too many requests": everybody, "Too many accounts listed": everybody,

	"Somebody else signed in": secondPersons, "The sign-in was not strong or fresh enough": secondPersons,
	"This reason is not in the list": secondPersons, "This is your own account": secondPersons,
	"Your sign-in does not say which account is your own": secondPersons, "Somebody else must look": secondPersons,
	"Look at the record first": secondPersons, "This visit no longer waits for an answer": secondPersons,
	"The device is disconnected already": secondPersons, "Too many customers’ records opened": secondPersons,
	"The device has used the approval already": secondPersons, "The approval was not used in time": secondPersons,
	"The approval was taken back": secondPersons, "Already decided by %s at %s": secondPersons,
	"The account’s holder said that it was not them": secondPersons, "This request has to be matched again": secondPersons,
	"It expired while this page was open; nothing was approved": secondPersons, "The account cannot be used now": secondPersons,

	"You caused this alert": supervisor, "You entered wrong codes for this account yourself": supervisor,

	"Open a counter first": operator, "This counter cannot be used from here": operator, "Only who matched and proofed may decide": operator,
	"This account has no visit with you now": operator, "The ID document is not checked yet": operator,
	"Only a supervisor can take this approval back now": operator, "Matching is locked for this account": operator,
	"The device’s own proof is missing": operator, "The app may have nothing of this any more": operator,
	"The document differs from the account’s record": operator, "The account’s record has changed": operator,
	"A second person must look first": operator, "No second person is needed": operator, "The app on this device is disabled": operator,
	"This account is not here any more": operator, "This visit is not here any more": operator, "Too many codes": operator,
	"Too many wrong codes": operator, "The app has disconnected itself": operator, "The app on this device was disabled": operator,
	"It ended together with other requests": operator, "Being handled by %s": operator, "Being handled by %s at %s": operator,
	"You hold it in another session": operator, "Too many disconnections asked for": operator,
}

// heading finds what stands over a page that refuses, as the sources say it.
var heading = regexp.MustCompile(
	`(?:[hH]eading(?::|\s*:?=)\s*|func (?:tooMany|decided)Heading\([^{]*\{|return )(?:say|views\.Say)\((?:ctx, )?"((?:[^"\\]|\\.)*)"`)

// Each refusal that a role can meet is named on its page of help, in each language, with what
// to do; and no refusal is forgotten here.
func TestHelpNamesEveryRefusal(t *testing.T) {
	found := map[string]bool{}
	for _, file := range []string{"web/*.go", "signin/*.go", "notices/not_me.go"} {
		for _, source := range read(t, file) {
			for _, match := range heading.FindAllStringSubmatch(source, -1) {
				if strings.Contains(match[0], "eading") || strings.HasPrefix(match[1], "Too many") || strings.HasPrefix(match[1], "Already decided") {
					found[match[1]] = true
				}
			}
		}
	}
	for _, title := range slices.Sorted(maps.Keys(found)) {
		if len(refusals[title]) == 0 {
			t.Errorf("%q: who can meet it?", title)
		}
	}
	for title, audiences := range refusals {
		if !found[title] {
			t.Errorf("no page has the heading %q", title)
		}
		for _, audience := range audiences {
			wantNamed(t, audience, "**"+title+"**")
		}
	}
}

// Each alert has its advice, each event its place, each reason to decline its explanation.
func TestHelpNamesEveryEventAndReason(t *testing.T) {
	for _, alert := range audit.AlertTypes() {
		definition, _ := audit.Lookup(alert)
		wantNamed(t, "supervisor", "- **"+definition.Title+"**")
	}
	for _, definition := range audit.Catalogue() {
		wantNamed(t, "supervisor", definition.Title)
	}
	for _, reason := range term.Declines() {
		wantNamed(t, "operator", "- **"+reason.Label()+"**")
	}
}

// Each key that a page has is explained.
func TestHelpNamesEveryKey(t *testing.T) {
	keys := regexp.MustCompile(`data-key="([^"]+)"|@section\(.*"(F\d+)"\)`)
	for _, source := range read(t, "../views/*.templ") {
		for _, match := range keys.FindAllStringSubmatch(source, -1) {
			for key := range strings.FieldsSeq(match[1] + " " + match[2]) {
				for _, tag := range []string{"en", "de"} {
					if text, _ := help.Text("operator", tag); !strings.Contains(string(text), "| "+key+" |") {
						t.Errorf("docs/help/operator.%s.md does not name %s", tag, key)
					}
				}
			}
		}
	}
}

// What help quotes is said so on the pages.
func TestHelpQuotesWhatIsSaid(t *testing.T) {
	var words map[string]any
	if err := json.Unmarshal([]byte(read(t, "../views/words/de.json")[0]), &words); err != nil {
		t.Fatal(err)
	}
	quoted := map[string]*regexp.Regexp{"en": regexp.MustCompile(`"([^"]+)"`), "de": regexp.MustCompile(`„([^“]+)“`)}
	said := map[string]map[string]bool{"en": {}, "de": {}}
	for english, german := range words {
		said["en"][strings.ReplaceAll(english, "’", "'")] = true
		if text, is := german.(string); is {
			said["de"][text] = true
		}
	}
	for _, audience := range help.Audiences() {
		for tag, quote := range quoted {
			text, _ := help.Text(audience, tag)
			for _, match := range quote.FindAllSubmatch(text, -1) {
				if words := string(match[1]); !said[tag][words] && !slices.Contains(ofOthers, words) {
					t.Errorf("%s.%s.md quotes %q, which no page says", audience, tag, words)
				}
			}
		}
	}
}

// ofOthers are quoted, and no words of pages.
var ofOthers = []string{"--practice", "administrator", "/readyz", "X-Forwarded-Proto: https"}

// wantNamed: the page of help has the text, in each language. What a page fills in is three
// dots.
func wantNamed(t *testing.T, audience, english string) {
	t.Helper()
	catalogue, err := views.LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []language.Tag{language.English, language.German} {
		text, there := help.Text(audience, tag.String())
		if !there {
			t.Fatalf("there is no help for %s in %s", audience, tag)
		}
		words := strings.Trim(english, "-*| ")
		said := views.Say(catalogue.In(context.Background(), tag), words, slices.Repeat([]any{"…"}, strings.Count(words, "%s"))...)
		if want := strings.ReplaceAll(english, words, said); !strings.Contains(string(text), want) {
			t.Errorf("docs/help/%s.%s.md does not name %s", audience, tag, want)
		}
	}
}

// read returns the sources that a pattern below handlers finds.
func read(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	var sources []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, string(source))
	}
	return sources
}

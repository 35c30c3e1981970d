package audit

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the catalogue in docs/events.md")

const (
	eventsPage       = "../docs/events.md"
	catalogueHeading = "## The catalogue\n"
)

// The page's part from catalogueHeading on is the catalogue, word for word.
func TestEventsPageIsTheCatalogue(t *testing.T) {
	page := readEventsPage(t)
	intro, got, found := strings.Cut(page, catalogueHeading)
	if !found {
		t.Fatalf("no heading %q", catalogueHeading)
	}
	want := catalogueText(t)
	if *update {
		if err := os.WriteFile(eventsPage, []byte(intro+catalogueHeading+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Error("docs/events.md differs from the catalogue: go test ./audit -run EventsPage -update")
	}
}

func readEventsPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(eventsPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestEventsPageNamesNoOtherType(t *testing.T) {
	page := readEventsPage(t)
	named := regexp.MustCompile(`(?m)^### ([a-z-]+)$|/secevent/event-type/([a-z-]+)`).FindAllStringSubmatch(page, -1)
	seen := map[Type]bool{}
	for _, match := range named {
		typ := Type(match[1] + match[2])
		seen[typ] = true
		if _, ok := Lookup(typ); !ok {
			t.Errorf("there is no event type %s", typ)
		}
	}
	if len(seen) != len(Catalogue()) {
		t.Errorf("%d of %d types", len(seen), len(Catalogue()))
	}
}

func TestEventsPageExplainsEveryFact(t *testing.T) {
	var explained []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(readEventsPage(t), -1) {
		explained = append(explained, match[1])
	}
	if want := append(allFacts(), factSeq); !slices.Equal(sorted(explained), sorted(want)) {
		t.Errorf("explained %v\nfacts     %v", sorted(explained), sorted(want))
	}
}

// The example is a SET as Append writes it, and fits its schema.
func TestEventsPageExample(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(readEventsPage(t), 2)
	if header := decodeJSON(t, []byte(blocks[0][1])); !maps.Equal(header.(map[string]any),
		map[string]any{"alg": "ES256", "kid": "audit-2026-05", "typ": "secevent+jwt"}) {
		t.Errorf("header %v", header)
	}
	if err := validate(t, schemaOf(t, DeviceBindingApproved), decodeJSON(t, []byte(blocks[1][1])), "example"); err != nil {
		t.Error(err)
	}
	c, err := parseClaims([]byte(blocks[1][1]))
	if err != nil {
		t.Fatal(err)
	}
	v := &Judge{issuer: testIssuer}
	if _, err := v.event(1042, c); err != nil {
		t.Error(err)
	}
}

// catalogueText is the page's part that is made from the catalogue.
func catalogueText(t *testing.T) string {
	var b strings.Builder
	for _, d := range Catalogue() {
		fmt.Fprintf(&b, "\n### %s\n\n**%s.** %s\n\n", d.Type, d.Title, d.Doc)
		fmt.Fprintf(&b, "- Actor: %s\n- Subject: %s\n", actorText(d), subjectText(d))
		if d.NeedsThumbprint {
			b.WriteString("- Device: with its `key_thumbprint`\n")
		}
		fmt.Fprintf(&b, "- Required facts: %s\n- Optional facts: %s\n%s\n", factList(d.Required), optionalText(d), wordsText(d))
		fmt.Fprintf(&b, "<details><summary>JSON schema</summary>\n\n```json\n%s\n```\n\n</details>\n", layout(t, schemaOf(t, d.Type), ""))
	}
	return b.String()
}

func subjectText(d Definition) string {
	switch {
	case d.NeedsSubject:
		return "always"
	case d.RefusesSubject:
		return "never"
	}
	return "when known"
}

func actorText(d Definition) string {
	text := strings.Join(d.Actors, ", ")
	if len(d.Systems) == 0 {
		return text
	}
	var names []string
	for _, system := range d.Systems {
		names = append(names, string(system))
	}
	return text + " (" + factList(names) + ")"
}

// optionalText lists the optional facts, and what lies beside the log of an event.
func optionalText(d Definition) string {
	text := factList(d.Optional)
	if len(d.Details) > 0 {
		text += "\n- Details: " + factList(d.Details)
	}
	if len(d.Former) > 0 {
		text += "\n- Facts of older events: " + factList(d.Former)
	}
	return text
}

// wordsText lists the words of each fact that has a closed set.
func wordsText(d Definition) string {
	var b strings.Builder
	for _, fact := range slices.Sorted(maps.Keys(d.Words)) {
		var values []string
		for _, word := range d.Words[fact] {
			values = append(values, word.Value)
		}
		joined := ""
		if fact == factReason && d.JoinsReasons {
			joined = ", one or more of them, in this order"
		}
		fmt.Fprintf(&b, "- Words of `%s`%s: %s\n", fact, joined, factList(values))
	}
	return b.String()
}

func factList(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// layout writes a schema with what fits on a line on one line.
func layout(t *testing.T, v any, indent string) string {
	t.Helper()
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	object, ok := v.(map[string]any)
	if !ok || len(indent)+len(line) < 220 {
		return string(line)
	}
	var members []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		members = append(members, fmt.Sprintf("%s  %q: %s", indent, name, layout(t, object[name], indent+"  ")))
	}
	return "{\n" + strings.Join(members, ",\n") + "\n" + indent + "}"
}

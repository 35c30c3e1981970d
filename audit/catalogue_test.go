package audit

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/audit/term"
)

func TestCatalogueIsSound(t *testing.T) {
	seen := map[Type]bool{}
	for _, d := range Catalogue() {
		if seen[d.Type] {
			t.Errorf("%s is defined twice", d.Type)
		}
		seen[d.Type] = true
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`).MatchString(string(d.Type)) {
			t.Errorf("%s is not a short name", d.Type)
		}
		if d.Title == "" || !strings.HasSuffix(d.Doc, ".") {
			t.Errorf("%s: title %q, doc %q", d.Type, d.Title, d.Doc)
		}
		if len(d.Actors) == 0 || !slices.Contains(d.Required, factActor) {
			t.Errorf("%s: nobody causes it", d.Type)
		}
		if d.NeedsThumbprint && !slices.Contains(d.Required, factDevice) {
			t.Errorf("%s needs the thumbprint of no device", d.Type)
		}
		if d.NeedsSubject && d.RefusesSubject {
			t.Errorf("%s both needs and refuses a subject", d.Type)
		}
		names := slices.Concat(d.Required, d.Optional)
		for i, name := range names {
			if !slices.Contains(allFacts(), name) || slices.Contains(names[:i], name) {
				t.Errorf("%s: fact %s is unknown or named twice", d.Type, name)
			}
		}
	}
	for _, typ := range AlertTypes() {
		if !seen[typ] {
			t.Errorf("the alert %s is not in the catalogue", typ)
		}
	}
	if len(seen) != 90 {
		t.Errorf("%d types", len(seen))
	}
}

func TestEveryFactHasAShapeAndAMember(t *testing.T) {
	var members []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[setFacts]()) {
		tag := field.Tag.Get("json")
		if field.Anonymous || tag == "-" {
			continue
		}
		name, found := strings.CutSuffix(tag, ",omitempty")
		if !found {
			t.Errorf("fact %s is not left out when unset", tag)
		}
		members = append(members, name)
	}
	if want := allFacts(); !slices.Equal(sorted(members), sorted(want)) {
		t.Errorf("members %v, facts %v", members, want)
	}
	for _, name := range members {
		if _, refusesAll := factSchema(Definition{}, name)["not"]; refusesAll {
			t.Errorf("fact %s has no shape", name)
		}
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

func TestLookup(t *testing.T) {
	for _, d := range Catalogue() {
		if got, ok := Lookup(d.Type); !ok || got.Title != d.Title {
			t.Errorf("Lookup(%s) = %q, %t", d.Type, got.Title, ok)
		}
	}
	if _, ok := Lookup("code-guessed"); ok {
		t.Error("an unknown type was found")
	}
}

// A fact whose values are a closed set has its words wherever a type takes it, and only
// there; and parts of the server cause what the server may.
func TestEveryClosedSetIsNamed(t *testing.T) {
	closed := []string{factReason, factPresence, factEntered, factDocumentRead, factQueryKind, factRoles}
	for _, d := range Catalogue() {
		for _, fact := range closed {
			if d.takes(fact) != (len(d.Words[fact]) > 0) {
				t.Errorf("%s: %s has the words %v", d.Type, fact, d.Words[fact])
			}
		}
		for fact := range d.Words {
			if !slices.Contains(closed, fact) {
				t.Errorf("%s: %s is no closed set", d.Type, fact)
			}
		}
		if slices.Contains(d.Actors, ActorSystem) != (len(d.Systems) > 0) {
			t.Errorf("%s: caused by %v, of the server by %v", d.Type, d.Actors, d.Systems)
		}
	}
}

// The table is built once, and no caller of Catalogue can change it.
func TestLookupIsATable(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Lookup(DecisionRefused) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	before, _ := Lookup(DecisionRefused)
	want := before.Words[factReason][0]
	for _, d := range Catalogue() {
		d.Required[0] = "changed"
		for fact := range d.Words {
			d.Words[fact][0] = term.Word{}
		}
	}
	after, _ := Lookup(DecisionRefused)
	if after.Required[0] != factActor || after.Words[factReason][0] != want {
		t.Errorf("changed to %v %v", after.Required, after.Words[factReason][0])
	}
}

func TestTypeURI(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://countersign.example":         "https://countersign.example/secevent/event-type/code-matched",
		"https://countersign.example/":        "https://countersign.example/secevent/event-type/code-matched",
		"https://countersign.example:8443/as": "https://countersign.example:8443/secevent/event-type/code-matched",
		"http://127.0.0.1:8080":               "http://127.0.0.1:8080/secevent/event-type/code-matched",
	} {
		if got := TypeURI(issuer, CodeMatched); got != want {
			t.Errorf("TypeURI(%s) = %s", issuer, got)
		}
	}
}

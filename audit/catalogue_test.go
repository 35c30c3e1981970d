package audit

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
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
	if len(seen) != 62 {
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

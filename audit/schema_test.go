package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"
)

// The schema and the check are two readings of the catalogue: for every type
// they accept and refuse the same claims.
func TestSchemaAgreesWithTheCheck(t *testing.T) {
	for _, d := range Catalogue() {
		for name, e := range variants(d) {
			members, err := factMembers(e.Facts)
			if err != nil {
				t.Fatal(err)
			}
			verdict := check(d, e.Subject, e.Transaction, members)
			claims, err := json.Marshal(newClaims(testIssuer, "jti-1", 7, testTime, e, members))
			if err != nil {
				t.Fatal(err)
			}
			if refused := validate(t, schemaOf(t, d.Type), decodeJSON(t, claims), "claims"); (refused == nil) != (verdict == nil) {
				t.Errorf("%s %s: schema says %v, check says %v", d.Type, name, refused, verdict)
			}
		}
	}
}

// variants are events of d that are right or wrong in one thing.
func variants(d Definition) map[string]Event {
	all := slices.Concat(d.Required, d.Optional)
	events := map[string]Event{"minimal": example(d, d.Required), "full": example(d, all)}
	for i, name := range d.Required {
		events["without "+name] = example(d, slices.Delete(slices.Clone(d.Required), i, i+1))
	}
	for _, name := range allFacts() {
		if !slices.Contains(all, name) {
			events["with "+name] = example(d, append(slices.Clone(d.Required), name))
		}
	}
	for _, subject := range []string{"", "acc_41", "Anna Eriksson"} {
		e := example(d, d.Required)
		e.Subject = subject
		events["subject "+subject] = e
	}
	for _, actor := range []Actor{{}, {Staff: "staff_7"}, {Client: "client_5"}, {System: "server"}, {System: "command"},
		{Staff: "a", Client: "b"}} {
		e := example(d, d.Required)
		e.Facts.Actor = &actor
		events[fmt.Sprintf("actor %+v", actor)] = e
	}
	for _, phone := range []device{
		{Client: "client_5"}, {KeyThumbprint: testThumbprint}, {Client: "a b"}, {Client: "a", KeyThumbprint: "short"},
	} {
		e := example(d, d.Required)
		e.Facts.Client, e.Facts.KeyThumbprint = phone.Client, phone.KeyThumbprint
		events[fmt.Sprintf("device %+v", phone)] = e
	}
	e := example(d, all)
	e.Transaction, e.Facts.Reason, e.Facts.Session = "visit_9", "Because.", "a b"
	events["odd values"] = e
	for _, reason := range []string{"other", "suspicious", "own account", "name networks", "networks name", "name name", "unheard of"} {
		e := example(d, all)
		e.Facts.Reason = reason
		events["reason "+reason] = e
	}
	return events
}

func schemaOf(t *testing.T, typ Type) any {
	t.Helper()
	b, err := Schema(testIssuer, typ)
	if err != nil {
		t.Fatal(err)
	}
	return decodeJSON(t, b)
}

func decodeJSON(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaOfUnknownType(t *testing.T) {
	var invalid *InvalidEventError
	if _, err := Schema(testIssuer, "device-binding-stolen"); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}

func TestSchemaNamesItsType(t *testing.T) {
	s := schemaOf(t, CodeMatched).(map[string]any)
	if s["$id"] != "https://countersign.example/secevent/event-type/code-matched" || s["title"] != "Code matched" {
		t.Errorf("%v %v", s["$id"], s["title"])
	}
}

// validate is as much of JSON Schema as our schemas use; a keyword that it does
// not know fails the test.
func validate(t *testing.T, s, v any, at string) error {
	t.Helper()
	for keyword, want := range s.(map[string]any) {
		if err := keywordError(t, keyword, want, v, at); err != nil {
			return err
		}
	}
	return validateMembers(t, s.(map[string]any), v, at)
}

func keywordError(t *testing.T, keyword string, want, v any, at string) error {
	t.Helper()
	holds := true
	switch keyword {
	case "$schema", "$id", "title", "description", "properties", "items", "additionalProperties":
	case "type":
		holds = hasType(v, want.(string))
	case "const":
		holds = v == want
	case "enum":
		holds = slices.Contains(want.([]any), v)
	case "pattern":
		holds = regexp.MustCompile(want.(string)).MatchString(v.(string))
	case "minimum":
		holds = v.(float64) >= want.(float64)
	case "minLength":
		holds = len(v.(string)) >= int(want.(float64))
	case "minItems":
		holds = len(v.([]any)) >= int(want.(float64))
	case "minProperties":
		holds = len(v.(map[string]any)) >= int(want.(float64))
	case "maxProperties":
		holds = len(v.(map[string]any)) <= int(want.(float64))
	case "required":
		for _, name := range want.([]any) {
			_, ok := v.(map[string]any)[name.(string)]
			holds = holds && ok
		}
	default:
		t.Fatalf("unknown keyword %s", keyword)
	}
	if !holds {
		return fmt.Errorf("%s: %s %v", at, keyword, want)
	}
	return nil
}

func hasType(v any, want string) bool {
	switch v := v.(type) {
	case string:
		return want == "string"
	case float64:
		return want == "number" || want == "integer" && v == math.Trunc(v)
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}

func validateMembers(t *testing.T, s map[string]any, v any, at string) error {
	t.Helper()
	list, _ := v.([]any)
	for _, item := range list {
		if err := validate(t, s["items"], item, at+"[]"); err != nil {
			return err
		}
	}
	object, _ := v.(map[string]any)
	properties, _ := s["properties"].(map[string]any)
	for name, member := range object {
		property, ok := properties[name]
		if !ok {
			return fmt.Errorf("%s: additional %s", at, name)
		}
		if err := validate(t, property, member, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
)

// check holds an event against its definition: a subject where one belongs,
// every required fact, no fact beyond the catalogue, every value of its shape.
// facts are the members of the event's payload without seq. The answer is nil
// or an *InvalidEventError.
func check(d Definition, subject, transaction string, facts jsonMembers) error {
	err := cmp.Or(
		checkSubject(d, subject),
		checkTransaction(transaction),
		checkNames(d, facts),
		checkValues(d, facts),
	)
	if err != nil {
		return &InvalidEventError{Type: d.Type, Reason: err.Error()}
	}
	return nil
}

func checkSubject(d Definition, subject string) error {
	switch {
	case subject == "" && d.NeedsSubject:
		return fmt.Errorf("subject missing")
	case subject != "" && d.RefusesSubject:
		return fmt.Errorf("unexpected subject")
	case subject != "" && !fits(identifierShape, subject):
		return fmt.Errorf("subject does not look like an account identifier")
	}
	return nil
}

func checkTransaction(transaction string) error {
	if transaction != "" && !fits(identifierShape, transaction) {
		return fmt.Errorf("transaction does not look like one")
	}
	return nil
}

func checkNames(d Definition, facts jsonMembers) error {
	for _, name := range d.Required {
		if _, ok := facts[name]; !ok {
			return fmt.Errorf("required fact %s missing", name)
		}
	}
	var unexpected []string
	for name := range facts {
		if !d.takes(name) && !slices.Contains(d.Former, name) {
			unexpected = append(unexpected, name)
		}
	}
	if len(unexpected) > 0 {
		return fmt.Errorf("unexpected fact %q", slices.Min(unexpected))
	}
	return nil
}

func checkValues(d Definition, facts jsonMembers) error {
	wrong := map[string]error{}
	for name, value := range facts {
		if err := checkFact(d, name, value); err != nil {
			wrong[name] = err
		}
	}
	if len(wrong) > 0 { // the same complaint every time
		return wrong[slices.Min(slices.Collect(maps.Keys(wrong)))]
	}
	return nil
}

// sortedNames gives the same first complaint every time.
func sortedNames(members jsonMembers) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

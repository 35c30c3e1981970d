package views

import (
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// docs/counter.md §1: each screen of a visit begins where its work begins, and where
// a stray Enter would do harm at the heading. What is to be mended comes first.
func TestWhereTheKeyboardBegins(t *testing.T) {
	frame, wrong := Frame{Title: "A title"}, Frame{Title: "A title", Errors: []FieldError{{Message: "Choose a reason."}}}
	counters := []CounterChoice{{ID: "one"}, {ID: "two"}}
	waiting := AccountProps{Requests: make([]WaitingRequest, 1)}
	for name, test := range map[string]struct {
		page templ.Component
		want string // an id, else an element's name
	}{
		"open a counter":             {OpenCounterPage(frame, OpenCounterProps{Counters: counters}), "counter"},
		"open the last counter":      {OpenCounterPage(frame, OpenCounterProps{Counters: counters, Chosen: "two"}), "counter-2"},
		"open a counter, none taken": {OpenCounterPage(wrong, OpenCounterProps{Counters: counters}), "div"},
		"counter":                    {CounterPage(frame, CounterProps{}), "identifier"},
		"match":                      {AccountPage(frame, waiting), "user_code"},
		"match, wrong code":          {AccountPage(wrong, waiting), "user_code"},
		"nothing to match":           {AccountPage(frame, AccountProps{}), "h1"},
		"document":                   {ProofPage(frame, ProofProps{}), "scan"},
		"decide":                     {DecidePage(frame, DecideProps{}), "heading"},
		"decide, no reason":          {DecidePage(wrong, DecideProps{}), "div"},
		"decline":                    {DeclinePage(frame, DeclineProps{}), "h1"},
		"decline, no reason":         {DeclinePage(wrong, DeclineProps{}), "div"},
		"receipt":                    {ReceiptPage(frame, ReceiptProps{}), "heading"},
		"receipt, no reason":         {ReceiptPage(wrong, ReceiptProps{MayRecall: true}), "div"},
		"declined":                   {DeclinedPage(frame, DeclinedProps{}), "heading"},
		"conflict":                   {ErrorPage(frame, ErrorProps{Heading: "Already decided"}), "h1"},
		"step-up":                    {StepUpPage(frame, StepUpProps{}), "h1"},
	} {
		var begins []string
		for _, node := range elements(parse(t, render(t, test.page))) {
			if !has(node, "autofocus") && !has(node, "data-focus") {
				continue
			}
			if id := attribute(node, "id"); id != "" {
				begins = append(begins, id)
			} else {
				begins = append(begins, node.Data)
			}
		}
		if len(begins) != 1 || begins[0] != test.want {
			t.Errorf("%s: the keyboard begins at %q, want %s", name, begins, test.want)
		}
	}
}

// Without scripts a scan would press what has the focus: no button, box or choice takes it
// by itself. data-focus is for static/scanner.js, which keeps a scan from pressing anything.
func TestNothingToPressTakesTheFocus(t *testing.T) {
	eachPage(t, func(t *testing.T, _ string, page *html.Node) {
		for _, node := range elements(page, "button", "a", "select", "summary", "input") {
			if has(node, "autofocus") && attribute(node, "type") != "text" {
				t.Errorf("%s %q takes the focus", node.Data, attribute(node, "name"))
			}
		}
	})
}

package views

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestStructure(t *testing.T) {
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		for _, once := range []string{"h1", "main", "header", "title"} {
			if got := len(elements(page, once)); got != 1 {
				t.Errorf("%d %s elements, want 1", got, once)
			}
		}
		if attribute(elements(page, "html")[0], "lang") == "" {
			t.Error("the page has no language")
		}
		for _, table := range elements(page, "table") {
			if len(elements(table, "caption")) != 1 {
				t.Error("a table has no caption")
			}
		}
		for _, head := range elements(page, "th") {
			if attribute(head, "scope") == "" {
				t.Error("a table heading has no scope")
			}
		}
		if first := elements(elements(page, "body")[0], "a")[0]; attribute(first, "href") != "#main" {
			t.Error("the skip link does not come first")
		}
	})
}

func TestFieldsAreLabelled(t *testing.T) {
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		var labelled []string
		for _, label := range elements(page, "label") {
			labelled = append(labelled, attribute(label, "for"))
		}
		for _, field := range elements(page, "input", "select", "textarea") {
			if attribute(field, "type") != "hidden" && !slices.Contains(labelled, attribute(field, "id")) {
				t.Errorf("the field %q has no label", attribute(field, "name"))
			}
		}
	})
}

func TestReferencesHaveTargets(t *testing.T) {
	eachPage(t, func(t *testing.T, source string, page *html.Node) {
		checkReferences(t, page)
	})
}

func checkReferences(t *testing.T, page *html.Node) {
	t.Helper()
	var ids []string
	for _, n := range elements(page) {
		if id := attribute(n, "id"); id != "" {
			if slices.Contains(ids, id) {
				t.Errorf("the id %q is there twice", id)
			}
			ids = append(ids, id)
		}
	}
	for _, n := range elements(page) {
		references := strings.Fields(attribute(n, "aria-describedby") + " " + attribute(n, "aria-labelledby"))
		if target, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok {
			references = append(references, target)
		}
		for _, id := range references {
			if !slices.Contains(ids, id) {
				t.Errorf("%s points to %q, which is not there", n.Data, id)
			}
		}
	}
}

// Every error is in the summary, linked to its field, and beside the field.
func TestErrorsAreLinked(t *testing.T) {
	tests := []struct {
		name   string
		fields []string
		render func(Frame) string
	}{
		{"open a counter", []string{"counter"}, func(f Frame) string {
			return render(t, OpenCounterPage(f, props[OpenCounterProps](full)))
		}},
		{"search", []string{"identifier"}, func(f Frame) string {
			return render(t, CounterPage(f, CounterProps{}))
		}},
		{"match", []string{"user_code"}, func(f Frame) string {
			return render(t, AccountPage(f, AccountProps{Requests: make([]WaitingRequest, 1)}))
		}},
		{"proof", []string{"scan", "document_type", "document_issuer", "document_expiry", "document_number", "document_born", "name_matches",
			"name_reason", "birth_matches", "photo_matches", "document_handled"}, func(f Frame) string {
			return render(t, ProofPage(f, ProofProps{Types: []Choice{{Value: "passport", Label: "Passport", Needs: "photo born"}}}))
		}},
		{"decide", []string{"reason"}, func(f Frame) string { return render(t, DecidePage(f, DecideProps{})) }},
		{"decline", []string{"reason"}, func(f Frame) string { return render(t, DeclinePage(f, DeclineProps{})) }},
		{"recall", []string{"reason"}, func(f Frame) string {
			return render(t, ReviewRequestPage(f, ReviewRequestProps{MayRecall: true}))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			frame := Frame{Title: "A title"}
			for _, field := range test.fields {
				frame.Errors = append(frame.Errors, FieldError{Field: field, Message: "Mend " + field})
			}
			source := test.render(frame)
			checkReferences(t, parse(t, source))
			if !strings.Contains(source, "<title>Error: ") {
				t.Error("the title does not say that there is an error")
			}
			for _, field := range test.fields {
				if got := strings.Count(source, "Mend "+field); got != 2 {
					t.Errorf("the message for %s is shown %d times, want 2", field, got)
				}
			}
		})
	}
}

// What was typed is kept when something is to mend, except a code.
func TestProofKeepsWhatWasTyped(t *testing.T) {
	form := ProofForm{DocumentType: "passport", DocumentIssuer: "NLD", DocumentExpiry: "2030-05-31", DocumentNumber: "SPECI2014",
		NameMatches: ResultMatches, DocumentName: "Ada Byron", BirthMatches: ResultDiffers, PhotoMatches: true, DocumentHandled: true}
	page := parse(t, render(t, ProofPage(Frame{Title: "A title"}, ProofProps{Form: form, Types: DocumentTypes(t.Context())})))
	var kept []string
	for _, input := range elements(page, "input") {
		if attribute(input, "type") == "text" || has(input, "checked") {
			kept = append(kept, attribute(input, "name")+"="+attribute(input, "value"))
		}
	}
	want := []string{"document_type=passport", "document_issuer=NLD", "document_expiry=2030-05-31", "document_number=SPECI2014",
		"name_matches=matches", "document_name=Ada Byron", "birth_matches=differs", "photo_matches=yes", "document_handled=yes"}
	if !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
}

func TestEmptyStates(t *testing.T) {
	frame := Frame{Title: "A title"}
	tests := []struct{ source, want string }{
		{render(t, OpenCounterPage(frame, OpenCounterProps{})), "No counters are set up. Ask an administrator."},
		{render(t, AccountPage(frame, AccountProps{})), "No request is waiting for this account."},
		{render(t, EventsPage(frame, EventsProps{})), "Nothing has happened yet."},
		{render(t, VerificationPage(frame, VerificationProps{})), "No counters are listed."},
		{render(t, CounterPage(frame, CounterProps{Searched: true, Identifier: "abc"})), "No account begins with"},
		{render(t, AccountPage(Frame{Errors: []FieldError{WrongCode(t.Context(), 2)}}, AccountProps{})),
			"Not the code for this account. 2 tries left."},
		{render(t, AccountPage(Frame{Errors: []FieldError{WrongCode(t.Context(), 1)}}, AccountProps{})),
			"Not the code for this account. 1 try left."},
	}
	for _, test := range tests {
		if !strings.Contains(test.source, test.want) {
			t.Errorf("the page does not say %q", test.want)
		}
	}
}

// docs/counter.md §6: what is not started does not look like what is, on each page of a visit.
func TestStepsOfTheVisit(t *testing.T) {
	frame := Frame{Title: "A title"}
	pages := map[string]string{
		"Now, Not started, Not started":              render(t, AccountPage(frame, AccountProps{Requests: make([]WaitingRequest, 1)})),
		"Done, Now, Not started":                     render(t, ProofPage(frame, ProofProps{})),
		"Done, Done, Now":                            render(t, DecidePage(frame, DecideProps{})),
		"Done: the device proved its key, Done, Now": render(t, DecidePage(frame, DecideProps{Visit: Visit{Proved: true}})),
		"": render(t, AccountPage(frame, AccountProps{})),
	}
	for want, source := range pages {
		var states []string
		for _, span := range elements(parse(t, source), "span") {
			if attribute(span, "class") == "step-state" {
				states = append(states, span.FirstChild.Data)
			}
		}
		if got := strings.Join(states, ", "); got != want {
			t.Errorf("the steps are %q, want %q", got, want)
		}
	}
}

// Nothing can be matched when it must not be.
func TestNoCodeEntry(t *testing.T) {
	waiting := make([]WaitingRequest, 1)
	tests := map[string]AccountProps{
		"nothing waits": {},
		"locked":        {Requests: waiting, Locked: true},
		"own account":   {Requests: waiting, OwnAccount: true},
		"suspended":     {Requests: waiting, Account: AccountFacts{NotActive: true}},
	}
	for name, p := range tests {
		source := render(t, AccountPage(Frame{Title: "A title"}, p))
		if strings.Contains(source, `name="user_code"`) {
			t.Errorf("%s: a code can be entered", name)
		}
		if offered := strings.Contains(source, "See whether it is there"); offered != (name == "nothing waits") {
			t.Errorf("%s: to look for a new request is offered: %t", name, offered)
		}
	}
}

// Why nothing can be approved is said as it is: suspended, locked or closed.
func TestStatusIsNamed(t *testing.T) {
	for _, status := range []string{"suspended", "locked", "closed"} {
		p := AccountProps{Requests: make([]WaitingRequest, 1), Account: AccountFacts{Status: status, NotActive: true}}
		if !strings.Contains(render(t, AccountPage(Frame{Title: "A title"}, p)), "This account is "+status+". Nothing can be approved for it.") {
			t.Errorf("the page does not say that the account is %s", status)
		}
	}
}

// The ways out of the document's page come in the order in which they are wanted.
func TestProofOrder(t *testing.T) {
	source := render(t, ProofPage(Frame{Title: "A title"}, props[ProofProps](full)))
	order := []string{"<h1", `name="scan"`, `name="document_type"`, `name="document_handled"`, ">Continue<", ">Decline…<", "/release"}
	for i := 1; i < len(order); i++ {
		if first, second := strings.Index(source, order[i-1]), strings.Index(source, order[i]); first < 0 || first >= second {
			t.Errorf("%s does not come before %s", order[i-1], order[i])
		}
	}
}

// Nobody is stranded on an error page.
func TestErrorPagesLeadHome(t *testing.T) {
	for _, p := range []ErrorProps{{}, {LinkText: "New customer", LinkURL: PathCounter}, {LinkText: "To the start", LinkURL: PathHome}} {
		home := 0
		for _, link := range elements(parse(t, render(t, ErrorPage(Frame{Title: "A title"}, p))), "a") {
			if attribute(link, "href") == PathHome {
				home++
			}
		}
		if home != 1 {
			t.Errorf("%+v: %d links home", p, home)
		}
	}
}

// console.js reads out one text of a part that refreshes, the first: that somebody looks at
// the visit meanwhile belongs to it.
func TestWhoLooksIsAnnounced(t *testing.T) {
	props := DecideProps{SecondApproval: SecondApprovalPart{Needed: []string{"account"}, State: SecondApprovalWaiting, At: "14:02",
		LookedBy: "Sam Supervisor",
		LookedAt: "14:03"}}
	said, texts := "", 0
	for _, node := range elements(parse(t, render(t, secondApprovalPart(props))), "p") {
		if has(node, "data-announce") {
			said, texts = node.FirstChild.Data, texts+1
		}
	}
	if texts != 1 || !strings.Contains(said, "Waiting for a second person") || !strings.Contains(said, "opened the record at 14:03.") {
		t.Errorf("%d texts are announced, the last is %q", texts, said)
	}
}

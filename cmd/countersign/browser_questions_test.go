package main

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// Each question of supervisors and administrators is answered by links, buttons and fields alone, from the page after signing in, by as
// many clicks and filled fields as stand beside it: three clicks at most. What is read are names and figures of one known morning.
func TestQuestionsInFewClicks(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	w.morning()
	reader, runner := w.as(supervisor), w.as(administrator)
	w.sealed()
	askAll(t, reader, []question{
		{"what did this operator do today", 2, 0, operatorToday},
		{"which counter sees most wrong codes", 2, 0, mostWrongCodes},
		{"how was this counter's week", 2, 0, counterWeek},
		{"what happened to this account", 2, 0, accountStory},
		{"all declines of a reason", 3, 0, declinesOfReason},
		{"approvals by code only", 1, 2, approvalsByCodeOnly},
		{"everything of one operator between two times at one counter", 2, 3, betweenTimes},
		{"the same, whatever the counter", 2, 3, withoutOneFilter},
		{"is this event genuine", 1, 0, eventGenuine},
		{"how many visits each hour", 3, 0, visitsByHour},
		{"take an alert, write a note, close it", 3, 2, w.closeAlert},
		{"what happened to the account of this customer number", 2, 1, accountByNumber},
		{"who decided this request, and how long did each step take", 1, 0, requestSteps},
		{"export what is filtered", 2, 1, exportFiltered},
	})
	w.sealed()
	askAll(t, runner, []question{{"is the log's head current", 1, 0, logCurrent}})
}

// morning is what is asked about. At the town hall: Grace approved by her code, Anna by her phone's proof, one customer left, one request
// was suspicious, and one code was wrong. At the clinic, an hour later, two were.
func (w *tour) morning() {
	w.t.Helper()
	b := w.as(demoOperator)
	visit := func(hint, phone string, shown func() string) {
		w.t.Helper()
		b.search(hint)
		b.match(shown())
		w.advance(2 * time.Minute)
		document := goodDocument()
		document.Set("document_number", "XA44"+hint[len(hint)-4:])
		b.proof(document)
		w.advance(40 * time.Second)
	}
	decline := func(reason term.Decline) {
		w.t.Helper()
		b.submit("[action$='/decline']", url.Values{"reason": {string(reason)}})
		w.advance(time.Minute)
	}
	code := func(hint, name string) func() string {
		phone := w.ask(hint, name, "")
		w.advance(time.Minute)
		return func() string { return codeOf(phone) }
	}
	visit("C-100248", "Grace’s phone", code("C-100248", "Grace’s phone"))
	b.submit("[action$='/approve']", nil)
	anna := w.ask(demoHint, "Anna’s phone", "")
	visit(demoHint, "Anna’s phone", func() string {
		proof, err := anna.Presence(w.now())
		b.must(err)
		return proof.Reveal()
	})
	b.submit("[action$='/approve']", nil)
	visit("C-100322", "Björk’s phone", code("C-100322", "Björk’s phone"))
	decline(term.DeclineCustomerLeft)
	visit("C-100252", "Małgorzata’s phone", code("C-100252", "Małgorzata’s phone"))
	decline(term.DeclineSuspicious)
	w.ask("C-100358", "Talia’s phone", "")
	w.wrong(demoOperator, demoCounter, "BBBB-BBBB")
	w.advance(time.Hour)
	w.wrong(colleague, quayside, "CCCC-CCCC", "DDDD-DDDD")
}

// wrong enters codes for Talia's account that are not hers.
func (w *tour) wrong(operator, counter string, codes ...string) {
	w.t.Helper()
	o := w.operatorAt(operator, counter)
	for _, code := range codes {
		if err := o.Search(w.t.Context(), "C-100358"); err != nil {
			w.t.Fatal(err)
		}
		_ = o.Match(w.t.Context(), code) // is refused
	}
}

// sealed waits until the newest checkpoint has all that has happened.
func (w *tour) sealed() {
	w.t.Helper()
	newest, err := w.store.SearchTrail(w.t.Context(), audit.Filter{Limit: 1})
	if err != nil || len(newest.Rows) == 0 {
		w.t.Fatal(newest, err)
	}
	if !until(func() bool {
		head, err := w.store.NewestHead(w.t.Context())
		return err == nil && head.Size >= newest.Rows[0].Seq
	}) {
		w.t.Fatal("the log does not sign what happened")
	}
}

func operatorToday(a *asker) {
	a.press("tbody td a", demoOperator)
	a.press("p.filters a", "A day of "+demoOperator)
	a.reads("h1", demoOperator+" on ")
	a.reads("dl.totals", "Codes matched 4", "Approved 2", "Declined 2", "Wrong codes 1")
	a.lists("table.stack tbody tr", 4)
}

func mostWrongCodes(a *asker) {
	a.press("nav.sections a", "Overview")
	a.press(".range a", "Today")
	a.reads("[aria-labelledby=codes-counter-title]", quayside+" 2 2", demoCounter+" 1 4") // wrong, of those entered
}

func counterWeek(a *asker) {
	a.press("tbody td a", demoCounter)
	a.press("p.filters a", "A week at "+demoCounter)
	a.reads("h1", demoCounter)
	a.reads("table.numbers", demoOperator)
	a.reads("dl.totals", "Suspicious 1", "The customer left or changed their mind 1")
}

func accountStory(a *asker) {
	a.press("tbody td a", "G.")
	a.press("p.filters a", "Story of the account G.")
	a.reads("ol.story", "Device approved, by "+demoOperator+" at "+demoCounter)
}

func accountByNumber(a *asker) {
	a.fillIn("[name=identifier]", "C-100248")
	a.press("form[action$='/review/accounts'] button", "Search")
	a.press("main a", "Story of the account Grace")
	a.reads("ol.story", demoOperator)
}

func requestSteps(a *asker) {
	a.press("tbody th button", "Device approved")
	a.reads("main", "Approved by "+demoOperator, "Code to document 2 min", "Document to decision 40 s")
}

func declinesOfReason(a *asker) {
	a.press("nav.sections a", "Overview")
	a.press(".range a", "Today")
	a.press("[aria-labelledby=declines-title] a", "Suspicious")
	a.reads(".chips", "Reason: Suspicious")
	a.lists("table.events tbody tr", 1)
	a.reads("table.events", "M.", demoOperator, demoCounter)
}

func approvalsByCodeOnly(a *asker) {
	a.pick("#type", "Device approved")
	a.pick("#presence", "code only")
	a.press("form button", "Show")
	a.lists("table.events tbody tr", 1)
	a.reads("table.events", "G. A.", demoOperator, demoCounter)
}

func betweenTimes(a *asker) {
	today := browserBegin.Format(time.DateOnly)
	a.pick("#counter", demoCounter)
	a.fillIn("#from", today)
	a.fillIn("#until", today)
	a.press("form button", "Show")
	a.press("tbody td a", demoOperator)
	a.reads(".chips", "Counter: "+demoCounter, "Who: "+demoOperator, "From: "+today, "Until: "+today)
	a.reads("table.events", demoOperator)
	a.lacks("table.events", quayside, colleague)
}

func withoutOneFilter(a *asker) {
	today := browserBegin.Format(time.DateOnly)
	a.pick("#counter", demoCounter)
	a.fillIn("#from", today)
	a.fillIn("#until", today)
	a.press("form button", "Show")
	a.lacks("table.events", quayside)
	a.press(".chips a", "Counter")
	a.lacks(".chips", "Counter")
	a.reads(".chips", "From: "+today)
	a.reads("table.events", quayside, demoCounter, colleague)
}

func eventGenuine(a *asker) {
	a.press("tbody td .sub a", "Entry")
	a.reads(".verdict", "Verified: this is what was written", "The signature is good", "entries that the newest checkpoint signs")
}

func visitsByHour(a *asker) {
	a.press("nav.sections a", "Overview")
	a.press(".range a", "Today")
	a.unfold("[aria-labelledby=hours-title] summary", "The figures")
	a.reads("[aria-labelledby=hours-title] table", "08:00 0", "09:00 4", "10:00 0")
}

func exportFiltered(a *asker) {
	a.pick("#type", "Request declined")
	a.press("form button", "Show")
	a.lists("table.events tbody tr", 2)
	lines := strings.Split(strings.TrimSpace(a.download("section.export button", "Table (CSV)")), "\n")
	if len(lines) != 4 || !strings.Contains(lines[1], demoOperator) || !strings.Contains(lines[1], "The customer left") ||
		!strings.Contains(lines[2], "Suspicious") || !strings.Contains(lines[3], "End of the export") {
		a.t.Errorf("the file is %q", lines)
	}
}

// closeAlert: another tab's number falls meanwhile, on a page that is not loaded again.
func (w *tour) closeAlert(a *asker) {
	other := newTab(a.t, w.issuer)
	other.signIn(supervisor)
	other.open(views.PathOverview)
	evaluate[any](other, "window.same = true, null")
	number := `(document.querySelector("#alerts .calls")?.textContent ?? "none")`
	a.reads("#alerts .calls", "1")
	if got := evaluate[string](other, number); got != "1" {
		a.t.Errorf("the other tab's number is %q", got)
	}
	a.press("section.stop button", "Take")
	a.reads("section.stop", "Yours since")
	a.fillIn("section.stop [name=note]", "Rang the customer: not they.")
	a.press("section.stop button", "Save")
	a.reads("section.stop", "Rang the customer: not they.")
	a.pick("section.stop [name=closing]", "It was wrong, and has been dealt with")
	a.press("section.stop button", "Save")
	a.lists("section.stop", 0)
	evaluate[any](other, `document.getElementById("alerts").dispatchEvent(new Event("refresh")), null`)
	other.until(number+` === "none" && window.same`, "the other tab's number does not fall")
}

func logCurrent(a *asker) {
	a.press("nav.subsections a", "State")
	a.reads("h1", "State of the server")
	entries := evaluate[[]string](a.tab, `[...document.querySelectorAll(".plots section")].find(s => s.innerText.startsWith("The log"))
		?.innerText.match(/\d+/g) ?? []`)
	if len(entries) < 2 || entries[0] != entries[1] {
		a.t.Errorf("entries, and those in the newest checkpoint: %q", entries)
	}
	a.lacks("main", "Not signed since", "The log is stuck")
}

// A server for practice answers supervisors as a real one does, and says on each page what it is (docs/decisions/0041-practice.md).
func TestQuestionsInPractice(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	p := servePractice(t)
	p.practised(t)
	b := newTab(t, p.issuer)
	b.signIn(supervisor)
	practice := func(a *asker) { a.reads("header .demonstration", "Practice. The people and accounts are invented.") }
	askAll(t, b, []question{
		{"what did this operator do today", 2, 0, func(a *asker) {
			a.press("tbody td a", demoOperator)
			a.press("p.filters a", "A day of "+demoOperator)
			practice(a)
			a.reads("dl.totals", "Codes matched 1", "Approved 1")
		}},
		{"is this approval genuine", 2, 1, func(a *asker) {
			a.pick("#type", "Device approved")
			a.press("form button", "Show")
			a.press("tbody td .sub a", "Entry")
			practice(a)
			a.reads(".verdict", "Verified: this is what was written")
			a.reads(".record", demoOperator, demoCounter)
		}},
		{"how many visits were there today", 2, 0, func(a *asker) {
			a.press("nav.sections a", "Overview")
			a.press(".range a", "Today")
			practice(a)
			a.reads("[aria-labelledby=counters-title]", demoCounter+" 1")
			a.lacks("[aria-labelledby=counters-title]", quayside)
		}},
	})
}

// servePractice serves an empty database for practice.
func servePractice(t *testing.T) *production {
	t.Helper()
	listen := newAddress(t)
	p := &production{listen: listen, issuer: "http://" + listen, folder: t.TempDir(), log: &textBuffer{}}
	p.store = []string{
		"COUNTERSIGN_DATABASE=sqlite:" + p.database(), "COUNTERSIGN_ISSUER=" + p.issuer, "COUNTERSIGN_MASTER_KEY=" + testMasterKey,
	}
	p.serve(t, productionConfig{
		provider: demoStaffProvider(t, p.issuer, func(h http.Handler) http.Handler { return h }), flags: []string{"--migrate", "--practice"},
	})
	return p
}

// practised is one visit: a phone that names itself as a registered app, approved by its code.
func (p *production) practised(t *testing.T) {
	t.Helper()
	ctx, phone := t.Context(), &deviceclient.Client{Issuer: p.issuer, Now: time.Now, Rand: rand.Reader}
	operator, err := newOperatorBrowser(p.issuer)
	for _, step := range []func() error{
		func() error { return err },
		func() error {
			return phone.Register(ctx, deviceclient.Software{Name: harbourPocket.name, ID: harbourPocket.id, Version: "4.2"})
		},
		func() error {
			return phone.RequestAuthorization(ctx, deviceclient.Request{LoginHint: demoHint, InstanceName: "Anna’s phone", Scope: "profile"})
		},
		func() error { return operator.SignIn(ctx, demoOperator) },
		func() error { return operator.OpenCounter(ctx, demoCounter) },
		func() error { return operator.Search(ctx, demoHint) },
		func() error { return operator.Match(ctx, codeOf(phone)) },
		func() error { return operator.Proof(ctx, productionCard) },
		func() error { return operator.Approve(ctx) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

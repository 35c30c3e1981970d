package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"countersign/audit"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// docs/protocol.md §6 get-changes-nothing: looking at every page of a visit, signed in and at a counter, changes
// nothing, even while the parts of the pages refresh.
func TestLookingChangesNothingInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	b, reviewer := w.as(demoOperator), w.as(supervisor)
	visit := w.decideWithTwo(b, "C-100248")
	b.submit("[action$='/second']", nil)
	question := reviewer.question()
	account := b.search("C-100248")
	before := w.state(visit)
	for _, path := range []string{
		"/", views.PathCounter, views.PathSearch, views.PathOpenCounter, views.PathScanner, views.AccountPath(account),
		views.ProofPath(visit), views.DeclinePath(visit), views.ReceiptPath(visit), views.DecidePath(visit),
		views.ApprovePath(visit), views.MatchPath(account), views.SecondApprovalListPath, question, question + "/look", question + "/agree",
		question + "/return",
		views.PathStepUp, views.PathSignedOut, views.PathSignIn, views.PathSignOut, "/device",
	} {
		b.open(path)
		b.refreshParts()
		b.settle()
		reviewer.open(path)
	}
	reviewer.open(views.PathReviewEvents)
	reviewer.open(views.ReviewRequestPath(visit))
	if after := w.state(visit); after != before {
		t.Errorf("looking made %+v of %+v", after, before)
	}
}

// refreshParts asks for every part of the page again. A part that came meanwhile may have loaded the page anew
// (console.js): then these are the new page's parts.
func (b *tab) refreshParts() {
	b.t.Helper()
	refresh := chromedp.Evaluate[bool](`document.querySelectorAll("[hx-get]").forEach(part => part.dispatchEvent(new Event("refresh"))), true`)
	var failed error
	if !until(func() bool { _, failed = chromedp.Run(b.ctx, refresh); return failed == nil }) {
		b.t.Fatal(failed)
	}
}

type visitState struct {
	last  int64 // entry of the trail
	phase models.Phase
}

func (d *browserDemo) state(visit string) visitState {
	d.t.Helper()
	request, err := d.store.Request(d.t.Context(), visit)
	if err != nil {
		d.t.Fatal(err)
	}
	rows, err := d.store.Trail(d.t.Context(), audit.Filter{Limit: 1})
	if err != nil || len(rows) == 0 {
		d.t.Fatalf("the trail cannot be read: %v", err)
	}
	return visitState{rows[0].Seq, request.Phase}
}

func (d *browserDemo) wantPhase(visit string, state models.State) {
	d.t.Helper()
	if got := d.state(visit).phase; got != models.Phase(state) {
		d.t.Errorf("the request is %s, want %s", got, state)
	}
}

// docs/protocol.md §6 decline-back-approve, decline-is-heard: after a decline, Back and approve are refused, and the very next
// poll is access_denied.
func TestDeclineThenBackInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, phone, visit := w.decide("C-100322", "Björk's phone")
	b.submit("[action$='/decline']", url.Values{"reason": {views.DeclineReasons(t.Context())[0].Value}})
	b.back("") // whatever the browser shows
	if status := b.post(views.ApprovePath(visit)); status != 409 {
		t.Errorf("approving after Back: status %d", status)
	}
	w.wantPhase(visit, models.Declined)
	w.advance(10 * time.Second)
	w.wantDenied(phone)
}

// docs/protocol.md §6 other-session, rogue-operator: another session, of the same operator or of a colleague, can
// neither decide nor take a visit; nor can steps be left out by address.
func TestOnlyTheVisitsOwnSessionInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	_, _, visit := w.decide("C-100322", "Björk's phone")
	again := newTab(t, w.issuer)
	again.atCounter(demoOperator, quayside)
	for name, b := range map[string]*tab{"her own other session": again, "a colleague": w.as(colleague)} {
		for _, path := range []string{views.ApprovePath(visit), views.DeclinePath(visit)} {
			if status := b.post(path); status < 400 {
				t.Errorf("%s at %s: status %d", name, path, status)
			}
		}
		b.open(views.DecidePath(visit))
		if offered := evaluate[int](b, `document.querySelectorAll(".approve").length`); offered != 0 {
			t.Errorf("%s is offered to approve", name)
		}
	}
	w.wantPhase(visit, models.Proofed)

	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.search("C-100248")
	matched := b.match(codeOf(phone))
	if status := b.post(views.ApprovePath(matched)); status != 409 {
		t.Errorf("approving without a document: status %d", status)
	}
	w.wantPhase(matched, models.Matched)

	own := w.ask(demoOwn, "Amara's tablet", "")
	account := b.search(demoOwn)
	if boxes := evaluate[int](b, `document.querySelectorAll("[name=user_code]").length`); boxes != 0 {
		t.Error("a code can be entered for the operator's own account")
	}
	b.run(`const form = document.createElement("form"); form.method = "post"; form.action = ` + quoteJS(views.MatchPath(account)) + `;
		form.append(Object.assign(document.createElement("input"), {name: "user_code", value: ` + quoteJS(codeOf(own)) + `}));
		document.body.append(form); form.submit();`)
	if strings.HasSuffix(b.path(), "/proof") {
		t.Error("the operator's own account is matched")
	}
}

// hostileName is as bad as a name that is let in can be.
const hostileName = `<img src=x onerror=hacked=1><script>hacked=1</script>"'><b>{{7*7}}`

// docs/protocol.md §6 hostile-text: a name full of markup is shown as it is on every page of the visit, and
// does nothing there.
func TestHostileNamesAreInertInBrowser(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	b, reviewer := w.as(demoOperator), w.as(supervisor)
	phone := w.phone(quaysideHealth, deviceclient.Request{
		LoginHint: "C-100248", InstanceName: hostileName[:64], InstanceDescription: hostileName, Scope: "profile appointments",
	})
	b.search("C-100248")
	inert := func(b *tab, name string) {
		t.Helper()
		b.wantInert(name)
		b.checkAccessibility(name, axe)
		b.size(1280, 900)
	}
	inert(b, "account")
	visit := b.match(codeOf(phone))
	inert(b, "document")
	b.open(views.DeclinePath(visit))
	inert(b, "decline")
	b.open(views.ProofPath(visit))
	b.proof(goodDocument())
	b.submit("[action$='/second']", nil)
	inert(b, "decide")
	reviewer.question()
	inert(reviewer, "second person")
	reviewer.submit("[action$='/agree']", nil)
	b.open(views.DecidePath(visit))
	b.submit("[action$='/approve']", nil)
	inert(b, "receipt")
	reviewer.post(views.OpenRequestPath(visit))
	inert(reviewer, "request")
}

func (b *tab) wantInert(name string) {
	b.t.Helper()
	if text := evaluate[string](b, "document.querySelector('main').innerText"); !strings.Contains(text, "<img src=x onerror=hacked=1>") {
		b.t.Errorf("%s: the name is not shown as it is: %s", name, text)
	}
	if got := evaluate[bool](b, `"hacked" in window || document.querySelectorAll("img[src=x], main b, main script").length > 0`); got {
		b.t.Errorf("%s: the name's markup is alive", name)
	}
	b.wantNoComplaint()
}

// docs/protocol.md §6 shown-code: where the presence proof is required, neither the code alone nor a
// relayed proof older than 60 s matches; a fresh scan does.
func TestPresenceRequiredInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, func(p *models.Policy) { p.PresenceScopes = oauth.Scope{"payments"} })
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.search("C-100248")
	b.patientScanner()
	b.submit("[action$='/match']", url.Values{"user_code": {codeOf(phone)}})
	if strings.HasSuffix(b.path(), "/proof") {
		t.Fatal("the code alone matches")
	}
	scan := func(relayed time.Duration) {
		t.Helper()
		proof, err := phone.Presence(w.now())
		if err != nil {
			t.Fatal(err)
		}
		w.advance(relayed)
		b.scan(fastWedge, proof.Reveal())
	}
	scan(61 * time.Second) // whatever difference of the clocks is let pass otherwise
	b.until(`document.body.innerText.includes("more than a minute old") && document.querySelector("main kbd")`,
		"the relayed proof is not refused")
	scan(0)
	b.until(`location.pathname.endsWith("/proof")`, "the fresh proof does not match")
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/views"

	"github.com/chromedp/chromedp/kb"
)

// tabTo presses Tab until the control with this name has the focus, visibly.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	for range 30 {
		b.key(kb.Tab)
		if strings.HasPrefix(b.focus().name, name) {
			b.wantFocus(name)
			return
		}
	}
	b.t.Fatalf("%s: Tab does not lead to %q", b.path(), name)
}

// The second person by the keyboard alone, in a browser of their own: their list fills by
// itself, and the operator's page says within 5 seconds, without a reload and with the
// focus left alone, that they agree (decision 0019).
func TestSecondPersonInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	operator, second := w.as(demoOperator), w.as(supervisor)
	second.open(views.SecondApprovalListPath)
	second.key(kb.F4)
	visit := w.decideWithTwo(operator, "C-100248")
	operator.tabTo("Ask for a second person")
	operator.enter()
	evaluate[any](operator, `window.same = "the page that asked", null`)

	evaluate[any](second, `document.getElementById("seconds").dispatchEvent(new Event("refresh")), null`)
	second.live("1 visit waits for a second person")
	second.tabTo("Look")
	second.enter()
	second.key(kb.F8)
	second.wantFocus("I agree")
	second.enter()
	agreed := time.Now()

	operator.live("and agrees")
	if took := time.Since(agreed); took > 5*time.Second {
		t.Errorf("the operator's page says it after %s", took)
	}
	if same := evaluate[string](operator, `window.same ?? ""`); same == "" {
		t.Error("the page was loaded again")
	}
	if on := operator.focus(); on.role != "heading" {
		t.Errorf("the focus is on %s %q now", on.role, on.name)
	}
	operator.key(kb.Enter)
	operator.settle()
	if operator.path() != views.DecidePath(visit) {
		t.Error("a bare Enter approves")
	}
	operator.tabTo("Approve this device")
	operator.enter()
	if heading := evaluate[string](operator, "document.querySelector('h1').textContent"); heading != "Device approved" {
		t.Errorf("after the approval: %q", heading)
	}
}

// A link that has the focus is not taken away; what came is announced all the same.
func TestSecondPersonIsAnnouncedWhileTheFocusIsThere(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	operator, second := w.as(demoOperator), w.as(supervisor)
	w.decideWithTwo(operator, "C-100248")
	operator.submit("[action$='/second']", nil)
	operator.tabTo("See whether somebody has looked")
	second.question()
	second.submit("[action$='/agree']", nil)
	operator.live("and agrees")
	operator.wantFocus("See whether somebody has looked")
	operator.enter()
	operator.tabTo("Approve this device")
}

// All of it with scripts off, by the mouse.
func TestSecondPersonWithoutScript(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	operator, second := w.as(demoOperator), w.as(supervisor)
	w.decideWithTwo(operator, "C-100248")
	at := operator.path()
	operator.withoutScript()
	second.withoutScript()
	operator.open(at)
	operator.follow("//button[.='Ask for a second person']")
	operator.mustRead("Waiting for a second person")
	second.open(views.SecondApprovalListPath)
	second.follow("//td//button[starts-with(normalize-space(.), 'Look')]")
	second.follow("//button[.='I agree']")
	second.mustRead("You agreed.")
	operator.follow("//a[.='See whether somebody has looked']")
	operator.mustRead("and agrees")
	operator.follow("//button[.='Approve this device']")
	operator.mustRead("Device approved")
}

// Two operators enter the same code at the same moment: one gets on with the visit, the
// other is told by whom it is being handled.
func TestTwoOperatorsRace(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	browsers := map[string]*tab{demoOperator: w.as(demoOperator), colleague: w.as(colleague)}
	for _, b := range browsers {
		b.search("C-100248")
	}
	at := time.Now().Add(time.Second).UnixMilli()
	for _, b := range browsers {
		evaluate[any](b, fmt.Sprintf(`const box = document.getElementById("user_code"); box.value = %s;
			setTimeout(() => box.form.requestSubmit(), Math.max(0, %d - Date.now())); null`, quoteJS(codeOf(phone)), at))
	}
	won := map[bool]string{}
	for name, b := range browsers {
		b.until(`location.pathname.endsWith("/proof") || document.body.innerText.toLowerCase().includes("handled by")`, "neither won nor refused")
		won[strings.HasSuffix(b.path(), "/proof")] = name
	}
	if won[true] == "" || won[false] == "" {
		t.Fatalf("winner %q, loser %q", won[true], won[false])
	}
	if text := evaluate[string](browsers[won[false]], "document.body.innerText"); !strings.Contains(text, won[true]) {
		t.Errorf("the other is not told that %s handles it: %s", won[true], text)
	}
}

// RFC 9470, with --step-up-max-age: approving leads to a fresh sign-in at the provider and
// back to the page to decide on, with nothing lost and nothing approved in between.
func TestStepUpInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, func(p *models.Policy) { p.StepUp = models.StepUp{MaxAge: 5 * time.Minute} })
	b, _, visit := w.decide("C-100322", "Björk's phone")
	recorded := evaluate[string](b, "document.querySelector('.answers .record').innerText")
	w.advance(6 * time.Minute)
	b.tabTo("Approve this device")
	b.enter()
	if b.path() != views.PathStepUp {
		t.Fatalf("approving leads to %s", b.path())
	}
	b.tabTo("Confirm")
	b.enter()
	if text := evaluate[string](b, "document.querySelector('main').innerText"); !strings.Contains(text, "asks for a fresh sign-in") {
		t.Errorf("the provider does not say why it asks: %s", text)
	}
	b.tabTo(demoOperator)
	b.enter()
	if b.path() != views.DecidePath(visit) {
		t.Fatalf("the fresh sign-in leads to %s", b.path())
	}
	if now := evaluate[string](b, "document.querySelector('.answers .record').innerText"); now != recorded {
		t.Errorf("recorded was\n%s\nand now it is\n%s", recorded, now)
	}
	if request, err := w.store.Request(t.Context(), visit); err != nil || !request.Phase.Is(models.Proofed) {
		t.Errorf("the request is %s before it was approved (%v)", request.Phase, err)
	}
	b.tabTo("Approve this device")
	b.enter()
	if heading := evaluate[string](b, "document.querySelector('h1').textContent"); heading != "Device approved" {
		t.Errorf("after the approval: %q", heading)
	}
}

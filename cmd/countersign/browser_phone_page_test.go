package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/chromedp/chromedp/kb"
)

// A whole visit with nothing but a phone's browser. The decision is on the screen within
// two seconds, so that people leave the counter having seen it; the poll that fetches it
// is the only one, and none too early (RFC 8628 §3.5).
func TestPhonePageInBrowser(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.shows("start")
	p.fits(axe)
	p.ask("", "")
	p.says("Enter the account.")
	p.wantFocus("Your account")
	p.typeText(demoHint)
	p.tabThrough("A name for this device")
	p.typeText("Anna's phone")
	p.tabThrough("Get a code")
	p.key(kb.Enter)
	p.readsOnceMore(axe)
	code := p.code()
	p.says("This page hears within seconds")
	p.fits(axe)
	operator := d.matched(demoHint, code)
	p.later(demoInterval) // the first poll may be sent
	p.stays("waiting")    // and is not while the stream opens: the one that counts would have to wait
	p.says("This page hears within seconds")
	before := p.asked(oauth.PathToken)
	decided := time.Now()
	if err := operator.Approve(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.shows("connected")
	if took := time.Since(decided); took > 2*time.Second {
		t.Errorf("the decision was shown after %s", took)
	}
	if polls := p.asked(oauth.PathToken); before != 0 || polls > 2 {
		t.Errorf("%d token requests before the decision and %d after: one poll, with one more for the nonce, is enough", before, polls)
	}
	p.says("A test call was answered")
	p.says("See your name and your account number")
	p.fits(axe)
	p.wantNoComplaints()
	p.wantKeyStays()
	p.stays("connected")
	p.says("A test call was answered")
	p.press("Disconnect")
	p.shows("start")
	if clients, err := d.store.Clients(t.Context(), "countersign-phone-page"); err != nil || len(clients) != 0 {
		t.Errorf("after disconnecting %d registrations are left (%v)", len(clients), err)
	}
}

// readsOnceMore: what was typed is shown before anything is sent, and changed or let go by keys alone.
func (p *phonePage) readsOnceMore(axe string) {
	p.t.Helper()
	p.shows("confirm")
	p.says("You are asking for:\n\n" + demoHint)
	p.wantNothingSent()
	p.fits(axe)
	p.press("Change it")
	p.shows("start")
	p.wantFocus("Your account")
	p.tabThrough("A name for this device", "Get a code")
	p.key(kb.Enter)
	p.shows("confirm")
	p.says("Anna's phone")
	p.tabThrough("Ask for the code")
	p.key(kb.Enter)
}

// wantKeyStays: the private key cannot be read by anybody, and nothing secret is where an
// address or another script would have it.
func (p *phonePage) wantKeyStays() {
	p.t.Helper()
	kept := evaluate[string](p.tab, `keep.read().then(async phone => {
		const out = await crypto.subtle.exportKey("jwk", phone.client.key).then(() => "exported", () => "locked");
		return [phone.client.key.extractable, out, localStorage.length, sessionStorage.length, document.cookie.length, location.href].join(" ");
	})`)
	if want := "false locked 0 0 0 " + p.home + views.PathPhone; kept != want {
		p.t.Errorf("the key and its traces: %s, want %s", kept, want)
	}
}

// At the counter without a network: code and square are there, also after a reload; the
// square is scanned at the console and stands for the code. Six days later the phone is
// online again, and connected (docs/architecture.md §1, docs/protocol.md §6 shown-code).
func TestPhonePageOffline(t *testing.T) {
	zbarimg(t)
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	code := p.code()
	p.until("navigator.serviceWorker.controller !== null")
	p.network(false)
	p.later(50 * time.Hour)
	p.stays("waiting")
	p.says("No network. You need none at the counter")
	if got := evaluate[string](p.tab, "fetch('/healthz').then(() => 'online', () => 'cut')"); got != "cut" {
		t.Errorf("the network is %s", got)
	}
	if p.code() != code {
		t.Errorf("another code is shown after the reload")
	}
	p.wantReminder(code)
	first := p.scan()
	drawn := evaluate[string](p.tab, "document.querySelector('.phone-square path').getAttribute('d')")
	p.later(31 * time.Second)
	p.until("document.querySelector('.phone-square path').getAttribute('d') !== " + quoteJS(drawn))
	second := p.scan()
	if first == second {
		t.Error("the square is not renewed")
	}
	d.approve(demoHint, second)
	p.later(6 * 24 * time.Hour)
	p.stays("over")
	p.says("A counter takes it no more.")
	p.says("No network. When there is one, this page asks the server by itself.")
	p.network(true)
	p.wake(0)
	p.shows("connected")
	p.says("A test call was answered")
	p.wantNoComplaints()
}

// Every way that does not lead to a connection says what happened and what to do, outlives
// a reload, and starts again in place with what was typed (bc-wallet-mobile #3172, #3199).
func TestPhonePageEndings(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)

	p.asks(demoHint, "Anna's phone")
	code := p.code()
	p.later(demoInterval)
	if err := d.matched(demoHint, code).Decline(t.Context(), oauth.DocumentExpired); err != nil {
		t.Fatal(err)
	}
	p.shows("declined")
	p.says("the ID document had expired")
	p.fits(axe)
	p.stays("declined")
	p.says("Bring a document that is valid")
	evaluate[any](p.tab, "keep.change(phone => { delete phone.reason; }).then(() => null)")
	p.says("The counter knows why.") // of every reason that is not told
	p.startsAgain()

	p.later(5*24*time.Hour + time.Hour)
	p.says("The time ends in 2 days")
	p.until("keep.read().then(({request}) => Date.now() - request.polledAt < 60_000)") // its poll is answered
	p.later(2 * 24 * time.Hour)
	p.shows("expired")
	p.stays("expired")
	p.startsAgain()

	p.network(false)
	p.later(7*24*time.Hour + time.Hour)
	p.shows("over")
	p.fits(axe)
	p.stays("over")
	p.press("Start again")
	p.shows("start")
	p.press("Get a code")
	p.confirm()
	p.says("No network. This needs one")
	p.network(true)
	p.press("Get a code")
	p.confirm()

	p.code()
	p.later(demoInterval)
	d.approve(demoHint, p.code())
	p.shows("connected")
	d.endBindings()
	p.later(time.Hour)
	p.stays("revoked")
	p.startsAgain()
	p.wantNoComplaints()
}

func (p *phonePage) startsAgain() {
	p.t.Helper()
	p.press("Start again")
	p.shows("start")
	if got := evaluate[string](p.tab, "document.getElementById('login_hint').value"); got != demoHint {
		p.t.Errorf("the form has forgotten the account: %q", got)
	}
	p.press("Get a code")
	p.confirm()
	p.code()
}

// endBindings is what a supervisor does about a lost phone.
func (d *browserDemo) endBindings() {
	d.t.Helper()
	b := newTab(d.t, d.issuer)
	b.signIn(supervisor)
	b.open(views.PathReviewEvents + "?type=" + string(audit.DeviceBindingApproved))
	b.click("tbody th :is(a, button)", "")
	if status := b.submit("[action$='/revoke']",
		url.Values{"reason": {views.RecallReasons(d.t.Context())[0].Value}}); status != http.StatusOK {
		d.t.Fatalf("revoking: status %d", status)
	}
}

// Two windows are one phone: one of them asks, both show what came of it. The server's
// limits of pace are met after a slow_down, too (docs/protocol.md §6 steady-poller).
func TestPhonePageInTwoWindows(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	code := p.code()
	second := p.another()
	second.shows("waiting")
	second.says("open in another window too")
	const rest = 10 * time.Minute
	p.later(rest)
	second.wake(rest)
	p.until("performance.getEntriesByType('resource').some(e => e.name.endsWith('/token'))")
	p.until("keep.read().then(phone => phone.request.polledAt > phone.request.askedAt)")
	if got := second.asked(oauth.PathToken) + second.asked(views.PathPhoneEvents); got != 0 {
		t.Errorf("the second window asked %d times", got)
	}

	// A poll that comes too early by somebody's fault: the interval grows for good.
	early := evaluate[string](p.tab, "keep.read().then(({client, request}) => server.poll(client, request)).catch(error => error.code)")
	if early != "slow_down" {
		t.Errorf("a poll at once was answered %s", early)
	}
	d.approve(demoHint, code)
	p.later(demoInterval + 5*time.Second)
	second.wake(demoInterval + 5*time.Second)
	p.shows("connected")
	second.shows("connected")
}

// docs/protocol.md §6 hostile-text: what is typed is shown as text, and what would fool a reader is
// refused in plain words.
func TestPhonePageAndHostileText(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "blue \u202Egnp.exe")
	p.says("The server does not take one of the entries.")
	p.shows("start")
	const markup = `<img src=x onerror="document.title='hit'">`
	p.asks("nobody<script>@example.org", markup)
	p.code()
	p.says(markup)
	p.stays("waiting")
	p.says(markup)
	if evaluate[string](p.tab, "document.title") == "hit" {
		t.Error("a name ran as markup")
	}
	p.wantNoComplaints()
}

// Where registering takes an initial access token (RFC 7591 §3) the page asks for
// it, says when it is none, and needs it once only.
func TestPhonePageRegistersWithToken(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationByToken}})
	_, token, err := s.Store.AddRegistrationToken(t.Context(), models.NewRegistrationToken{
		SessionID: s.Administrator("Ada Administrator").SessionID, Note: "Anna's phone", Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := startPhonePage(&browserDemo{t: t, demonstration: &demonstration{issuer: s.Issuer, store: s.Store}, clock: s.Clock.Now()})
	enter := func(token string) {
		evaluate[any](p.tab, "document.getElementById('initial_access_token').value = "+quoteJS(token)+", null")
		p.ask("anna@example.org", "")
	}
	enter("")
	p.says("Enter the registration code")
	enter("not-a-token")
	p.confirm()
	p.says("This registration code is wrong, used or expired.")
	enter(token)
	p.confirm()
	p.code()
	if strings.Contains(s.Log(), token) {
		t.Error("the token is in the log")
	}
	p.press("Take it back")
	p.shows("start")
	enter(token)
	p.confirm()
	p.says("This registration code is wrong, used or expired.")
}

// A page whose registration the server put off comes back with the same key: the server
// knows it by that, and lets it in before others.
func TestPhonePageComesBackWithItsKey(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	s := handlerstest.Start(t, handlerstest.Config{Limits: limits.Strict})
	for range 10 {
		s.Register(handlerstest.Metadata(handlerstest.NewKey()))
	}
	p := startPhonePage(&browserDemo{t: t, demonstration: &demonstration{issuer: s.Issuer, store: s.Store}, clock: s.Clock.Now()})
	p.asks("anna@example.org", "")
	p.says("Too many tries for now.")
	s.Clock.Advance(10 * time.Second)
	p.asks("anna@example.org", "")
	p.code()
}

// Without script the page says so, and what to do instead.
func TestPhonePageWithoutScript(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	b := newTab(t, d.issuer)
	b.withoutScript()
	if status := b.open(views.PathPhone); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	words := evaluate[string](b, "document.querySelector('main').innerText")
	if !strings.Contains(words, "it needs scripts (JavaScript)") || strings.Contains(words, "Get a code") {
		t.Errorf("without script the page says %q", words)
	}
}

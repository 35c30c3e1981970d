package main

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// stranger is a phone in another network than the counter's and the owner's.
func (w *tour) stranger(hint, name string) *deviceclient.Client {
	w.t.Helper()
	if runtime.GOOS != "linux" {
		w.t.Skip("only Linux has a second network on loopback")
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 9, 0, 2)}}
	phone := w.newPhone()
	phone.HTTP = &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}, Timeout: time.Minute}
	w.asks(phone, harbourPocket, deviceclient.Request{LoginHint: hint, InstanceName: name, Scope: "profile messages payments"})
	return phone
}

// caution is what the page to decide says under a label, with its mark where it has one.
func (b *tab) caution(label string) string {
	b.t.Helper()
	return evaluate[string](b, `((label) => {
		const row = [...document.querySelectorAll(".answers dl > div")]
			.find(row => row.querySelector("dt").lastChild.textContent.trim() === label);
		const said = [row?.querySelector("dt .tag"), row?.querySelector("dd")].map(e => e?.innerText ?? "");
		return said.join(" ").trim().replace(/\s+/g, " ");
	})(`+quoteJS(label)+")")
}

// wantCaution demands a fact against fraud that is marked, in words that begin like this.
func (b *tab) wantCaution(label, words string) {
	b.t.Helper()
	if got := b.caution(label); !strings.HasPrefix(strings.ToLower(got), "look again "+strings.ToLower(words)) {
		b.t.Errorf("%s: %q, want a caution that begins %q", label, got, words)
	}
}

// docs/protocol.md §6 strangers-request: a remote stranger names somebody's account. They fill their three places
// and keep the owner out of none; each request is on the page; the stranger's, declined as
// suspicious without a match, falls with all that the stranger has asked, and alerts
// supervisors; the owner's goes on, with the page having said what to look at, and is
// connected.
func TestStrangersRequestInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	stranger := w.stranger("C-100248", "Grace's new phone")
	for range 3 { // the fourth pushes out their own first, and nobody else's
		if err := stranger.RequestAuthorization(t.Context(),
			deviceclient.Request{LoginHint: "C-100248", InstanceName: "Grace's new phone", Scope: "profile"}); err != nil {
			t.Fatal(err)
		}
	}
	mine, other := w.ask("C-100248", "Grace's phone", ""), w.ask("C-100235", "Tomás's phone", "")
	b := w.as(demoOperator)
	account := b.search("C-100248")
	b.wantRead("3 requests wait for this account", "1 more request", "Grace's new phone", "Grace's phone")
	b.submit("[action$='/match']", url.Values{"user_code": {codeOf(other)}})
	b.wantRead("Not the code for this account.")
	visit := b.match(codeOf(mine))
	b.proof(goodDocument())
	b.wantCaution("Also waiting", "3 other requests for this account")
	b.wantCaution("Device at the counter", "Code only")

	b.open(views.AccountPath(account))
	b.wantRead("4 requests wait for this account")
	b.run(`[...document.querySelectorAll("tr")].find(row => row.textContent.includes("new phone")).querySelector("a[href$='/decline']").click();`)
	b.submit("[action$='/decline']", url.Values{"reason": {string(term.DeclineSuspicious)}})
	b.open(views.AccountPath(account))
	b.wantRead("1 request waits for this account")
	w.wantPhase(visit, models.Proofed)
	w.as(supervisor).open(views.PathReviewEvents)
	w.as(supervisor).wantRead("1 alert to look at", "Suspicion reported")

	b.open(views.DecidePath(visit))
	b.wantCaution("Declined lately", "3 requests for this account, 3 as suspicious")
	b.submit("[action$='/approve']", nil)
	if err := mine.Poll(t.Context()); err != nil {
		t.Errorf("the owner's phone: %v", err)
	}
	w.advance(10 * time.Second)
	w.wantDenied(stranger)
}

// RFC 10027, docs/protocol.md §6 shown-code where the proof is not required: the victim shows the code that
// a stranger sent them. Before anybody can approve, the page says that a code can be passed
// on, from where it was asked and, where devices with this app usually prove their key,
// that this one did not and what to do.
func TestStrangersCodeOnTheVictimsScreenInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	decide := func(hint string) {
		t.Helper()
		phone := w.stranger(hint, "My phone")
		b.search(hint)
		b.match(codeOf(phone))
		b.proof(goodDocument())
		if got := b.caution("Asked from"); !strings.Contains(got, "another network than this counter") {
			t.Errorf("asked from: %q", got)
		}
	}
	decide("C-100248")
	if got := b.caution("Device at the counter"); !strings.Contains(got, "a code can be passed on") {
		t.Errorf("a code alone: %q", got)
	}
	for _, hint := range []string{"C-100235", "C-100252", "C-100322"} {
		phone := w.ask(hint, "Own phone", "")
		proof, err := phone.Presence(w.now())
		if err != nil {
			t.Fatal(err)
		}
		b.search(hint)
		b.match(proof.Reveal())
		if b.proof(goodDocument()); !strings.HasPrefix(b.caution("Device at the counter"), "Proved") {
			t.Fatalf("%s: %q", hint, b.caution("Device at the counter"))
		}
	}
	decide("C-100277")
	b.wantCaution("Device at the counter", "Code only, though devices with this app usually prove their key.")
}

// docs/protocol.md §6 rogue-operator: a rogue operator takes no other counter's claim, is seen when they approve
// more than is usual, and what they approved is recalled before a phone has redeemed it and
// revoked after.
func TestRogueOperatorInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, func(p *models.Policy) { p.ApprovalAlert = 1 })
	b, phone, visit := w.decide("C-100322", "Björk's phone")
	elsewhere := newTab(t, w.issuer)
	elsewhere.atCounter(colleague, quayside)
	elsewhere.search("C-100322")
	elsewhere.submit("[action$='/match']", url.Values{"user_code": {codeOf(phone)}})
	elsewhere.wantRead("Being handled by " + demoOperator + " at " + demoCounter)
	w.wantPhase(visit, models.Proofed)

	b.submit("[action$='/approve']", nil)
	super := w.as(supervisor)
	super.open(views.PathReviewEvents)
	if alerts := evaluate[int](super, `document.querySelectorAll("form[action^='/review/alerts/'][action$='/take']").length`); alerts != 0 {
		t.Errorf("%d alerts after a usual approval", alerts)
	}
	_, used, second := w.decide("C-100248", "Grace's phone")
	b.submit("[action$='/approve']", nil)
	super.open(views.PathReviewEvents)
	super.wantRead("1 alert to look at", "2 approvals within an hour", demoOperator)

	reason := url.Values{"reason": {"suspicious"}}
	super.post(views.OpenRequestPath(visit))
	super.submit("[action$='/recall']", reason)
	super.wantRead("The approval is taken back. The device will be told no.")
	w.wantDenied(phone)

	if err := used.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCall := func(want int) {
		t.Helper()
		answer, err := used.Call(t.Context(), http.MethodGet, w.issuer+oauth.PathWhoAmI)
		if err != nil && want == http.StatusOK {
			t.Fatal(err)
		}
		if err == nil {
			defer answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("the API answers %d, want %d", answer.StatusCode, want)
			}
		}
	}
	wantCall(http.StatusOK)
	super.post(views.OpenRequestPath(second))
	super.submit("[action$='/revoke']", reason)
	super.wantRead("The device is disconnected. Its tokens no longer work.")
	wantCall(http.StatusUnauthorized)
}

func (d *browserDemo) wantDenied(phone *deviceclient.Client) {
	d.t.Helper()
	var refused *deviceclient.Error
	if err := phone.Poll(d.t.Context()); !errors.As(err, &refused) || refused.Code != "access_denied" {
		d.t.Errorf("the phone is told %v", err)
	}
}

// wantRead demands that the page says all of this.
func (b *tab) wantRead(words ...string) {
	b.t.Helper()
	text := evaluate[string](b, `document.querySelector("main").innerText`)
	for _, one := range words {
		if !strings.Contains(text, one) {
			b.t.Errorf("%s does not say %q: %s", b.path(), one, text)
		}
	}
}

package main

import (
	"fmt"
	"testing"
	"time"

	"countersign/oauth"
	"countersign/views"
)

// interferes puts something between the page and the token endpoint that answers in its
// place, as the page's gateway, hotel or bad line; null takes it away.
func (p *phonePage) interferes(answer string) {
	p.t.Helper()
	evaluate[any](p.tab, fmt.Sprintf(`{
		globalThis.through ??= fetch;
		const answer = %s;
		globalThis.fetch = (url, options) => answer === null || new URL(url).pathname !== %s ? through(url, options)
			: Promise.resolve(new Response(answer[1], { status: answer[0], headers: { Date: new Date(Date.now()).toUTCString() } }));
	} null`, answer, quoteJS(oauth.PathToken)))
}

// asksAgain lets ten minutes pass, and waits until the page has asked, and has had no answer.
func (p *phonePage) asksAgain() {
	p.t.Helper()
	before := evaluate[float64](p.tab, "Date.now()")
	p.later(10 * time.Minute)
	p.until(fmt.Sprintf("keep.read().then(({request}) => !request || request.polledAt > %f && request.failures > 0)", before))
}

// A request costs a visit to a counter: what no token endpoint says does not end it, and
// neither does a proof that came twice or too late (RFC 6749 §5.2, RFC 7523
// §3). What was received is not lost when the browser cannot keep it for a while.
func TestPhonePageInTrouble(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	code := p.code()
	for _, answer := range []string{
		`[403, '{"error":"access_denied"}']`, `[404, '{"message":"no route"}']`, `[200, '{"room":"12"}']`, `[200, 'null']`, `[400, 'null']`,
		`[400, '{"error":"invalid_dpop_proof"}']`, `[401, '{"error":"invalid_client"}']`, `[401, '{"error":"invalid_client"}']`,
	} {
		p.interferes(answer)
		p.asksAgain()
		if state := evaluate[string](p.tab, "show.state()"); state != "waiting" {
			t.Fatalf("after %s the page shows %s", answer, state)
		}
		p.says("The server cannot be reached at the moment.")
	}
	p.interferes("null")

	evaluate[any](p.tab, `{ globalThis.sign = crypto.subtle.sign;
		crypto.subtle.sign = () => Promise.reject(new DOMException("", "OperationError")); } null`)
	p.asksAgain()
	p.until("document.querySelector('.phone-square svg') === null") // no square rather than an old one
	p.shows("waiting")
	evaluate[any](p.tab, "crypto.subtle.sign = sign, null")
	p.until("document.querySelector('.phone-square svg') !== null")

	evaluate[any](p.tab, `{ globalThis.transaction = IDBDatabase.prototype.transaction;
		IDBDatabase.prototype.transaction = function (...how) {
			IDBDatabase.prototype.transaction = transaction;
			this.close(); // the browser needs the room
			return transaction.apply(this, how);
		}; } null`)
	if got := evaluate[string](p.tab, "keep.read().then(phone => phone.account)"); got != demoHint {
		t.Errorf("after a lost connection the account is %q", got)
	}
	p.later(10 * time.Minute)
	p.says("This page hears within seconds")

	evaluate[any](p.tab, `IDBDatabase.prototype.transaction = function (name, mode, how) {
		if (mode === "readwrite") throw new DOMException("", "QuotaExceededError");
		return transaction.call(this, name, mode, how);
	}, null`)
	p.later(demoInterval)
	d.approve(demoHint, code)
	p.says("This browser does not let the page keep anything.")
	asked := p.asked(oauth.PathToken)
	evaluate[any](p.tab, "IDBDatabase.prototype.transaction = transaction, null")
	p.wake(0)
	p.shows("connected")
	if got := p.asked(oauth.PathToken); got != asked {
		t.Errorf("the tokens were there, and were asked for %d times more", got-asked)
	}
}

// A registration that is gone is believed to be gone when the server says so three times
// in ten minutes.
func TestPhonePageBelievesRepeatedRefusals(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	p.code()
	evaluate[any](p.tab, "keep.read().then(({client}) => server.leave(client)).then(() => null)")
	// The answers' dates are of the machine's clock, which has not moved with the test's.
	evaluate[any](p.tab, `{ const through = fetch; globalThis.fetch = async (...question) => {
		const { body, status, headers } = await through(...question), dated = new Headers(headers);
		dated.set("Date", new Date(Date.now()).toUTCString());
		return new Response(body, { status, headers: dated });
	}; } null`)
	for range 2 {
		p.asksAgain()
		p.shows("waiting")
	}
	p.asksAgain()
	p.shows("failed")
	p.startsAgain()
}

// A phone that slept, or changed its network, has a stream that looks open and is dead. It
// opens another one at once, so that the decision is still there within two seconds.
func TestPhonePageAfterSleep(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	code := p.code()
	p.says("This page hears within seconds")
	evaluate[any](p.tab, fmt.Sprintf(`{ const through = fetch; globalThis.dead = 0; globalThis.asleep = true;
		globalThis.fetch = (url, options) => !asleep || new URL(url).pathname !== %s ? through(url, options)
			: Promise.resolve(new Response(new ReadableStream({ start(stream) {
				dead++;
				options.signal.addEventListener("abort", () => stream.error(options.signal.reason));
			} }), { headers: { "Content-Type": "text/event-stream" } }));
		dispatchEvent(new Event("online")); } null`, quoteJS(views.PathPhoneEvents)))
	p.until("dead === 1")
	operator := d.matched(demoHint, code)
	evaluate[any](p.tab, "asleep = false, null")
	p.later(time.Minute)
	decided := time.Now()
	if err := operator.Approve(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.shows("connected")
	if took := time.Since(decided); took > 2*time.Second {
		t.Errorf("the decision was shown after %s", took)
	}
}

// What the server refuses to all for a while is told as what it is, with when to try again.
func TestPhonePageWhenTheServerIsBusy(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	p := startPhonePage(startBrowserDemo(t))
	for _, test := range []struct{ answer, words string }{
		{`new Response("", { status: 429, headers: { "Retry-After": "90" } })`, "Too many tries for now. Try again in 2 minutes."},
		{`new Response("", { status: 503 })`, "The server is not available at the moment."},
		{`Response.error()`, "The server did not answer."},
	} {
		evaluate[any](p.tab, "globalThis.fetch = () => Promise.resolve("+test.answer+"), null")
		p.asks(demoHint, "Anna's phone")
		p.says(test.words)
		if got := evaluate[string](p.tab, "document.getElementById('instance_name').value"); got != "Anna's phone" {
			t.Errorf("what was typed is %q", got)
		}
	}
}

package main

import (
	"strings"
	"testing"

	"countersign/audit"
	"countersign/views"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// before runs a script before those of every page that comes.
func (b *tab) before(script string) {
	b.t.Helper()
	b.must(command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}))
}

// pressed clicks with the mouse, which a browser asks for before it hands out a device.
func (b *tab) pressed(selector string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.Search(selector))))
}

// serialStandIn is a browser with a serial scanner: plugged in and allowed once it was
// chosen, and held by the page before as often as sessionStorage.held says.
const serialStandIn = `{
	const serial = new EventTarget();
	class Port extends EventTarget {
		readable = null;
		async open() {
			const held = Number(sessionStorage.held ?? 0);
			sessionStorage.held = Math.max(0, held - 1);
			if (held > 0) throw new DOMException("held", "InvalidStateError");
			this.renew();
		}
		renew() {
			this.readable = new ReadableStream({
				start: controller => { this.line = controller; },
				cancel: () => { this.readable = null; sessionStorage.left = "1"; },
			});
		}
		async close() { this.readable = null; }
		send(text) { this.line.enqueue(new TextEncoder().encode(text)); }
		fail() { const line = this.line; this.renew(); line.error(new DOMException("parity", "ParityError")); }
		unplug() { const line = this.line; this.readable = null; line.error(new DOMException("gone", "NetworkError")); }
		dispatch(name) { this.dispatchEvent(new Event(name, { bubbles: true })); }
	}
	window.port = new Port();
	serial.getPorts = async () => sessionStorage.chosen ? [port] : [];
	serial.requestPort = async () => {
		if (sessionStorage.refuse) throw new DOMException("nothing chosen", "NotFoundError");
		sessionStorage.chosen = "1";
		return port;
	};
	window.plug = () => {
		const event = new Event("connect");
		Object.defineProperty(event, "target", { value: port });
		serial.dispatchEvent(event);
	};
	Object.defineProperty(Navigator.prototype, "serial", { get: () => serial, configurable: true });
}`

// A serial scanner's scans go where a wedge's go; half a scan goes nowhere; pulling it out
// is said, and plugging it in again is enough.
func TestSerialScanner(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.noteSubmits()
	b.before(serialStandIn)
	b.open(views.PathScanner)
	evaluate[any](b, `sessionStorage.refuse = "1", null`)
	b.pressed("button[data-serial]")
	b.settle()
	b.wantSaid("")
	evaluate[any](b, `delete sessionStorage.refuse, sessionStorage.held = "9", null`)
	b.pressed("button[data-serial]")
	b.live("The serial scanner does not answer.")
	evaluate[any](b, `sessionStorage.held = "0", null`)
	b.pressed("button[data-serial]")
	b.live("The serial scanner is connected.")
	b.pressed("button[data-serial]") // the same one again
	evaluate[any](b, `port.send("QAWZ"), port.send("YXMCOUNTER\r\n"), null`)
	b.until(`document.getElementById("scan").value === "QAWZYXMCOUNTER"`, "the scan does not arrive as one")

	evaluate[any](b, `port.line.enqueue(new Uint8Array([65, 78, 68, 82, 201, 13])), null`) // ISO 8859-1
	b.until(`document.getElementById("scan").value === "ANDRÉ"`, "a letter of one byte does not arrive")

	evaluate[any](b, `sessionStorage.held = "1", null`) // the page before lets go of it late
	b.open(views.PathCounter)
	b.until(`port.readable`, "the port is not opened again")
	if left := evaluate[string](b, `sessionStorage.left ?? ""`); left != "1" {
		t.Error("the page before did not let go of the port")
	}
	evaluate[any](b, `port.send("C-100248\r\n"), null`)
	b.until(`location.pathname.startsWith("/counter/accounts/")`, "the identifier leads nowhere")
	b.wantEntered("serial")

	account := b.path()
	b.until(`port.readable`, "the port is not opened on the account's page")
	evaluate[any](b, `port.send(`+quoteJS(codeOf(phone)[:6])+`), setTimeout(() => port.unplug(), 20), null`)
	b.live("The serial scanner was unplugged.")
	b.settle()
	if value := evaluate[string](b, `document.getElementById("user_code").value`); value != "" || b.path() != account {
		t.Errorf("half a scan leads to %s and fills in %q", b.path(), value)
	}
	evaluate[any](b, `plug(), null`)
	b.live("The serial scanner is connected.")
	evaluate[any](b, `port.send("XXXX"), port.fail(), setTimeout(() => port.send(`+quoteJS(codeOf(phone)+"\r")+`), 50), null`)
	b.until(`location.pathname.endsWith("/proof")`, "after an error of the line the code does not match")
	b.wantEntered("serial")
	w.wantMatchedBy("serial")
	b.wantNoComplaint()
}

func (b *tab) wantSaid(words string) {
	b.t.Helper()
	if got := evaluate[string](b, `document.getElementById("live").textContent`); got != words {
		b.t.Errorf("announced is %q, want %q", got, words)
	}
}

func (b *tab) wantNoComplaint() {
	b.t.Helper()
	for _, complaint := range b.complaints() {
		if strings.HasPrefix(complaint, "info ") || strings.HasSuffix(complaint, "NavigationEntryMarkedSkippable") {
			continue // notes of the browser's about the test's own haste
		}
		b.t.Errorf("%s: %s", b.path(), complaint)
	}
}

// wantMatchedBy checks how the trail says that the last match was entered.
func (d *browserDemo) wantMatchedBy(entered string) {
	d.t.Helper()
	rows, err := d.store.Trail(d.t.Context(), audit.Filter{Type: audit.CodeMatched, Limit: 1})
	if err != nil || len(rows) == 0 || rows[0].Event.Facts.Entered != entered {
		d.t.Errorf("the trail does not say %q of the last match (%v)", entered, err)
	}
}

// cameraStandIn is a browser that reads barcodes (few do, and none from the test's
// picture). The camera is Chromium's own of moving stripes, under its real permissions.
const cameraStandIn = `{
	window.streams = [];
	window.BarcodeDetector = class {
		static async getSupportedFormats() {
			if (sessionStorage.formats === "broken") throw new Error("no service");
			return (sessionStorage.formats ?? "qr_code code_128").split(" ");
		}
		constructor(options) { if (options.formats.includes("")) throw new TypeError("a format that is none"); }
		async detect(video) {
			window.looked = (window.looked ?? 0) + 1;
			if (looked === 1) throw new DOMException("not yet", "InvalidStateError");
			if (video.videoWidth === 0) throw new Error("no picture");
			return window.sees ? [{ rawValue: sees, format: "qr_code" }] : [];
		}
	};
	const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = async wish => {
		if (sessionStorage.refuses) throw new DOMException("", sessionStorage.refuses);
		const stream = await ask(wish);
		streams.push(stream);
		return stream;
	};
	window.running = () => streams.flatMap(s => s.getTracks()).filter(track => track.readyState === "live").length;
	document.addEventListener("visibilitychange", () => { sessionStorage.running = running(); });
}`

// The camera is offered only where the browser reads QR codes, says when there is none,
// and is off again when it was stopped, has seen a code, was pulled out or the page is left.
func TestCameraScanner(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.noteSubmits()
	b.before(cameraStandIn)
	b.search("C-100248")
	account := b.path()
	for _, formats := range []string{"pdf417", "", "broken"} {
		evaluate[any](b, `sessionStorage.formats = `+quoteJS(formats)+`, null`)
		b.open(account)
		b.settle()
		if !evaluate[bool](b, `document.querySelector("button[data-camera]").hidden`) {
			t.Errorf("the camera is offered where the browser reads %q", formats)
		}
	}
	evaluate[any](b, `delete sessionStorage.formats, null`)
	b.open(account)
	b.until(`!document.querySelector("button[data-camera]").hidden`, "the camera is not offered")
	for _, refusal := range []string{"NotAllowedError", "NotFoundError"} {
		evaluate[any](b, `sessionStorage.refuses = `+quoteJS(refusal)+`, null`)
		b.pressed("button[data-camera]")
		b.live("The camera was not allowed, or there is none.")
	}
	evaluate[any](b, `delete sessionStorage.refuses, null`)

	b.cameraLooks()
	b.wantSaid("")
	b.wantFocus("Stop the camera")
	b.key(kb.Enter)
	b.wantCameraOff("after Stop")
	b.wantFocus("Scan with the camera")

	b.cameraLooks()
	b.key(kb.Escape)
	b.wantCameraOff("after Esc")

	b.cameraLooks()
	evaluate[any](b, `streams.at(-1).getTracks()[0].stop(), null`)
	b.live("The camera was not allowed, or there is none.")
	b.wantCameraOff("pulled out")
	if value := evaluate[string](b, `document.getElementById("user_code").value`); value != "" || b.path() != account {
		t.Errorf("no code was seen, but %q entered at %s", value, b.path())
	}

	b.cameraLooks()
	b.open(account)
	if running := evaluate[string](b, `sessionStorage.running`); running != "0" {
		t.Errorf("%s cameras run when the page is left", running)
	}

	b.cameraLooks()
	evaluate[any](b, `window.sees = `+quoteJS(strings.ToLower(codeOf(phone)))+`, null`)
	b.until(`location.pathname.endsWith("/proof")`, "the code does not match")
	b.wantEntered("camera")
	w.wantMatchedBy("camera")
	b.wantNoComplaint()
}

// cameraLooks presses the button, and waits for a picture that holds no code.
func (b *tab) cameraLooks() {
	b.t.Helper()
	b.until(`!document.querySelector("button[data-camera]").hidden`, "the camera is not offered")
	evaluate[any](b, `window.looked = 0, document.querySelector("button[data-camera]").focus(), null`)
	b.key(kb.Enter)
	b.until(`window.looked > 2`, "the camera does not look")
	if open := evaluate[int](b, `document.querySelectorAll("dialog[open] video").length + running()`); open != 2 {
		b.t.Errorf("%d pictures and cameras, want one of each", open)
	}
}

func (b *tab) wantCameraOff(when string) {
	b.t.Helper()
	b.until(`document.querySelectorAll("dialog").length + running() === 0`, when+" the camera is on")
}

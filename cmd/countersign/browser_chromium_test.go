package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// pageTimeout is for one page, on a computer that is busy with other tests.
const pageTimeout = patience

// chromium is one real browser for all tests that hold it at the same time.
type chromium struct {
	mutex   sync.Mutex
	holders int
	ctx     context.Context // nil: not started
	stop    func()
}

var theChromium chromium

// holdChromium skips the test when there is no browser, unless nothing may be skipped.
// Call it before t.Parallel: then all browser tests hold the same process.
func holdChromium(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no browser")
	}
	if chromiumPath() == "" {
		if os.Getenv("TEST_REQUIRE") == "all" {
			t.Fatal("no Chromium found, and TEST_REQUIRE=all")
		}
		t.Skip("no Chromium found")
	}
	theChromium.mutex.Lock()
	theChromium.holders++
	theChromium.mutex.Unlock()
	t.Cleanup(theChromium.release)
}

// chromiumPath prefers Chromium without its windows: pages are the same, and take half the work.
func chromiumPath() string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// context starts the browser for the first that asks.
func (c *chromium) context(t *testing.T) context.Context {
	t.Helper()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.ctx != nil {
		return c.ctx
	}
	folder, err := os.MkdirTemp("", "countersign-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromiumPath()), chromedp.UserDataDir(folder),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("lang", "en-GB"), chromedp.WSURLReadTimeout(patience),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), // a camera that is allowed
	)
	ctx, end := chromedp.NewContext(allocator)
	c.stop = func() {
		_ = chromedp.Cancel(ctx) // waits for the process
		end()
		endAllocator()
		_ = os.RemoveAll(folder)
	}
	if err := chromedp.Do(ctx); err != nil {
		c.stop()
		t.Fatalf("Chromium does not start: %v", err)
	}
	c.ctx = ctx
	return ctx
}

func (c *chromium) release() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.holders--; c.holders == 0 && c.ctx != nil {
		c.stop()
		c.ctx, c.stop = nil, nil
	}
}

// tab is a page of the browser with cookies of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	home string // address of the console

	lastKey time.Duration // when the last key of a scanner was, by its own time

	mutex    sync.Mutex
	messages []chromedp.ConsoleMessage
	issues   []string
	answered []string // addresses of the pages that came
}

// newTab opens a tab that ends with the test.
func newTab(t *testing.T, home string) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(theChromium.context(t), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	b := &tab{t: t, ctx: ctx, home: home}
	b.must(chromedp.Do(ctx))
	b.listen()
	b.size(1280, 900)
	b.speak()
	return b
}

// listen collects what the page and the browser complain about.
func (b *tab) listen() {
	messages, issues := chromedp.Console(b.ctx), chromedp.Events(b.ctx, audits.IssueAdded)
	go func() {
		for message, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			b.mutex.Lock()
			b.messages = append(b.messages, message)
			b.mutex.Unlock()
		}
	}()
	go func() {
		for event, err := range issues {
			if err != nil {
				return
			}
			b.mutex.Lock()
			b.issues = append(b.issues, describeIssue(event.Issue))
			b.mutex.Unlock()
		}
	}()
	b.must(command(b, audits.Enable, cdp.Empty{}))
}

// command sends one command of the browser's protocol.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(b.ctx, c, params)
	return err
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// load does what leads to another page, and waits for that.
func (b *tab) load(steps ...chromedp.Action[chromedp.Void]) *network.Response {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.t.Fatalf("no page came: %v", err)
	}
	b.answered = append(b.answered, response.URL)
	return response
}

// open types an address of the console, and returns the status of the answer.
func (b *tab) open(path string) int64 {
	b.t.Helper()
	return b.load(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Navigate, page.NavigateParams{URL: b.home + path})
		return err
	})).Status
}

// size makes the window as wide and high as a screen of that many CSS pixels.
func (b *tab) size(width, height int64) {
	b.t.Helper()
	b.must(command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1,
	}))
}

// scheme is "light" or "dark".
func (b *tab) scheme(name string) {
	b.t.Helper()
	b.must(command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	}))
}

// evaluate asks the page. The page's own policy does not bind it.
func evaluate[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script[:min(len(script), 60)], err)
	}
	return value
}

// loadedBy is a script as a step of load. The browser takes it for a person's doing.
func loadedBy(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script, func(p *runtime.EvaluateParams) { p.UserGesture = new(true) })
}

// quoteJS writes a text as a JavaScript string.
func quoteJS(text string) string {
	quoted, _ := json.Marshal(text) // a string always can be
	return string(quoted)
}

// describeIssue is what the browser's developer tools would list.
func describeIssue(issue *audits.InspectorIssue) string {
	words := string(issue.Code)
	if d := issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
		words += ": " + d.ViolatedDirective
		if d.BlockedURL != "" {
			words += " by " + d.BlockedURL
		}
	}
	if d := issue.Details.GenericIssueDetails; d != nil {
		words += ": " + string(d.ErrorType)
	}
	return words
}

package main

import (
	"flag"
	"os"
	"testing"
	"time"

	"countersign/oauth/deviceclient"

	"github.com/chromedp/chromedp"
)

var updateScreenshots = flag.Bool("update-screenshots", false, "write docs/screenshot.png again")

const (
	screenshotFile    = "../../docs/screenshot.png"
	longestScreenshot = 200 << 10 // bytes
)

// The picture in README.md is the page to decide on, of a request two days old.
func TestScreenshot(t *testing.T) {
	if *updateScreenshots {
		holdChromium(t)
		takeScreenshot(t)
	}
	picture, err := os.Stat(screenshotFile)
	if err != nil || picture.Size() > longestScreenshot {
		t.Errorf("%s is missing or larger than %d bytes (%v)", screenshotFile, longestScreenshot, err)
	}
}

func takeScreenshot(t *testing.T) {
	t.Helper()
	d := startBrowserDemo(t)
	phone := d.phone(harbourPocket, deviceclient.Request{
		LoginHint: demoHint, InstanceName: "Anna's new phone", Scope: "profile messages payments",
	})
	d.advance(49 * time.Hour)
	b := newTab(t, d.issuer)
	b.atCounter(demoOperator, demoCounter)
	b.search(demoHint)
	b.match(codeOf(phone))
	b.proof(goodDocument())
	b.scheme("light")
	b.size(1280, evaluate[int64](b, "document.documentElement.scrollHeight"))
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.must(err)
	b.must(os.WriteFile(screenshotFile, picture, 0o644))
}

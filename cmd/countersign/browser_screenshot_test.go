package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth/deviceclient"

	"github.com/chromedp/chromedp"
)

var updateScreenshots = flag.Bool("update-screenshots", false, "write docs/screenshots again (make screenshots)")

const (
	screenshotFolder  = "../../docs/screenshots"
	longestScreenshot = 200 << 10 // bytes
)

// screenshots are README.md's pictures, each with what leads to it from the one before.
var screenshots = []struct {
	name string
	take func(s *screenshotVisit) *tab
}{
	{"phone", func(s *screenshotVisit) *tab { return s.phone.tab }},
	{"match", (*screenshotVisit).match},
	{"document", (*screenshotVisit).document},
	{"decide", (*screenshotVisit).decide},
}

// README.md shows the phone's page and the console's three steps, of a request two days old.
func TestScreenshots(t *testing.T) {
	if *updateScreenshots {
		holdChromium(t)
		takeScreenshots(t)
	}
	for _, picture := range screenshots {
		file := filepath.Join(screenshotFolder, picture.name+".png")
		if about, err := os.Stat(file); err != nil || about.Size() > longestScreenshot {
			t.Errorf("%s is missing or larger than %d bytes (%v)", file, longestScreenshot, err)
		}
	}
}

func takeScreenshots(t *testing.T) {
	t.Helper()
	visit := beginScreenshotVisit(t)
	for _, picture := range screenshots {
		b := picture.take(visit)
		b.scheme("light")
		if picture.name != "phone" { // which is shown as far as its screen goes
			b.size(1280, evaluate[int64](b, "document.documentElement.scrollHeight"))
		}
		shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		b.must(err)
		b.must(os.WriteFile(filepath.Join(screenshotFolder, picture.name+".png"), packed(t, shot), 0o644))
	}
}

// screenshotVisit is one visit, with the phone's page on one side and the console on the other.
type screenshotVisit struct {
	phone    *phonePage
	operator *tab
	code     string
}

func beginScreenshotVisit(t *testing.T) *screenshotVisit {
	t.Helper()
	d := startBrowserDemo(t)
	phone := startPhonePage(d)
	phone.size(400, 880)
	phone.asks(demoHint, "Anna's new phone")
	code := phone.code()
	d.phone(harbourPocket, deviceclient.Request{LoginHint: demoHint, InstanceName: "Tablet in the kitchen",
		Scope: "profile messages payments"})
	phone.later(49 * time.Hour)
	phone.stays("waiting")
	operator := newTab(t, d.issuer)
	operator.size(1280, 800)
	operator.atCounter(demoOperator, demoCounter)
	return &screenshotVisit{phone: phone, operator: operator, code: code}
}

func (s *screenshotVisit) match() *tab {
	s.operator.search(demoHint)
	return s.operator
}

// document is after the scan of her passport.
func (s *screenshotVisit) document() *tab {
	s.operator.match(s.code)
	s.operator.proof(url.Values{"scan": {handlerstest.Passport("LINDQVIST<<ANNA", "840309", "310531")}})
	return s.operator
}

func (s *screenshotVisit) decide() *tab {
	s.operator.proof(url.Values{"photo_matches": {"yes"}, "document_handled": {"yes"}})
	return s.operator
}

// packed is the picture in its 256 most frequent colours: a page has few, and the rest
// are the soft edges of letters.
func packed(t *testing.T, picture []byte) []byte {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	few := image.NewPaletted(decoded.Bounds(), frequentColours(decoded))
	draw.Draw(few, few.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	var buffer bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buffer, few); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func frequentColours(picture image.Image) color.Palette {
	count := map[color.RGBA]int{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			count[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.Collect(maps.Keys(count))
	slices.SortFunc(colours, func(a, b color.RGBA) int { return count[b] - count[a] })
	var palette color.Palette
	for _, colour := range colours[:min(256, len(colours))] {
		palette = append(palette, colour)
	}
	return palette
}

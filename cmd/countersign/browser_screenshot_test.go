package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"slices"
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
	b.must(os.WriteFile(screenshotFile, packed(t, picture), 0o644))
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

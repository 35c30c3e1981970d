package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"countersign/views"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/text/language"
)

var (
	picturesFolder   = flag.String("pictures", "", "write a picture of every page to this folder, to be looked at")
	picturesLanguage = flag.String("pictures-language", "", "the language of these pages, where it is not English")
)

// highestPicture is as much as anybody looks at of a list.
const highestPicture = 6000 // CSS pixels

// Every page as a person sees it: wide and narrow, light and dark, and on paper, also with
// more rows than anybody has. Nothing is judged here; somebody looks at the pictures.
func TestPictures(t *testing.T) {
	if *picturesFolder == "" {
		t.Skip("for people to look at: -pictures FOLDER")
	}
	if err := os.MkdirAll(*picturesFolder, 0o755); err != nil {
		t.Fatal(err)
	}
	holdChromium(t)
	number := 0
	take := func(s stop, b *tab) {
		number++
		b.pictures(fmt.Sprintf("%03d %s", number, s.name))
	}
	newTour(t, twoForAppointments).visit(take)
	crowded := newTour(t)
	for _, s := range crowdedStops() {
		b, _ := s.reach(crowded)
		take(s, b)
	}
}

// pictures writes what the page looks like, where somebody asked for it.
func (b *tab) pictures(name string) {
	b.t.Helper()
	if *picturesFolder == "" {
		return
	}
	name = filepath.Join(*picturesFolder, regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-"))
	for _, width := range []int64{1280, 800, 360} {
		b.picture(fmt.Sprintf("%s.%d.light.png", name, width), width)
	}
	if *picturesLanguage == "" { // colours speak all languages
		b.scheme("dark")
		b.picture(name+".1280.dark.png", 1280)
		b.picture(name+".360.dark.png", 360)
		b.scheme("light")
	}
	b.paper(name+".a4.pdf", 210, 297)
	b.paper(name+".80mm.pdf", 80, 297)
	b.size(1280, 900)
}

// picture is of the whole page, as wide as a screen.
func (b *tab) picture(file string, width int64) {
	b.t.Helper()
	b.size(width, 900)
	b.size(width, min(evaluate[int64](b, "document.documentElement.scrollHeight"), highestPicture))
	evaluate[any](b, "new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(() => drawn(null))))")
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must(err)
	b.must(os.WriteFile(file, shot, 0o644))
}

// paper is what a printer gets, of a size in millimetres.
func (b *tab) paper(file string, width, height float64) {
	b.t.Helper()
	const inch = 25.4
	printed, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: width / inch, PaperHeight: height / inch})
	b.must(err)
	b.must(os.WriteFile(file, printed.Data, 0o644))
}

// speak lets the tab's pages be in the language of the pictures.
func (b *tab) speak() {
	b.t.Helper()
	if *picturesLanguage != "" {
		b.inLanguage(*picturesLanguage)
	}
}

// inLanguage lets the tab's next pages be in a language.
func (b *tab) inLanguage(tag string) {
	b.t.Helper()
	b.must(command(b, network.SetCookie, network.SetCookieParams{Name: "countersign-language", Value: tag, URL: b.home}))
}

// said is a text of a page in the language that the pages are in. Names are in none, and stay.
func (b *tab) said(words string) string {
	b.t.Helper()
	if *picturesLanguage == "" || words == "" {
		return words
	}
	catalogue, err := views.LoadWords()
	b.must(err)
	said := views.Say(catalogue.In(context.Background(), language.Make(*picturesLanguage)), words)
	return strings.Trim(said, "\u2066\u2069") // the marks of what a language lacks
}

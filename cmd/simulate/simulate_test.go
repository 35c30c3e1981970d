package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/oauth"
)

// short are the weeks with few phones that are simulated one by one.
var short = sync.OnceValue(func() []*week { return simulateAll(sites(), options{seed: 1, phones: 50, length: 14 * day}) })

// docs/decisions/0061-interval-by-load.md: whatever the size of a site, its phones poll no more often than the policy lets
// them, nobody who was approved loses the window, and who was approved is connected within an interval, also in a week with an
// outage.
func TestWeeks(t *testing.T) {
	for _, r := range short() {
		name := group(r.site.accounts) + " on " + r.site.place()
		if len(r.connected) < 20 || r.lost > 0 {
			t.Errorf("%s: %d connected, %d lost their window", name, len(r.connected), r.lost)
		}
		if most := r.bound(); r.mostPolls > most*1.05 || r.mostPolls == 0 {
			t.Errorf("%s: %.0f polls a second, at most %.0f by policy", name, r.mostPolls, most)
		}
		if r.leastTold < r.site.least || r.mostTold > oauth.LongestPollInterval {
			t.Errorf("%s: told %s to %s", name, r.leastTold, r.mostTold)
		}
		if late := r.percentile(99); late > r.mostTold+r.mostTold/50 {
			t.Errorf("%s: one in a hundred is connected after %s, at an interval of %s", name, late, r.mostTold)
		}
	}
}

// A small site is told its operator's interval, and a hundred million accounts on a small machine the longest.
func TestIntervalsOfSites(t *testing.T) {
	weeks := short()
	if small := weeks[0]; small.mostTold != small.site.least {
		t.Errorf("a small site is told %s", small.mostTold)
	}
	large := weeks[len(weeks)-1]
	if large.leastTold != oauth.LongestPollInterval {
		t.Errorf("a large site on a small machine is told %s", large.leastTold)
	}
	if fixed := float64(large.mostWaiting) / large.site.least.Seconds(); fixed < 5*large.mostPolls {
		t.Errorf("%.0f polls a second, and %.0f at the shortest interval", large.mostPolls, fixed)
	}
}

// The same seed gives the same weeks.
func TestSameSeedSameWeeks(t *testing.T) {
	var one, other strings.Builder
	for _, out := range []*strings.Builder{&one, &other} {
		tell(out, simulateAll(sites(), options{seed: 7, phones: 10, length: 14 * day}))
	}
	if one.String() != other.String() {
		t.Errorf("two runs:\n%s\n%s", one.String(), other.String())
	}
}

// The earliest event is in front, whatever the order in which they came.
func TestQueue(t *testing.T) {
	var q queue
	for i := range 1000 {
		q.push(event{at: int64(i * 7919 % 1009)})
	}
	last := int64(-1)
	for len(q) > 0 {
		e := q.pop()
		if e.at < last {
			t.Fatalf("%d after %d", e.at, last)
		}
		last = e.at
	}
}

// The costs are those that docs/performance.md measured: after a new measurement costs.go changes with it.
func TestCostsAreMeasured(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ section, row, figure string }{
		{"Smaller pages", "| pending poll |", micro(pollCPU)},
		{"Smaller pages", "| 8 phones |", micro(issueCPU)},
		{"Smaller pages", "| 8 phones |", written(issueWrites)},
		{"Smaller pages", "| the whole visit |", micro(visitCPU)},
		{"Smaller pages", "| the whole visit |", written(visitWrites)},
		{"Smaller pages", "| its redemption |", micro(redeemCPU)},
		{"Smaller pages", "| its redemption |", written(redeemWrites)},
		{"Smaller pages", "| a refresh |", micro(refreshCPU)},
		{"Smaller pages", "| a refresh |", written(refreshWrites)},
		{"What a request and an event take", "| an event of a visit, all of it |", group(eventBytes)},
	} {
		if !slices.Contains(figures(string(page), c.section, c.row), c.figure) {
			t.Errorf("costs.go has %s, which docs/performance.md does not have in %q, %q", c.figure, c.section, c.row)
		}
	}
}

// figures are what stands between blanks in the last line of a section that begins so: that of the newest run.
func figures(page, section, row string) []string {
	_, text, _ := strings.Cut(page, "\n## "+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	line, _, _ := strings.Cut(text[max(0, strings.LastIndex(text, "\n"+row))+1:], "\n")
	words := strings.Fields(line)
	for i := range words {
		words[i] = strings.Trim(words[i], ",.()|")
	}
	return words
}

func micro(d time.Duration) string { return group(int(d / time.Microsecond)) }

func written(bytes float64) string { return strconv.FormatFloat(bytes/kib, 'f', -1, 64) }

// The program prints its tables and writes a picture that is well-formed and for light and dark pages.
func TestRun(t *testing.T) {
	picture := filepath.Join(t.TempDir(), "weeks.svg")
	var out strings.Builder
	if err := run([]string{"-phones", "10", "-draw", picture}, &out); err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(out.String(), "\n| "); rows != 2*(len(sites())+1)+1 {
		t.Errorf("%d rows:\n%s", rows, out.String())
	}
	svg, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(strings.NewReader(string(svg))); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(svg), "prefers-color-scheme: dark") || !strings.Contains(string(svg), "<title") {
		t.Error("the picture has no dark colours, or no title")
	}
	if err := run([]string{"-no-such"}, io.Discard); err == nil {
		t.Error("any flag is taken")
	}
}

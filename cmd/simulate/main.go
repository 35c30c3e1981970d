// Command simulate checks the capacity model of docs/scaling.md: sites from ten thousand accounts to a hundred million, each
// with two weeks of phones that ask, wait, are approved at a counter and redeem, as discrete events. The interval that a phone
// is told is the program's own (oauth.PollInterval, oauth.PollLoad). The same seed gives the same weeks.
//
//	main.go   the way in, and the tables that docs/scaling.md holds
//	costs.go  what one request costs, from docs/performance.md: the one place to change after a new measurement
//	site.go   the sites, and what people do
//	week.go   the weeks: phones, processes, an outage
//	queue.go  events, the earliest first
//	draw.go   the picture
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(stdout)
	seed := flags.Uint64("seed", 1, "of all that is drawn by lot")
	phones := flags.Int("phones", 1000, "waiting phones of a site that are simulated one by one; each stands for as many as there are more")
	picture := flags.String("draw", "", "file of an SVG picture to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	weeks := simulateAll(sites(), options{seed: *seed, phones: *phones, length: 14 * day})
	tell(stdout, weeks)
	if *picture == "" {
		return nil
	}
	return os.WriteFile(*picture, []byte(draw(weeks)), 0o600)
}

// simulateAll simulates the sites at once.
func simulateAll(all []site, o options) []*week {
	weeks := make([]*week, len(all))
	var wg sync.WaitGroup
	for i, s := range all {
		wg.Go(func() { weeks[i] = simulate(s, o) })
	}
	wg.Wait()
	return weeks
}

// tell prints the tables, in the second week.
func tell(w io.Writer, weeks []*week) {
	row(w, "accounts", "at", "waiting", "told, s", "polls/s, mean", "most", "at most by policy", "approved → connected, p50", "p99",
		"told 503", "windows lost")
	row(w, "---:", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:")
	for _, r := range weeks {
		row(w, group(r.site.accounts), r.site.place(), group(r.mostWaiting),
			fmt.Sprintf("%d–%d", int(r.leastTold/time.Second), int(r.mostTold/time.Second)),
			figure(r.meanPolls), figure(r.mostPolls), figure(r.bound()), round(r.percentile(50)), round(r.percentile(99)),
			fmt.Sprintf("%.2f %%", 100*r.refusedPart()), fmt.Sprint(r.lost))
	}
	fmt.Fprintln(w)
	row(w, "accounts", "at", "requests/s", "visits/s", "refreshes/s", "cores: polls", "all else", "cores there", "MiB/s written", "GB a year",
		"ends first")
	row(w, "---:", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---:", "---")
	for _, r := range weeks {
		l := r.site.load()
		row(w, group(r.site.accounts), r.site.place(), figure(l.requests), figure(l.visits), figure(l.refreshes),
			figure(r.mostPolls*pollCPU.Seconds()), figure(l.cores), fmt.Sprint(r.site.cores*r.site.processes),
			figure(l.written/(1<<20)), figure(l.stored/1e9), r.site.bottleneck)
	}
}

func row(w io.Writer, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

// figure has two or three digits that count, or all in front of the point.
func figure(x float64) string {
	if x >= 100 {
		return group(int(x + 0.5))
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

func round(d time.Duration) string { return d.Round(time.Second).String() }

// group writes a number with its thousands apart.
func group(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

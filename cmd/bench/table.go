package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// writeTables writes the ratios first, then what each server needed.
func writeTables(out io.Writer, rows []*row) error {
	if _, err := fmt.Fprintln(out, "\nServer CPU for one, in microseconds, and its ratios:"); err != nil {
		return err
	}
	ratios := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line(ratios, "step", "new/limit", "old/limit", "new/old", "new", "old", "limit", "")
	for _, r := range rows {
		n, o, l := r.of[newBuild], r.of[oldBuild], r.of[bareLimit]
		line(ratios, r.name, ratio(n, l), ratio(o, l), ratio(n, o), cpuText(n), cpuText(o), cpuText(l), "")
	}
	if err := ratios.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "\nOne of each: requests, KiB written, allocations, SQL statements, client CPU in microseconds,"+
		"\nhow many a second, p50 and p99 in milliseconds; memory in MiB at the end:"); err != nil {
		return err
	}
	details := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line(details, "step", "server", "times", "requests", "KiB", "allocations", "statements", "client CPU",
		"a second", "p50", "p99", "memory", "")
	for _, r := range rows {
		for _, server := range []string{newBuild, oldBuild, bareLimit} {
			if m := r.of[server]; m != nil {
				line(details, append([]string{r.name, server}, m.cells()...)...)
			}
		}
	}
	return details.Flush()
}

// cells are what one server needed for one of a step.
func (m *measured) cells() []string {
	memory := "-"
	if m.resident > 0 {
		memory = fmt.Sprint(m.resident >> 20)
	}
	return []string{
		fmt.Sprint(m.times), oneDigit(m.each(m.requests)), m.part(m.server.written, 1024), m.part(m.server.allocations, 1),
		m.part(m.server.statements, 1),
		fmt.Sprint((m.client / time.Duration(max(m.times, 1))).Microseconds()), m.aSecond(), m.percentile(50), m.percentile(99), memory, "",
	}
}

func line(w io.Writer, cells ...string) {
	for i, cell := range cells {
		if i > 0 {
			_, _ = io.WriteString(w, "\t")
		}
		_, _ = io.WriteString(w, cell)
	}
	_, _ = io.WriteString(w, "\n")
}

// quotient is of the server's CPU, 0 where one of the two did not take part.
func quotient(of, to *measured) float64 {
	if of == nil || to == nil || of.cpu() <= 0 || to.cpu() <= 0 {
		return 0
	}
	return float64(of.cpu()) / float64(to.cpu())
}

// ratio is the quotient, "-" where there is none.
func ratio(of, to *measured) string {
	if q := quotient(of, to); q > 0 {
		return fmt.Sprintf("%.2f", q)
	}
	return "-"
}

func cpuText(m *measured) string {
	if m == nil || m.cpu() <= 0 {
		return "-"
	}
	return fmt.Sprint(m.cpu().Microseconds())
}

// part is a total's part of one step, in units of so many.
func (m *measured) part(total int64, unit float64) string {
	if total == unknown {
		return "not measured"
	}
	return oneDigit(m.each(total) / unit)
}

// percentile is in milliseconds, "-" for steps that were added up.
func (m *measured) percentile(hundredths float64) string {
	if len(m.took) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(percentile(m.took, hundredths))/float64(time.Millisecond))
}

// aSecond is the throughput, which counts what waited long too, as a median does not.
func (m *measured) aSecond() string {
	if m.clock <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", float64(m.times)/m.clock.Seconds())
}

func oneDigit(value float64) string { return fmt.Sprintf("%.1f", value) }

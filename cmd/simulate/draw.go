package main

import (
	"fmt"
	"strings"
)

// The picture's sizes, in pixels.
const (
	width, height = 860, 560
	left, right   = 70, 20
	plotHeight    = 190
)

// style is for light and dark pages.
const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.axis { stroke: #8c959f; fill: none }
.grid { stroke: #d0d7de; fill: none }
.now { stroke: #0b62c4; stroke-width: 2; fill: none }
.fixed { stroke: #b35900; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none }
.now-text { fill: #0b62c4 } .fixed-text { fill: #b35900 }
.page { fill: #ffffff }
.now-text, .fixed-text { paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #30363d }
.now { stroke: #58a6ff } .now-text { fill: #58a6ff } .fixed { stroke: #f0883e } .fixed-text { fill: #f0883e }
.now-text, .fixed-text { stroke: #0d1117 }
}
</style>
`

// plot is one curve over the two weeks, with its scale.
type plot struct {
	top, most float64
	step      float64
}

// draw returns the picture of the largest site: polls a second, with the policy and at its shortest interval for all, and the
// interval that a new phone is told.
func draw(weeks []*week) string {
	r := weeks[len(weeks)-2]
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="t">`+"\n", width, height)
	fmt.Fprintf(&b, "<title id=\"t\">Two weeks of %s accounts: polls a second, and the interval that a new phone is told</title>\n", group(r.site.accounts))
	b.WriteString(style)
	fmt.Fprintf(&b, "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", width, height)
	var polls, fixed, told []float64
	most := 0.0
	for _, h := range r.hours {
		polls, fixed, told = append(polls, h.polls), append(fixed, h.waiting/r.site.least.Seconds()), append(told, h.told.Seconds())
		most = max(most, h.waiting/r.site.least.Seconds())
	}
	above := plot{top: 50, most: most * 1.05, step: 5000}
	above.frame(&b, fmt.Sprintf("Polls a second, %s accounts, %s", group(r.site.accounts), r.site.place()), len(r.hours))
	above.curve(&b, "fixed", fixed)
	above.curve(&b, "now", polls)
	fmt.Fprintf(&b, "<text class=\"fixed-text\" x=\"%d\" y=\"70\">at 30 s for everybody</text>\n", left+20)
	fmt.Fprintf(&b, "<text class=\"now-text\" x=\"%d\" y=\"90\">with the interval by load</text>\n", left+20)
	below := plot{top: 320, most: 150, step: 30}
	below.frame(&b, "Interval that a new phone is told, in seconds", len(r.hours))
	below.curve(&b, "now", told)
	b.WriteString("</svg>\n")
	return b.String()
}

func (p plot) y(value float64) float64 { return p.top + plotHeight*(1-value/p.most) }

func x(hour, hours int) float64 {
	return left + float64(width-left-right)*float64(hour)/float64(max(hours-1, 1))
}

func (p plot) frame(b *strings.Builder, title string, hours int) {
	fmt.Fprintf(b, "<text class=\"title\" x=\"%d\" y=\"%.0f\">%s</text>\n", left, p.top-14, title)
	for value := 0.0; value <= p.most; value += p.step {
		fmt.Fprintf(b, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", left, p.y(value), width-right)
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left-8, p.y(value)+4, group(int(value)))
	}
	for hour := 0; hour < hours; hour += 24 {
		fmt.Fprintf(b, "<path class=\"axis\" d=\"M%.1f %.1fv6\"/>\n", x(hour, hours), p.y(0))
		if name := []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}[hour/24%7]; hour+24 <= hours {
			fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n", x(hour+12, hours), p.y(0)+20, name)
		}
	}
	fmt.Fprintf(b, "<path class=\"axis\" d=\"M%d %.1fH%d\"/>\n", left, p.y(0), width-right)
}

func (p plot) curve(b *strings.Builder, class string, values []float64) {
	fmt.Fprintf(b, "<path class=\"%s\" d=\"M", class)
	for i, value := range values {
		if i > 0 {
			b.WriteString("L")
		}
		fmt.Fprintf(b, "%.1f %.1f", x(i, len(values)), p.y(value))
	}
	b.WriteString("\"/>\n")
}

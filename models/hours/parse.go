package hours

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// names are the weekdays in the order of their week, as the text has them.
var names = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}

// Weekdays lists the days from Monday on.
func Weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

// PartError is a part of the text that cannot be read.
type PartError struct{ Part string }

func (e *PartError) Error() string { return fmt.Sprintf("%q is no opening hours", e.Part) }

var meant = regexp.MustCompile(`^\s*(Mo|Tu|We|Th|Fr|Sa|Su)\s*[-, ]`)

// Meant reports whether a text was meant as data, whatever is wrong with it.
func Meant(text string) bool { return meant.MatchString(text) }

// dayForm and dateForm are what a rule may begin with: weekdays, or a date in either writing.
var (
	dayForm  = regexp.MustCompile(`^((?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s*[-,]\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))*)\s+(.+)$`)
	dateForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d|\d{4} [A-Z][a-z]{2} \d{1,2})\s+(.+)$`)
	spanForm = regexp.MustCompile(`^(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)$`)
)

// Parse reads the text. A later rule for a day takes the place of an earlier one. Error: *PartError; also of a text that is
// open on no weekday.
func Parse(text string) (Hours, error) {
	h := Hours{Dates: map[string][]Span{}}
	if len(text) > MaxText {
		return Hours{}, &PartError{text[:40]}
	}
	for rule := range strings.SplitSeq(text, ";") {
		rule = strings.TrimSpace(rule)
		if rule == "" {
			continue
		}
		if err := h.read(rule); err != nil {
			return Hours{}, err
		}
	}
	if h.Empty() || len(h.Dates) > maxDates {
		return Hours{}, &PartError{text}
	}
	return h, nil
}

func (h *Hours) read(rule string) error {
	if form := dateForm.FindStringSubmatch(rule); form != nil {
		date, err := Date(form[1])
		if err != nil {
			return &PartError{rule}
		}
		h.Dates[date], err = Spans(form[2])
		return err
	}
	form := dayForm.FindStringSubmatch(rule)
	if form == nil {
		return &PartError{rule}
	}
	spans, err := Spans(form[2])
	for _, day := range daysOf(form[1]) {
		h.Week[day] = spans
	}
	return err
}

// daysOf reads "Mo-Fr,Su"; a range may go over the end of the week.
func daysOf(text string) []time.Weekday {
	var days []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(part, "-")
		from := slices.Index(names, strings.TrimSpace(first))
		to := from
		if ranged {
			to = slices.Index(names, strings.TrimSpace(last))
		}
		for i := from; ; i = (i + 1) % len(names) {
			days = append(days, Weekdays()[i])
			if i == to {
				break
			}
		}
	}
	return days
}

// Date reads "2026-12-25" or "2026 Dec 25", and gives the former.
func Date(text string) (string, error) {
	for _, layout := range []string{time.DateOnly, "2006 Jan 2", "2006 Jan 02"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", &PartError{text}
}

// Spans reads "09:00-12:00,13:00-17:00", in order; "off" and "closed" are none. One that ends before it begins goes on over
// midnight. Error: *PartError.
func Spans(text string) ([]Span, error) {
	if text = strings.TrimSpace(text); text == "off" || text == "closed" {
		return nil, nil
	}
	var spans []Span
	for part := range strings.SplitSeq(text, ",") {
		span, err := readSpan(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if last := len(spans) - 1; last >= 0 && span.From < spans[last].To || len(spans) == maxSpans {
			return nil, &PartError{part}
		}
		spans = append(spans, span)
	}
	return spans, nil
}

func readSpan(text string) (Span, error) {
	form := spanForm.FindStringSubmatch(text)
	if form == nil {
		return Span{}, &PartError{text}
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(form[i+1])
	}
	span := Span{n[0]*60 + n[1], n[2]*60 + n[3]}
	const day = 24 * 60
	if n[1] > 59 || n[3] > 59 || span.From >= day || span.To > day || span.From == span.To {
		return Span{}, &PartError{text}
	}
	if span.To < span.From {
		span.To += day
	}
	return span, nil
}

// String is the text in its one form: weekdays that are alike together, then the dates in order.
func (h Hours) String() string {
	var rules []string
	for _, run := range h.Runs() {
		if len(run.Spans) > 0 {
			name := names[index(run.First)]
			if run.Last != run.First {
				name += "-" + names[index(run.Last)]
			}
			rules = append(rules, name+" "+SpansText(run.Spans))
		}
	}
	for _, date := range h.DatesInOrder() {
		day, _ := time.Parse(time.DateOnly, date)
		rules = append(rules, day.Format("2006 Jan 02")+" "+SpansText(h.Dates[date]))
	}
	return strings.Join(rules, "; ")
}

// Run is weekdays one after another with the same spans.
type Run struct {
	First, Last time.Weekday
	Spans       []Span // none: closed
}

// Runs lists the week from Monday on.
func (h Hours) Runs() []Run {
	var runs []Run
	for _, day := range Weekdays() {
		if last := len(runs) - 1; last >= 0 && slices.Equal(runs[last].Spans, h.Week[day]) {
			runs[last].Last = day
			continue
		}
		runs = append(runs, Run{day, day, h.Week[day]})
	}
	return runs
}

// DatesInOrder lists the dates that are different.
func (h Hours) DatesInOrder() []string {
	dates := make([]string, 0, len(h.Dates))
	for date := range h.Dates {
		dates = append(dates, date)
	}
	slices.Sort(dates)
	return dates
}

func index(day time.Weekday) int { return (int(day) + 6) % 7 }

// SpansText writes spans as Spans reads them.
func SpansText(spans []Span) string {
	if len(spans) == 0 {
		return "off"
	}
	var parts []string
	for _, span := range spans {
		parts = append(parts, clock(span.From)+"-"+clock(span.To))
	}
	return strings.Join(parts, ",")
}

// clock writes a minute of the day; the end of a day is 24:00, and what is after it is told as the next day's.
func clock(minutes int) string {
	const day = 24 * 60
	if minutes > day {
		minutes -= day
	}
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

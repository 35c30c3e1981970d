package admin

import (
	"regexp"
	"strings"
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"
	"countersign/models/hours"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// The opening hours of a counter in its form: words, or a field for each weekday and one for dates that are different. Together
// they are the text that models/hours reads.

// readHours reads the fields as typed.
func readHours(c echo.Context) views.HoursForm {
	form := views.HoursForm{Words: strings.TrimSpace(web.Field(c, "hours")), Dates: strings.TrimSpace(web.Field(c, "dates"))}
	for i, name := range views.HoursFields() {
		form.Days[i] = strings.TrimSpace(web.Field(c, name))
	}
	return form
}

// hoursText joins the fields to the text of a counter, and says what is to mend. Without any weekday the words count.
func hoursText(form views.HoursForm) (text string, problems console.Problems) {
	var rules []string
	for i, day := range hours.Weekdays() {
		if form.Days[i] == "" {
			continue
		}
		spans, err := hours.Spans(form.Days[i])
		if err != nil {
			problems.Add(views.HoursFields()[i], views.SayLater("Write it like 09:00-12:00, 13:00-17:00, or leave it empty: closed."))
		}
		rules = append(rules, hours.Hours{Week: week(day, spans)}.String())
	}
	dates, ok := dateRules(form.Dates)
	if !ok {
		problems.Add("dates", views.SayLater("Write a date and its hours on each line, like 2026-12-24 09:00-12:00 or 2026-12-25 closed."))
	}
	rules = append(rules, dates...)
	if len(problems) > 0 {
		return "", problems
	}
	if text = strings.Join(rules, "; "); text == "" {
		text = form.Words
	}
	switch _, err := hours.Parse(text); {
	case err == nil:
	case len(rules) > 0:
		problems.Add(views.HoursFields()[0], views.SayLater(
			"Say for one weekday at least when the counter is open, and for 100 dates at most what is different."))
	case hours.Meant(text):
		problems.Add("hours", views.SayLater("Write these hours into the fields of the weekdays."))
	}
	return text, problems
}

func week(day time.Weekday, spans []hours.Span) (week [7][]hours.Span) {
	week[day] = spans
	return week
}

var dateBegins = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`)

// dateRules reads "2026-12-25 closed", one after another; each begins with its date, whatever ends the line before.
func dateRules(text string) (rules []string, ok bool) {
	begins := dateBegins.FindAllStringIndex(text, -1)
	if len(begins) == 0 {
		return nil, text == ""
	}
	if begins[0][0] != 0 {
		return nil, false
	}
	for i, begin := range begins {
		end := len(text)
		if i+1 < len(begins) {
			end = begins[i+1][0]
		}
		day, err := hours.Date(text[begin[0]:begin[1]])
		spans, wrong := hours.Spans(text[begin[1]:end])
		if err != nil || wrong != nil {
			return nil, false
		}
		rules = append(rules, day+" "+hours.SpansText(spans))
	}
	return rules, true
}

// hoursForm is what the form holds of a counter's text.
func hoursForm(text string) views.HoursForm {
	h, err := hours.Parse(text)
	if err != nil {
		return views.HoursForm{Words: text}
	}
	var form views.HoursForm
	spaced := strings.NewReplacer(",", ", ")
	for i, day := range hours.Weekdays() {
		if len(h.Week[day]) > 0 {
			form.Days[i] = spaced.Replace(hours.SpansText(h.Week[day]))
		}
	}
	var lines []string
	for _, date := range h.DatesInOrder() {
		spans := spaced.Replace(hours.SpansText(h.Dates[date]))
		if spans == "off" {
			spans = "closed"
		}
		lines = append(lines, date+" "+spans)
	}
	form.Dates = strings.Join(lines, "\n")
	return form
}

// Package hours holds when a counter is open, as data: spans of each weekday, and dates that are different.
//
// They are written as OpenStreetMap writes opening hours (its key opening_hours), of which this is a part:
// "Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-14:00; 2026 Dec 25 off". So they are text in the database, which a program that
// does not know them shows as it is; and what is no such text is words for people, about which nothing is known.
//
//	hours.go  what the data is, and when it is open
//	parse.go  the text
package hours

import (
	"slices"
	"time"
)

// Bounds of what is read.
const (
	MaxText  = 2000 // characters of the text
	maxDates = 100  // dates that are different
	maxSpans = 6    // of a day
)

// Span is a time of a day in minutes after its midnight. To is after From, and at most From's hour of the day after: what goes
// on over midnight belongs to the day on which it begins.
type Span struct{ From, To int }

// Hours is when a counter is open.
type Hours struct {
	Week  [7][]Span         // by time.Weekday
	Dates map[string][]Span // in place of the weekday's, by YYYY-MM-DD; none: closed
}

// Opening is from when to when a counter is open, by the clock of everybody.
type Opening struct{ From, To time.Time }

// Empty reports whether it is never open by its weekdays.
func (h Hours) Empty() bool {
	return !slices.ContainsFunc(h.Week[:], func(spans []Span) bool { return len(spans) > 0 })
}

// Between lists the openings that are not over at from and begin before to, in their order; two that touch are one. The zone
// is the counter's: where clocks change, a span is as long as its ends by the clock say.
func (h Hours) Between(from, to time.Time, zone *time.Location) []Opening {
	var list []Opening
	day := from.In(zone).AddDate(0, 0, -1) // what began yesterday may go on over midnight
	for ; !midnight(day, 0).After(to); day = midnight(day, 0).Add(36 * time.Hour) {
		for _, span := range h.on(day) {
			opening := Opening{midnight(day, span.From), midnight(day, span.To)}
			last := len(list) - 1
			switch {
			case !opening.To.After(from) || !opening.From.Before(to) || !opening.To.After(opening.From):
			case last >= 0 && !opening.From.After(list[last].To):
				list[last].To = later(list[last].To, opening.To)
			default:
				list = append(list, opening)
			}
		}
	}
	return list
}

// on lists the spans of a day.
func (h Hours) on(day time.Time) []Span {
	if spans, different := h.Dates[day.Format(time.DateOnly)]; different {
		return spans
	}
	return h.Week[day.Weekday()]
}

// midnight is some minutes after a day's beginning, by the clock.
func midnight(day time.Time, minutes int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, day.Location())
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// horizon is how far one looks for the next opening.
const horizon = 60 * 24 * time.Hour

// At is the opening at a moment, or the next one within 60 days. now reports whether it has begun; ok, whether there is any.
func (h Hours) At(moment time.Time, zone *time.Location) (opening Opening, now, ok bool) {
	list := h.Between(moment, moment.Add(horizon), zone)
	if len(list) == 0 {
		return Opening{}, false, false
	}
	return list[0], !list[0].From.After(moment), true
}

package views

import (
	"context"
	"fmt"
	"time"
)

// StoryProps is what happened to one account, newest first. It says no more of the account than the trail does.
type StoryProps struct {
	Account    string // its name where the record is open, else its initials; "" for one that is no more
	OpenURL    string // what a form posts to that opens the record; "" where it is open, or there is none
	DevicesURL string // the devices of the account, where the record is open
	Events     []EventRow
	OlderURL   string // "" at the end
	NewerURL   string // back to the newest; "" on the first page
	TrailURL   string // the same in the trail, to be filtered
}

// NumberFact is a number with its name, and what leads to the events that it counts; URL is "" for a number of nothing.
type NumberFact struct {
	Name  string
	Count int
	URL   string
}

// DayProps is what one of the staff did on one day. Field of the form (GET): day.
type DayProps struct {
	Name    string
	Day     string // in words
	Date    string // as in the address
	Path    string // of the page, without its day
	Clock   string // whose time it is, in words; "" for that of all counters
	Partial string // what the page lacks, in words; "" for nothing
	Behind  bool   // the newest events are not searched yet
	Totals  []NumberFact
	Visits  []VisitLine // newest first
	Groups  []EventGroup

	PreviousURL, NextURL, TrailURL string // NextURL is "" for today
}

// VisitLine is one visit of a day. Times that it took are "" where a step was not done on that day.
type VisitLine struct {
	EventRow        // of the visit's first event on that day
	Match    string // from the code to the check of the document
	Check    string // from there to the decision
	Whole    string
	Result   string
}

// EventGroup are events of one kind under their heading.
type EventGroup struct {
	Title  string
	Events []EventRow // newest first
}

// WeekProps is what happened at one counter in one week. Field of the form (GET): day, any of the week.
type WeekProps struct {
	Name      string
	Week      string // in words
	Monday    string // as in the address
	Path      string // of the page, without its week
	Clock     string // whose time it is, in words
	Partial   string // what the numbers lack, in words; "" for nothing
	Behind    bool   // the newest events are not searched yet
	Columns   []string
	Days      []NumberLine // a line a day, a number a column, and all together
	DayNames  []string     // short, of the seven days
	Operators []NumberLine // a line each, with the decisions of each day and all together
	Declines  []NumberFact
	Alerts    []NumberFact

	PreviousURL, NextURL, TrailURL string // NextURL is "" for this week
}

// NumberLine is a line of a table of numbers.
type NumberLine struct {
	Name    string
	URL     string
	Numbers []NumberFact // each named as its column
}

// Lasted tells a length of time in few letters: "45 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
func Lasted(ctx context.Context, length time.Duration) string {
	length = max(length, 0).Round(time.Second)
	switch {
	case length < time.Minute:
		return say(ctx, "%s s", fmt.Sprint(int(length/time.Second)))
	case length < time.Hour:
		return say(ctx, "%s min %s s", fmt.Sprint(int(length/time.Minute)), fmt.Sprint(int(length%time.Minute/time.Second)))
	case length < 24*time.Hour:
		return say(ctx, "%s h %s min", fmt.Sprint(int(length/time.Hour)), fmt.Sprint(int(length%time.Hour/time.Minute)))
	}
	return say(ctx, "%s d %s h", fmt.Sprint(int(length/(24*time.Hour))), fmt.Sprint(int(length%(24*time.Hour)/time.Hour)))
}

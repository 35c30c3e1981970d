package views

import (
	"context"
	"time"
)

// HoursForm is what was typed of opening hours. Fields: hours, dates, and those of HoursFields.
type HoursForm struct {
	Words string
	Days  [7]string // from Monday on: "09:00-12:00, 13:00-17:00"; "" closed
	Dates string    // one a line: "2026-12-25 closed"
}

// HoursFields are the names of the fields of the weekdays, from Monday on.
func HoursFields() [7]string {
	return [7]string{"open_mo", "open_tu", "open_we", "open_th", "open_fr", "open_sa", "open_su"}
}

// day is the name of the weekday of a field.
func (f HoursForm) day(ctx context.Context, i int) string { return weekday(ctx, time.Weekday((i+1)%7)) }

// OpenState says whether a place is open, or when next. All times are in its zone; from and to are the opening that goes on or
// comes next.
func OpenState(ctx context.Context, from, to, now time.Time) string {
	const day = 24 * time.Hour
	clock := func(t time.Time) string { return Clock(ctx, t, t.Location()) }
	switch {
	case !from.After(now) && to.Sub(now) > day:
		return say(ctx, "Open now.")
	case !from.After(now):
		return say(ctx, "Open now, until %s.", clock(to))
	case sameDay(from, now):
		return say(ctx, "Opens today at %s.", clock(from))
	case from.Sub(now) < 6*day:
		return say(ctx, "Opens %s at %s.", weekday(ctx, from.Weekday()), clock(from))
	}
	return say(ctx, "Opens on %s.", Moment(ctx, from, from.Location()))
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// HoursOfDays tells the hours of weekdays one after another; "" for none.
func HoursOfDays(ctx context.Context, first, last time.Weekday, spans string) string {
	if first == last {
		return say(ctx, "%s: %s", weekday(ctx, first), orClosed(ctx, spans))
	}
	return say(ctx, "%s to %s: %s", weekday(ctx, first), weekday(ctx, last), orClosed(ctx, spans))
}

// HoursOfDate tells those of a date, YYYY-MM-DD.
func HoursOfDate(ctx context.Context, date, spans string) string {
	return say(ctx, "%s: %s", Day(ctx, date), orClosed(ctx, spans))
}

func orClosed(ctx context.Context, spans string) string {
	if spans == "" {
		return say(ctx, "closed")
	}
	return spans
}

// DayOfWeek tells a day with its name: "Monday, 4 May 2026".
func DayOfWeek(ctx context.Context, t time.Time) string {
	return say(ctx, "%s, %s", weekday(ctx, t.Weekday()), Day(ctx, t.Format(time.DateOnly)))
}

// ShortDayOfWeek tells a day of a year that is known, in few letters: "Mon 4 May".
func ShortDayOfWeek(ctx context.Context, t time.Time) string {
	short := [...]string{
		say(ctx, "Sun"), say(ctx, "Mon"), say(ctx, "Tue"), say(ctx, "Wed"), say(ctx, "Thu"), say(ctx, "Fri"), say(ctx, "Sat"),
	}[t.Weekday()]
	return say(ctx, "%s %s", short, DayMonth(ctx, t))
}

func weekday(ctx context.Context, day time.Weekday) string {
	return [...]string{
		say(ctx, "Sunday"), say(ctx, "Monday"), say(ctx, "Tuesday"), say(ctx, "Wednesday"), say(ctx, "Thursday"), say(ctx, "Friday"),
		say(ctx, "Saturday"),
	}[day]
}

package views

import (
	"context"
	"strings"
	"time"
)

// Times as people read them. Their layouts are texts of the catalogues, in the notation of
// package time; a name of a month in one is replaced by the language's own.

// Moment tells a point in time: "3 May 2026 at 14:02", in UTC as "3 May 2026 at 14:02 UTC";
// "" for the zero time.
func Moment(ctx context.Context, t time.Time, zone *time.Location) string {
	switch {
	case t.IsZero():
		return ""
	case zone == time.UTC:
		return MomentAbroad(ctx, t, zone)
	}
	return inLayout(ctx, t.In(zone), say(ctx, "2 January 2006 at 15:04"))
}

// MomentAbroad is Moment with the zone's name, for who may read it in another zone.
func MomentAbroad(ctx context.Context, t time.Time, zone *time.Location) string {
	return inLayout(ctx, t.In(zone), say(ctx, "2 January 2006 at 15:04 MST"))
}

// MomentOffset is Moment with the offset from UTC, for paper that is read where another clock may hold: "3 May 2026 at 14:02
// (UTC+02:00)".
func MomentOffset(ctx context.Context, t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return inLayout(ctx, t.In(zone), say(ctx, "2 January 2006 at 15:04 (UTC-07:00)"))
}

// Second tells a point in time to the second, in few letters. UTC is marked as such.
func Second(ctx context.Context, t time.Time, zone *time.Location) string {
	text := inLayout(ctx, t.In(zone), say(ctx, "2 Jan 2006 15:04:05"))
	if zone == time.UTC {
		text += " UTC"
	}
	return text
}

// Clock tells a time of today: "14:02".
func Clock(ctx context.Context, t time.Time, zone *time.Location) string {
	return inLayout(ctx, t.In(zone), say(ctx, "15:04"))
}

// Day tells a date of the form YYYY-MM-DD as "3 May 2026"; anything else as it is.
func Day(ctx context.Context, date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return inLayout(ctx, day, say(ctx, "2 January 2006"))
}

// Age tells a length of time by its largest unit: "2 days".
func Age(ctx context.Context, length time.Duration) string {
	switch {
	case length >= 24*time.Hour:
		return say(ctx, "%d days", int(length/(24*time.Hour)))
	case length >= time.Hour:
		return say(ctx, "%d hours", int(length/time.Hour))
	case length >= time.Minute:
		return say(ctx, "%d minutes", int(length/time.Minute))
	}
	return say(ctx, "less than a minute")
}

// DayMonth tells a day of a year that is known, in few letters: "2 May".
func DayMonth(ctx context.Context, t time.Time) string { return inLayout(ctx, t, say(ctx, "2 Jan")) }

// Ago tells how long ago something was, by the largest unit: "2 days ago".
func Ago(ctx context.Context, length time.Duration) string {
	switch {
	case length >= 24*time.Hour:
		return say(ctx, "%d days ago", int(length/(24*time.Hour)))
	case length >= time.Hour:
		return say(ctx, "%d hours ago", int(length/time.Hour))
	case length >= time.Minute:
		return say(ctx, "%d minutes ago", int(length/time.Minute))
	}
	return say(ctx, "less than a minute ago")
}

func inLayout(ctx context.Context, t time.Time, layout string) string {
	const month = "January"
	parts := strings.Split(layout, month)
	for i := range parts {
		parts[i] = t.Format(parts[i])
	}
	return strings.Join(parts, monthName(ctx, t.Month()))
}

func monthName(ctx context.Context, month time.Month) string {
	return [...]string{
		say(ctx, "January"), say(ctx, "February"), say(ctx, "March"), say(ctx, "April"), say(ctx, "May"), say(ctx, "June"),
		say(ctx, "July"), say(ctx, "August"), say(ctx, "September"), say(ctx, "October"), say(ctx, "November"), say(ctx, "December"),
	}[month-time.January]
}

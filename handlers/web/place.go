package web

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"countersign/models"
	"countersign/models/hours"
	"countersign/views"
)

// exceptionsShown is how long before it comes a date with other hours is told.
const exceptionsShown = 60 * 24 * time.Hour

// PlaceOf is a counter as the public sees it at a moment: with hours as data, whether it is open now or when next, in its own
// time; otherwise its hours in words as they are.
func PlaceOf(ctx context.Context, counter models.Counter, now time.Time) views.Place {
	place := views.Place{Name: counter.Name, Address: counter.Address, Hours: counter.Hours}
	h, ok := counter.OpeningHours()
	if !ok {
		return place
	}
	zone := counter.Location()
	place.Hours, place.Lines = "", HoursLines(ctx, h, now.In(zone))
	if opening, open, ok := h.At(now, zone); ok {
		place.State, place.Open = views.OpenState(ctx, opening.From.In(zone), opening.To.In(zone), now.In(zone)), open
	}
	return place
}

// HoursLines tells hours as people read them, a line for days that are alike, and the dates of the next 60 days that are
// different. now is in the counter's zone.
func HoursLines(ctx context.Context, h hours.Hours, now time.Time) []string {
	var lines []string
	for _, run := range h.Runs() {
		lines = append(lines, views.HoursOfDays(ctx, run.First, run.Last, spansText(run.Spans)))
	}
	first, last := now.Format(time.DateOnly), now.Add(exceptionsShown).Format(time.DateOnly)
	for _, date := range h.DatesInOrder() {
		if date >= first && date <= last {
			lines = append(lines, views.HoursOfDate(ctx, date, spansText(h.Dates[date])))
		}
	}
	return lines
}

// spansText writes spans with the dash of a range; "" for none.
func spansText(spans []hours.Span) string {
	if len(spans) == 0 {
		return ""
	}
	return strings.NewReplacer("-", "–", ",", ", ").Replace(hours.SpansText(spans))
}

// OpenSpans lists when a counter is open, up to a moment, for a page that is read later and without a network: pairs of
// milliseconds since 1970, as JSON. "" where nothing is known.
func OpenSpans(counter models.Counter, from, to time.Time) string {
	h, ok := counter.OpeningHours()
	if !ok {
		return ""
	}
	pairs := [][2]int64{}
	for _, opening := range h.Between(from, to, counter.Location()) {
		pairs = append(pairs, [2]int64{opening.From.UnixMilli(), opening.To.UnixMilli()})
	}
	text, err := json.Marshal(pairs)
	if err != nil {
		return ""
	}
	return string(text)
}

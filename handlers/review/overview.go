package review

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// span is what an overview is asked for: so many whole days before today, or today when there are none.
type span struct {
	days        int
	counter     string
	first, last time.Time // midnights in the zone of the counter, or the reader's: of the first day, and of the last that counts
	until       time.Time // the end of the last
	trail       asked     // the same of the trail
}

// spans are the ranges that can be asked for.
func spans() []int { return []int{0, 1, 7, 28} }

// readSpan reads the days of the address; what means nothing is yesterday.
func readSpan(c echo.Context, counter string, now time.Time, zone *time.Location) span {
	s := span{days: 1, counter: counter}
	for _, days := range spans() {
		if c.QueryParam("days") == strconv.Itoa(days) {
			s.days = days
		}
	}
	now = now.In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	s.first, s.last, s.until = today.AddDate(0, 0, -s.days), today.AddDate(0, 0, -1), today
	if s.days == 0 {
		s.last, s.until = today, today.AddDate(0, 0, 1)
	}
	s.trail = asked{}.with(askFrom, s.first.Format(time.DateOnly)).with(askUntil, s.last.Format(time.DateOnly))
	if counter != "" {
		s.trail = s.trail.with(askCounter, counter)
	}
	return s
}

// fullHour is the moment or, where a zone is not whole hours from UTC, the next at which an hour of UTC begins.
func fullHour(t time.Time) time.Time {
	if hour := t.Truncate(time.Hour); hour.Before(t) {
		return hour.Add(time.Hour)
	}
	return t
}

// address is the page's, for other days.
func (s span) address(days int) string {
	values := url.Values{"days": {strconv.Itoa(days)}}
	if s.counter != "" {
		values.Set("counter", s.counter)
	}
	return views.PathOverview + "?" + values.Encode()
}

// events is the address of the trail with what happened within the range, filtered by pairs of parameter and value.
func (s span) events(pairs ...string) string {
	ask := s.trail
	for i := 0; i+1 < len(pairs); i += 2 {
		ask = ask.with(pairs[i], pairs[i+1])
	}
	return ask.address("", "")
}

// Overview shows what happened within some days, in plots: GET /review/overview. days is 0 for today, or 1, 7 or 28 whole days
// before it; counter is one to look at alone.
func (h *Review) Overview(c echo.Context) error {
	ctx := c.Request().Context()
	zone, err := h.zone(c)
	if err != nil {
		return err
	}
	counters, err := h.app.Store.AllCounters(ctx)
	if err != nil {
		return err
	}
	props, alone := views.OverviewProps{}, models.Counter{}
	for _, counter := range counters {
		props.Counters = append(props.Counters, views.Choice{Value: counter.ID, Label: counter.Name})
		if counter.ID == c.QueryParam(askCounter) {
			alone, zone = counter, counter.Location()
		}
	}
	asked := readSpan(c, alone.ID, h.app.Store.Now(), zone)
	if asked.trail, err = h.byClock(c, asked.trail, alone); err != nil {
		return err
	}
	overview, err := h.app.Store.Overview(ctx, models.OverviewRange{
		From: fullHour(asked.first), Until: fullHour(asked.until), CounterID: asked.counter,
	})
	if err != nil {
		return err
	}
	props.Days, props.Counter, props.Behind = strconv.Itoa(asked.days), asked.counter, overview.Behind
	if alone.ID != "" {
		props.Reports = []views.NamedFact{weekLink(ctx, alone.ID, alone.Name, weekOf(asked.last))}
	}
	props.Ranges, props.When, props.Clock = ranges(ctx, asked), asked.words(ctx), clockWords(ctx, alone, zone)
	if since := overview.Since.Time(); !since.Before(asked.until) {
		props.Empty = views.Say(ctx, "There is nothing to show of these days: the trail begins on %s.", views.Moment(ctx, since, zone))
	} else {
		props.Plots = plots{ctx, asked, overview, zone}.all()
	}
	frame := h.app.Frame(c, views.Say(ctx, "Overview"), views.SectionOverview)
	frame.PageStylesheetURL = static.URL("report.css")
	return web.Render(c, http.StatusOK, views.OverviewPage(frame, props))
}

func ranges(ctx context.Context, asked span) (links []views.RangeLink) {
	say := views.Speaker(ctx)
	names := map[int]string{0: say("Today"), 1: say("Yesterday"), 7: say("Last 7 days"), 28: say("Last 28 days")}
	for _, days := range spans() {
		links = append(links, views.RangeLink{Name: names[days], URL: asked.address(days), Current: days == asked.days})
	}
	return links
}

// words names the days.
func (s span) words(ctx context.Context) string {
	first, last := views.Day(ctx, s.first.Format(time.DateOnly)), views.Day(ctx, s.last.Format(time.DateOnly))
	if first == last {
		return first
	}
	return views.Say(ctx, "%s to %s", first, last)
}

package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"countersign/audit"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// daysOfWeek begin on Monday (ISO 8601).
const daysOfWeek = 7

// CounterWeek shows what happened at a counter in one week, in numbers: GET /review/counters/:id. It is week, or the week of
// day, or of entry, or this one, in the counter's own time zone.
func (h *Review) CounterWeek(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	counter, err := h.app.Store.Counter(ctx, id)
	if err != nil {
		return err
	}
	monday, err := h.askedWeek(c, counter.Location())
	if err != nil {
		return err
	}
	var bounds []time.Time
	for day := range daysOfWeek + 1 {
		bounds = append(bounds, monday.AddDate(0, 0, day))
	}
	found, err := h.app.Store.CounterWeek(ctx, id, bounds)
	if err != nil {
		return err
	}
	told := weekTeller{ctx: ctx, found: found, bounds: bounds, now: h.app.Store.Now()}
	if told.ask, err = h.byClock(c, asked{}.with(askCounter, id), counter); err != nil {
		return err
	}
	week := told.days(0, daysOfWeek-1)
	props := views.WeekProps{
		Name: counter.Name, Week: told.title(), Clock: clockWords(ctx, counter, counter.Location()), Behind: found.Behind,
		Days: told.byDay(), DayNames: told.dayNames(), Operators: told.byOperator(),
		Declines: told.declines(week), Alerts: told.alerts(week), TrailURL: week.address("", ""),
		Path: views.CounterWeekPath(id, ""), Monday: monday.Format(time.DateOnly),
		PreviousURL: views.CounterWeekPath(id, weekOf(monday.AddDate(0, 0, -daysOfWeek))),
	}
	for _, column := range told.columns() {
		props.Columns = append(props.Columns, column.name)
	}
	if !found.Whole {
		props.Partial = views.Say(ctx, "On some day there was more than is counted here: the numbers are of its newest events.")
	}
	if next := bounds[daysOfWeek]; next.Before(h.app.Store.Now()) {
		props.NextURL = views.CounterWeekPath(id, weekOf(next))
	}
	return web.Render(c, http.StatusOK, views.WeekPage(h.reportFrame(c, counter.Name+", "+props.Week), props))
}

// askedWeek is the Monday of the week that is asked for; what means nothing is this week.
func (h *Review) askedWeek(c echo.Context, zone *time.Location) (time.Time, error) {
	var year, week int
	if n, err := fmt.Sscanf(c.QueryParam(askWeek), "%4d-W%2d", &year, &week); n == 2 && err == nil && year > 0 {
		first := mondayOf(time.Date(year, time.January, 4, 0, 0, 0, 0, zone)) // ISO 8601: 4 January is in week 1
		monday := first.AddDate(0, 0, (week-1)*daysOfWeek)
		if weekOf(monday) == c.QueryParam(askWeek) {
			return monday, nil
		}
	}
	day, err := h.askedDay(c, zone)
	return mondayOf(day), err
}

// mondayOf begins the week of a moment.
func mondayOf(at time.Time) time.Time {
	year, month, day := at.Date()
	return time.Date(year, month, day-(int(at.Weekday())+daysOfWeek-1)%daysOfWeek, 0, 0, 0, 0, at.Location())
}

// weekOf is a week as in an address.
func weekOf(at time.Time) string {
	year, week := at.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// weekLink leads to a counter's week, "" for this one.
func weekLink(ctx context.Context, id, name, week string) views.NamedFact {
	return views.NamedFact{Value: views.Say(ctx, "A week at %s", isolated(name)), URL: views.CounterWeekPath(id, week)}
}

// weekTeller words one week of one counter.
type weekTeller struct {
	ctx    context.Context
	found  models.CounterWeek
	bounds []time.Time // of the days, and the end
	now    time.Time
	ask    asked // of the trail: the same counter
}

func (t weekTeller) title() string {
	_, week := t.bounds[0].ISOWeek()
	date := func(day int) string { return views.Day(t.ctx, t.bounds[day].Format(time.DateOnly)) }
	return views.Say(t.ctx, "Week %d: %s to %s", week, date(0), date(daysOfWeek-1))
}

// days asks the trail for some of the days, the last of them included.
func (t weekTeller) days(first, last int) asked {
	return t.ask.with(askFrom, t.bounds[first].Format(time.DateOnly)).with(askUntil, t.bounds[last].Format(time.DateOnly))
}

// weekColumn is a number of each day: of events of one type, or of alerts.
type weekColumn struct {
	name string
	kind audit.Type // "": alerts, of all their types, which no filter asks for at once
}

func (t weekTeller) columns() []weekColumn {
	say := views.Speaker(t.ctx)
	return []weekColumn{
		{say("Codes matched"), audit.CodeMatched}, {say("Approved"), audit.DeviceBindingApproved},
		{say("Declined"), audit.DeviceAuthorizationDeclined}, {say("Wrong codes"), audit.CodeMatchFailed}, {say("Alerts"), ""},
	}
}

// number counts one column in some counts; ask is of the trail in that time.
func (w weekColumn) number(counts []audit.Count, ask asked) views.NumberFact {
	fact := views.NumberFact{Name: w.name}
	if w.kind != "" {
		if fact.Count = counted(counts, w.kind); fact.Count > 0 {
			fact.URL = ask.address(askType, string(w.kind))
		}
		return fact
	}
	for _, kind := range audit.AlertTypes() {
		fact.Count += counted(counts, kind)
	}
	return fact
}

// byDay has a line a day, and one for all of them.
func (t weekTeller) byDay() (lines []views.NumberLine) {
	for day, counts := range t.found.Days {
		ask := t.days(day, day)
		line := views.NumberLine{Name: views.DayOfWeek(t.ctx, t.bounds[day])}
		if t.bounds[day].Before(t.now) {
			line.URL = ask.address("", "")
		}
		for _, column := range t.columns() {
			line.Numbers = append(line.Numbers, column.number(counts, ask))
		}
		lines = append(lines, line)
	}
	all := views.NumberLine{Name: views.Say(t.ctx, "The week")}
	for _, column := range t.columns() {
		all.Numbers = append(all.Numbers, column.number(t.all(), t.days(0, daysOfWeek-1)))
	}
	return append(lines, all)
}

func (t weekTeller) all() []audit.Count { return slices.Concat(t.found.Days...) }

func (t weekTeller) dayNames() (names []string) {
	for day := range daysOfWeek {
		names = append(names, views.ShortDayOfWeek(t.ctx, t.bounds[day]))
	}
	return append(names, views.Say(t.ctx, "The week"))
}

// byOperator has a line for each who matched a code or decided, with their decisions of each day, which lead to that day of theirs.
func (t weekTeller) byOperator() (lines []views.NumberLine) {
	names := t.dayNames()
	for staff, name := range t.found.Names {
		line, sum := views.NumberLine{Name: name, URL: t.days(0, daysOfWeek-1).with(askStaff, staff).address("", "")}, 0
		worked := false
		for day, counts := range t.found.Days {
			own := slices.DeleteFunc(slices.Clone(counts), func(c audit.Count) bool { return c.StaffID != staff })
			fact := views.NumberFact{Name: names[day]}
			fact.Count = counted(own, audit.DeviceBindingApproved) + counted(own, audit.DeviceAuthorizationDeclined)
			if len(own) > 0 {
				fact.URL = views.StaffDayPath(staff, t.bounds[day].Format(time.DateOnly))
			}
			worked = worked || fact.Count+counted(own, audit.CodeMatched)+counted(own, audit.CodeMatchFailed) > 0
			sum += fact.Count
			line.Numbers = append(line.Numbers, fact)
		}
		if line.Numbers = append(line.Numbers, views.NumberFact{Name: names[daysOfWeek], Count: sum}); worked && name != "" {
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, func(a, b views.NumberLine) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.URL, b.URL))
	})
	return lines
}

// declines counts by reason, the most frequent first.
func (t weekTeller) declines(week asked) []views.NumberFact {
	reasons := map[string]int{}
	for _, count := range t.all() {
		if count.Type == audit.DeviceAuthorizationDeclined {
			reasons[count.Reason] += int(count.Count)
		}
	}
	var facts []views.NumberFact
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		event := audit.Event{Type: audit.DeviceAuthorizationDeclined, Facts: audit.Facts{Reason: reason}}
		ask := week.with(askType, string(event.Type)).with(askReason, reason)
		facts = append(facts, views.NumberFact{Name: reasonWords(t.ctx, event), Count: reasons[reason], URL: ask.address("", "")})
	}
	return mostFirst(facts)
}

// alerts counts them by kind, the most frequent first.
func (t weekTeller) alerts(week asked) (facts []views.NumberFact) {
	for _, kind := range audit.AlertTypes() {
		if count := counted(t.all(), kind); count > 0 {
			facts = append(facts, views.NumberFact{Name: title(t.ctx, kind), Count: count, URL: week.address(askType, string(kind))})
		}
	}
	return mostFirst(facts)
}

func mostFirst(facts []views.NumberFact) []views.NumberFact {
	slices.SortStableFunc(facts, func(a, b views.NumberFact) int { return cmp.Compare(b.Count, a.Count) })
	return facts
}

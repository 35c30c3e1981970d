package review

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// The parameters of the pages of a time. entry is any entry of it.
const (
	askDay   = "day"
	askWeek  = "week"
	askEntry = "entry"
)

// StaffDay shows what one of the staff did on one day: GET /review/staff/:id. It is day, or the day of entry, or today, in the time
// zone of the counter where they worked last.
func (h *Review) StaffDay(c echo.Context) error {
	ctx, staff := c.Request().Context(), c.Param("id")
	zone, counter, err := h.staffZone(c, staff)
	if err != nil {
		return err
	}
	from, err := h.askedDay(c, zone)
	if err != nil {
		return err
	}
	until := from.AddDate(0, 0, 1)
	found, err := h.app.Store.StaffDay(ctx, staff, from, until)
	if err != nil {
		return err
	}
	open, err := h.opened(c)
	if err != nil {
		return err
	}
	date := from.Format(time.DateOnly)
	told := dayTeller{ctx: ctx, zone: zone, open: open, found: found}
	if told.ask, err = h.byClock(c, asked{}.with(askStaff, staff).with(askFrom, date).with(askUntil, date), counter); err != nil {
		return err
	}
	props := views.DayProps{
		Name: found.Staff.Name, Day: views.Day(ctx, date), Date: date, Path: views.StaffDayPath(staff, ""), Clock: clockWords(ctx, counter, zone),
		Behind: found.Behind, Partial: told.partial(), Totals: told.totals(), TrailURL: told.ask.address("", ""),
		PreviousURL: views.StaffDayPath(staff, from.AddDate(0, 0, -1).Format(time.DateOnly)),
	}
	props.Visits, props.Groups = told.visits()
	if until.Before(h.app.Store.Now()) {
		props.NextURL = views.StaffDayPath(staff, until.Format(time.DateOnly))
	}
	title := views.Say(ctx, "%s on %s", found.Staff.Name, props.Day)
	return web.Render(c, http.StatusOK, views.DayPage(h.reportFrame(c, title), props))
}

// staffZone is the zone that somebody's days are told in, and the counter whose zone it is: the one where they worked last. Who
// never worked at one has none, and the reader's zone.
func (h *Review) staffZone(c echo.Context, staff string) (*time.Location, models.Counter, error) {
	counter, err := h.app.Store.StaffCounter(c.Request().Context(), staff)
	if !errors.Is(err, models.ErrNotFound) {
		return counter.Location(), counter, err
	}
	zone, err := h.zone(c)
	return zone, models.Counter{}, err
}

// clockWords say whose clock days are told by: a counter's, or UTC; "" for the clock of all counters.
func clockWords(ctx context.Context, counter models.Counter, zone *time.Location) string {
	switch {
	case counter.ID != "":
		return views.Say(ctx, "By the clock of %s", isolated(counter.Name))
	case zone == time.UTC:
		return views.Say(ctx, "Times are UTC")
	}
	return ""
}

// askedDay is the beginning of the day that is asked for; what means nothing is today.
func (h *Review) askedDay(c echo.Context, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, c.QueryParam(askDay), zone); err == nil {
		return day, nil
	}
	at, err := h.askedMoment(c)
	year, month, day := at.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone), err
}

// askedMoment is when the entry happened that is asked for, or now.
func (h *Review) askedMoment(c echo.Context) (time.Time, error) {
	seq, err := strconv.ParseInt(c.QueryParam(askEntry), 10, 64)
	if err != nil {
		return h.app.Store.Now(), nil //nolint:nilerr // no number asks for no entry
	}
	return h.app.Store.EntryTime(c.Request().Context(), seq)
}

// with is what is asked with one parameter more, for addresses.
func (a asked) with(parameter, value string) asked {
	values := url.Values{}
	for name, list := range a.values {
		values[name] = list
	}
	values.Set(parameter, value)
	return asked{values: values}
}

// dayTeller words one day of one of the staff.
type dayTeller struct {
	ctx   context.Context
	zone  *time.Location
	open  map[string]bool
	found models.StaffDay
	ask   asked // of the trail: the same person and day
}

// partial says what the page lacks, "" for nothing.
func (t dayTeller) partial() string {
	switch {
	case !t.found.Whole:
		return views.Say(t.ctx, "There was more on this day than is counted here: the numbers are of its newest events.")
	case !t.found.Listed():
		return views.Say(t.ctx, "The numbers count the whole day. Below are its %d newest events.", len(t.found.Rows))
	}
	return ""
}

// totals count the day.
func (t dayTeller) totals() []views.NumberFact {
	say := views.Speaker(t.ctx)
	var all []views.NumberFact
	for _, one := range []struct {
		name string
		kind audit.Type
	}{
		{say("Codes matched"), audit.CodeMatched}, {say("Approved"), audit.DeviceBindingApproved},
		{say("Declined"), audit.DeviceAuthorizationDeclined},
		{say("Wrong codes"), audit.CodeMatchFailed}, {say("Records opened"), audit.AccountOpened},
		{say("Refused decisions"), audit.DecisionRefused}, {say("Agreed as second person"), audit.SecondApprovalGiven},
	} {
		fact := views.NumberFact{Name: one.name, Count: counted(t.found.Counts, one.kind)}
		if fact.Count > 0 {
			fact.URL = t.ask.address(askType, string(one.kind))
		}
		all = append(all, fact)
	}
	return all
}

// counted is how many events of a type there are. A code that failed for its presence proof was no wrong one.
func counted(counts []audit.Count, kind audit.Type) (sum int) {
	for _, count := range counts {
		if count.Type == kind && (kind != audit.CodeMatchFailed || wrongCode(count.Reason)) {
			sum += int(count.Count)
		}
	}
	return sum
}

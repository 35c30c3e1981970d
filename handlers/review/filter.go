package review

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// asked is what a supervisor asks of the trail: the filter, and its parameters as they stand in the address. What means nothing
// is in neither.
type asked struct {
	filter audit.Filter
	values url.Values
	clock  string // the name of the counter by whose clock days are told, "" for the reader's
}

// The parameters of the trail's address. A day is one of the zone that the page is read in; until is the last one that counts.
const (
	askType     = "type"
	askReason   = "reason"
	askResult   = "result"
	askPresence = "presence"
	askStaff    = "staff"
	askCounter  = "counter"
	askAccount  = "account"
	askClient   = "client"
	askApp      = "app"
	askFrom     = "from"
	askUntil    = "until"
	askBefore   = "before"
	askClock    = "clock" // the counter in whose zone the page is read instead
)

// identifier is what an identifier of ours looks like.
var identifier = regexp.MustCompile(`^[a-z0-9]{1,64}$`)

// softwareID is what a software_id of a registered app looks like (oauth.CheckSoftwareID).
var softwareID = regexp.MustCompile(`^[!-~]{1,128}$`)

// readTrail reads the address, and finds the zone that its days and times are told in: that of the counter named by clock, or
// the reader's.
func (h *Review) readTrail(c echo.Context) (asked, *time.Location, error) {
	if id := c.QueryParam(askClock); identifier.MatchString(id) {
		counter, err := h.app.Store.Counter(c.Request().Context(), id)
		if err == nil {
			ask := readAsked(c, counter.Location())
			ask.clock = counter.Name
			ask.values.Set(askClock, id)
			return ask, counter.Location(), nil
		}
		if !errors.Is(err, models.ErrNotFound) {
			return asked{}, nil, err
		}
	}
	zone, err := h.zone(c)
	return readAsked(c, zone), zone, err
}

// byClock asks the trail for days of a counter's zone, where these are not the reader's days anyway.
func (h *Review) byClock(c echo.Context, ask asked, counter models.Counter) (asked, error) {
	zone, err := h.zone(c)
	if err != nil || counter.ID == "" || zone.String() == counter.Location().String() {
		return ask, err
	}
	return ask.with(askClock, counter.ID), nil
}

// readAsked reads the address.
func readAsked(c echo.Context, zone *time.Location) asked {
	a := asked{values: url.Values{}}
	if definition, ok := audit.Lookup(audit.Type(c.QueryParam(askType))); ok {
		a.filter.Type = definition.Type
		a.values.Set(askType, string(definition.Type))
	}
	if reason := c.QueryParam(askReason); slices.ContainsFunc(reasonsOf(a.filter.Type), func(w term.Word) bool { return w.Value == reason }) {
		a.filter.Reason = reason
		a.values.Set(askReason, reason)
	}
	if result := audit.Result(c.QueryParam(askResult)); slices.Contains(audit.Results(), result) {
		a.filter.Result = result
		a.values.Set(askResult, string(result))
	}
	if presence := c.QueryParam(askPresence); slices.Contains(term.Presences(), term.Presence(presence)) {
		a.filter.Presence = presence
		a.values.Set(askPresence, presence)
	}
	for parameter, field := range map[string]*string{
		askStaff: &a.filter.StaffID, askCounter: &a.filter.CounterID, askAccount: &a.filter.AccountID, askClient: &a.filter.ClientID,
	} {
		if id := c.QueryParam(parameter); identifier.MatchString(id) {
			*field = id
			a.values.Set(parameter, id)
		}
	}
	if id := c.QueryParam(askApp); softwareID.MatchString(id) {
		a.filter.SoftwareID = id
		a.values.Set(askApp, id)
	}
	a.readTime(c, zone)
	return a
}

func (a *asked) readTime(c echo.Context, zone *time.Location) {
	for parameter, set := range map[string]func(day time.Time){
		askFrom:  func(day time.Time) { a.filter.From = day },
		askUntil: func(day time.Time) { a.filter.Until = day.AddDate(0, 0, 1) },
	} {
		if day, err := time.ParseInLocation(time.DateOnly, c.QueryParam(parameter), zone); err == nil {
			set(day)
			a.values.Set(parameter, day.Format(time.DateOnly))
		}
	}
	if before, err := strconv.ParseInt(c.QueryParam(askBefore), 10, 64); err == nil && before > 0 {
		a.filter.Before = before
	}
}

// reasonsOf are the words that a type gives its reason with.
func reasonsOf(kind audit.Type) []term.Word {
	definition, _ := audit.Lookup(kind)
	return definition.Words[askReason]
}

// address is the trail's, with one parameter another; "" takes it away. It begins at the newest event.
func (a asked) address(parameter, value string) string {
	values := url.Values{}
	for name, list := range a.values {
		values[name] = list
	}
	values.Del(parameter)
	if parameter == askType {
		values.Del(askReason)
	}
	if value != "" {
		values.Set(parameter, value)
	}
	if len(values) == 0 {
		return views.PathReviewEvents
	}
	return views.PathReviewEvents + "?" + values.Encode()
}

// older is the address of what comes below an entry.
func (a asked) older(seq int64) string { return a.address(askBefore, strconv.FormatInt(seq, 10)) }

// link makes each name of a row lead to what else happened by, to or at it, among what is asked already.
func (a asked) link(event *views.EventRow, row models.TrailRow) {
	for _, name := range []struct {
		url                 *string
		parameter, id, name string
	}{
		{&event.WhoURL, askStaff, row.StaffID, row.StaffName},
		{&event.CounterURL, askCounter, row.CounterID, row.CounterName},
		{&event.AccountURL, askAccount, row.AccountID, row.AccountName},
		{&event.ClientURL, askClient, row.ClientID, row.ClientName},
	} {
		if name.id != "" && name.name != "" && a.values.Get(name.parameter) != name.id {
			*name.url = a.address(name.parameter, name.id)
		}
	}
}

// chips are the filters in force, each with a name instead of an identifier: the account's where its record is open.
func (a asked) chips(ctx context.Context, names models.TrailNames, open map[string]bool) (chips []views.FilterChip) {
	say := views.Speaker(ctx)
	for _, filter := range []struct{ parameter, name, value string }{
		{askType, say("Event"), title(ctx, a.filter.Type)},
		{askReason, say("Reason"), reasonWords(ctx, audit.Event{Type: a.filter.Type, Facts: audit.Facts{Reason: a.filter.Reason}})},
		{askResult, say("Result"), resultWords(ctx, a.filter.Result)},
		{askPresence, say("Matched by"), say(term.Presence(a.filter.Presence).Label())},
		{askStaff, say("Who"), names.Staff},
		{askCounter, say("Counter"), names.Counter},
		{askAccount, say("Account"), accountName(ctx, a.filter.AccountID, names.Account, open)},
		{askClient, say("App or client"), names.Client},
		{askApp, say("App"), orID(names.Software, a.filter.SoftwareID)},
		{askFrom, say("From"), a.values.Get(askFrom)},
		{askUntil, say("Until"), a.values.Get(askUntil)},
		{askClock, say("Clock of"), a.clock},
	} {
		if raw := a.values.Get(filter.parameter); raw != "" {
			chips = append(chips, views.FilterChip{
				Name: filter.name, Value: filter.value, Parameter: filter.parameter, Raw: raw, RemoveURL: a.address(filter.parameter, ""),
			})
		}
	}
	return chips
}

// reports lead to the pages about whom and what is asked for; of a day where the address names one.
func (a asked) reports(ctx context.Context, names models.TrailNames, open map[string]bool) (all []views.NamedFact) {
	say := views.Speaker(ctx)
	if names.Staff != "" {
		all = append(all, views.NamedFact{
			Value: say("A day of %s", isolated(names.Staff)), URL: views.StaffDayPath(a.filter.StaffID, a.values.Get(askUntil)),
		})
	}
	if names.Account != "" {
		all = append(all, views.NamedFact{
			Value: say("Story of the account %s", isolated(accountName(ctx, a.filter.AccountID, names.Account, open))),
			URL:   views.StoryPath(a.filter.AccountID),
		})
	}
	if names.Counter != "" {
		all = append(all, weekLink(ctx, a.filter.CounterID, names.Counter, a.week()))
	}
	return all
}

// week is the week of the last day that is asked for, "" for none.
func (a asked) week() string {
	if a.filter.Until.IsZero() {
		return ""
	}
	return weekOf(a.filter.Until.AddDate(0, 0, -1))
}

// resultWords are a result for people.
func resultWords(ctx context.Context, result audit.Result) string {
	say := views.Speaker(ctx)
	switch result {
	case audit.ResultApproved:
		return say("Approved")
	case audit.ResultDeclined:
		return say("Declined")
	case audit.ResultRecalled:
		return say("Recalled")
	case audit.ResultRedeemed:
		return say("Redeemed")
	case audit.ResultEnded:
		return say("Ended")
	case audit.ResultRefused:
		return say("Refused")
	}
	return ""
}

// choices are what the form offers.
func (h *Review) choices(ctx context.Context, a asked) (views.EventChoices, error) {
	say := views.Speaker(ctx)
	offered := views.EventChoices{From: a.values.Get(askFrom), Until: a.values.Get(askUntil)}
	for _, definition := range audit.Catalogue() {
		offered.Types = append(offered.Types, views.Choice{Value: string(definition.Type), Label: say(definition.Title)})
	}
	for _, word := range reasonsOf(a.filter.Type) {
		offered.Reasons = append(offered.Reasons, views.Choice{Value: word.Value, Label: say(word.Label)})
	}
	for _, result := range audit.Results() {
		offered.Results = append(offered.Results, views.Choice{Value: string(result), Label: resultWords(ctx, result)})
	}
	for _, presence := range term.Presences() {
		offered.Presences = append(offered.Presences, views.Choice{Value: string(presence), Label: say(presence.Label())})
	}
	counters, err := h.app.Store.AllCounters(ctx)
	for _, counter := range counters {
		offered.Counters = append(offered.Counters, views.Choice{Value: counter.ID, Label: counter.Name})
	}
	if err != nil {
		return offered, err
	}
	offered.Apps, err = h.apps(ctx, a.filter.SoftwareID)
	return offered, err
}

// apps are the registered ones, and the one that is asked for.
func (h *Review) apps(ctx context.Context, asked string) (offered []views.Choice, err error) {
	apps, err := h.app.Store.RegisteredSoftware(ctx)
	for _, app := range apps {
		offered = append(offered, views.Choice{Value: app.ID, Label: app.Name})
	}
	if asked != "" && !slices.ContainsFunc(offered, func(c views.Choice) bool { return c.Value == asked }) {
		offered = append(offered, views.Choice{Value: asked, Label: asked})
	}
	return offered, err
}

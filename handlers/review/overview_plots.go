package review

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/views"
)

// fewest is of how many a middle is told: that of fewer says more about one of them than about all.
const fewest = 10

// plots makes the plots of an overview.
type plots struct {
	ctx   context.Context
	asked span
	models.Overview
	zone *time.Location
}

func (p plots) all() []views.Plot {
	all := []views.Plot{p.hours()}
	if p.asked.counter == "" {
		all = append(all, p.counters())
	}
	return append(all, p.steps(), p.presences(),
		p.times("to-visit", audit.MeasureToVisit, p.say("Time to the visit"), p.say("From the request to its first match.")),
		p.times("length", audit.MeasureLength, p.say("Length of a visit"), p.say("From the match to the operator’s decision.")),
		p.times("to-redeemed", audit.MeasureToRedeemed, p.say("Time to connect"), p.say("From the approval until the device has its tokens.")),
		p.declines(), p.seconds(), p.codesByCounter(), p.codesByStaff())
}

func (p plots) say(text string, values ...any) string { return views.Say(p.ctx, text, values...) }

// bar is a row before the longest is known.
type bar struct {
	name, url string
	count, of int64
}

// plot makes the bars of a plot, and says instead when there is nothing in any of them.
func (p plots) plot(plot views.Plot, bars []bar) views.Plot {
	var longest, sum int64
	for _, b := range bars {
		longest, sum = max(longest, b.count, b.of), sum+b.count+b.of
	}
	if sum == 0 {
		plot.Empty = p.say("None in this time.")
		return plot
	}
	for _, b := range bars {
		row := views.PlotRow{Name: b.name, Count: strconv.FormatInt(b.count, 10), Size: int(b.count * 1000 / longest)}
		if plot.Of != "" {
			row.Of, row.OfSize = strconv.FormatInt(b.of, 10), int(b.of*1000/longest)
		}
		if b.count+b.of > 0 {
			row.URL = b.url
		}
		plot.Rows = append(plot.Rows, row)
	}
	return plot
}

// hours adds up visits by the hour of the day: that of the reader's clock at which an hour of UTC begins.
func (p plots) hours() views.Plot {
	counts, minute := [24]int64{}, 0
	for hour, count := range p.Hours {
		at := time.Unix(hour*3600, 0).In(p.zone)
		counts[at.Hour()] += count
		minute = at.Minute()
	}
	var bars []bar
	most := 0
	for hour, count := range counts {
		if count > counts[most] {
			most = hour
		}
		at := time.Date(2026, 1, 1, hour, minute, 0, 0, time.UTC)
		bars = append(bars, bar{name: views.Clock(p.ctx, at, time.UTC), count: count})
	}
	plot := p.plot(views.Plot{
		ID: "hours", Title: p.say("Visits by hour"), Says: p.say("When codes were matched, by the hour of the day."),
		Name: p.say("From"), Count: p.say("Visits"), Standing: true,
	}, bars)
	plot.Summary = p.say("Most in the hour from %s: %s", bars[most].name, strconv.FormatInt(counts[most], 10))
	return plot
}

func (p plots) counters() views.Plot {
	var bars []bar
	for _, counter := range p.Counters {
		asked := p.asked
		asked.counter = counter.ID
		bars = append(bars, bar{name: counter.Name, url: asked.address(asked.days), count: counter.Visits})
	}
	return p.plot(views.Plot{
		ID: "counters", Title: p.say("Visits by counter"), Says: p.say("A counter’s name leads to its own overview."),
		Name: p.say("Counter"), Count: p.say("Visits"),
	}, bars)
}

// steps are not shares of each other: a request may be made a week before its visit.
func (p plots) steps() views.Plot {
	say := views.Speaker(p.ctx)
	var bars []bar
	for _, step := range []struct {
		step  audit.Step
		kind  audit.Type
		name  string
		local bool // it happens at a counter, or after
	}{
		{audit.StepRequested, audit.DeviceAuthorizationRequested, say("Requested"), false},
		{audit.StepNobody, audit.DeviceAuthorizationRequested, say("Requested for nobody here"), false},
		{audit.StepCounted, audit.EventsCounted, say("Requested, only counted"), false},
		{audit.StepMatched, audit.CodeMatched, say("Code matched"), true},
		{audit.StepProofed, audit.IdentityProofed, say("ID document checked"), true},
		{audit.StepApproved, audit.DeviceBindingApproved, say("Approved"), true},
		{audit.StepRedeemed, audit.DeviceBindingRedeemed, say("Connected"), true},
	} {
		count := p.Count(audit.MeasureSteps, string(step.step))
		rare := step.step == audit.StepNobody || step.step == audit.StepCounted
		if !step.local && p.asked.counter != "" || rare && count == 0 {
			continue
		}
		one := bar{name: step.name, count: count}
		if p.asked.counter == "" || step.step != audit.StepRedeemed { // the phone's own event names no counter
			one.url = p.asked.events(askType, string(step.kind))
		}
		bars = append(bars, one)
	}
	return p.plot(views.Plot{
		ID: "steps", Title: say("From the request to the connection"),
		Says: say("What happened in this time, each step of a request once. A request may be days older than its visit."),
		Name: say("Step"), Count: say("Requests"),
	}, bars)
}

func (p plots) presences() views.Plot {
	labels := map[term.Presence]string{
		term.PresenceProved: p.say("The device proved its key"), term.PresenceCodeOnly: p.say("Code only"),
	}
	var bars []bar
	for _, presence := range []term.Presence{term.PresenceProved, term.PresenceCodeOnly} {
		bars = append(bars, bar{name: labels[presence], count: p.Count(audit.MeasureVisits, string(presence)),
			url: p.asked.events(askType, string(audit.CodeMatched), askPresence, string(presence))})
	}
	return p.plot(views.Plot{
		ID: "presence", Title: p.say("Presence of the device"), Says: p.say("What matches rested on."),
		Name: p.say("Matched by"), Count: p.say("Visits"),
	}, bars)
}

// times are the spans of a measure, with the middle as far as spans tell it.
func (p plots) times(id string, m audit.Measure, title, says string) views.Plot {
	var bars []bar
	var sum int64
	var from string
	for _, span := range audit.Spans(m) {
		count, until := p.Count(m, span.Word()), age(p.ctx, span)
		one := bar{name: p.say("%s to %s", from, until), count: count}
		switch {
		case from == "":
			one.name = p.say("up to %s", until)
		case span == audit.SpanLonger:
			one.name = p.say("more than %s", from)
		}
		sum, bars, from = sum+count, append(bars, one), until
	}
	if sum >= fewest {
		if half := middle(m, p.Counts[m], sum); half != audit.SpanLonger {
			says += " " + p.say("Half of them took %s or less.", age(p.ctx, half))
		}
	}
	return p.plot(views.Plot{ID: id, Title: title, Says: says, Name: p.say("Time"), Count: p.say("Requests")}, bars)
}

func age(ctx context.Context, s audit.Span) string {
	return views.Age(ctx, time.Duration(s)*time.Second)
}

// middle is the span within which half of all are.
func middle(m audit.Measure, counts map[string]int64, sum int64) audit.Span {
	var within int64
	for _, span := range audit.Spans(m) {
		if within += counts[span.Word()]; 2*within >= sum {
			return span
		}
	}
	return audit.SpanLonger
}

func (p plots) declines() views.Plot {
	var bars []bar
	for _, decline := range term.Declines() {
		bars = append(bars, bar{name: p.say(decline.Label()), count: p.Count(audit.MeasureDeclines, string(decline)),
			url: p.asked.events(askType, string(audit.DeviceAuthorizationDeclined), askReason, string(decline))})
	}
	return p.plot(views.Plot{
		ID: "declines", Title: p.say("Declines by reason"), Says: p.say("What operators chose."), Name: p.say("Reason"), Count: p.say("Requests"),
	}, bars)
}

func (p plots) seconds() views.Plot {
	var bars []bar
	for _, kind := range []audit.Type{
		audit.SecondApprovalAsked, audit.SecondApprovalGiven, audit.SecondApprovalReturned, audit.SecondApprovalRefused,
	} {
		one := bar{name: title(p.ctx, kind), count: p.Count(audit.MeasureSecond, string(kind))}
		if p.asked.counter == "" || kind == audit.SecondApprovalAsked { // the second person may have been elsewhere
			one.url = p.asked.events(askType, string(kind))
		}
		bars = append(bars, one)
	}
	return p.plot(views.Plot{
		ID: "second", Title: p.say("Second persons"), Says: p.say("Where an approval needed two people."),
		Name: p.say("Event"), Count: p.say("Visits"),
	}, bars)
}

func (p plots) codesByCounter() views.Plot {
	var bars []bar
	for _, counter := range p.Counters {
		if counter.Failed > 0 && (p.asked.counter == "" || p.asked.counter == counter.ID) {
			bars = append(bars, bar{name: counter.Name, count: counter.Failed, of: counter.Codes,
				url: p.asked.events(askType, string(audit.CodeMatchFailed), askCounter, counter.ID)})
		}
	}
	return p.codes("codes-counter", p.say("Wrong codes by counter"), p.say("Counter"), bars)
}

func (p plots) codesByStaff() views.Plot {
	var bars []bar
	for _, staff := range p.Staff {
		bars = append(bars, bar{name: cmp.Or(staff.Name, staff.ID), count: staff.Failed, of: staff.Codes,
			url: p.asked.events(askType, string(audit.CodeMatchFailed), askStaff, staff.ID)})
	}
	return p.codes("codes-staff", p.say("Wrong codes by operator"), p.say("Operator"), bars)
}

func (p plots) codes(id, title, name string, bars []bar) views.Plot {
	return p.plot(views.Plot{
		ID: id, Title: title, Says: p.say("Of the codes that were entered, in the order of names. Presence proofs are not among them."),
		Name: name, Count: p.say("Wrong"), Of: p.say("Entered"),
	}, bars)
}

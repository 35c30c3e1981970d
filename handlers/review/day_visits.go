package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/views"
)

// wrongCode reports whether a code that failed was a wrong one, by the event's reason: with those that begin so it cost no try.
func wrongCode(reason string) bool { return !strings.HasPrefix(reason, "presence") }

// dayVisit is what one of the staff did about one request within a day, oldest first.
type dayVisit []models.TrailRow

// step is when an event of one of the types last happened, zero for never.
func (v dayVisit) step(kinds ...audit.Type) (at time.Time) {
	for _, row := range v {
		if slices.Contains(kinds, row.Event.Type) {
			at = time.UnixMilli(row.OccurredAt)
		}
	}
	return at
}

// atCounter are the types of events that make a visit of what somebody did about a request.
func atCounter() []audit.Type {
	return []audit.Type{
		audit.CodeMatched, audit.IdentityProofed, audit.DocumentRead, audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined,
		audit.ClaimReleased, audit.ClaimExtended, audit.SecondApprovalAsked,
	}
}

// visits tells the visits, and what was beside them, by kind.
func (t dayTeller) visits() (lines []views.VisitLine, groups []views.EventGroup) {
	byRequest, accounts := map[string]dayVisit{}, map[string]bool{}
	for _, row := range t.found.Rows {
		if row.DeviceAuthorizationID != "" && slices.Contains(atCounter(), row.Event.Type) {
			accounts[row.AccountID] = true
			byRequest[row.DeviceAuthorizationID] = slices.Insert(byRequest[row.DeviceAuthorizationID], 0, row)
		}
	}
	for _, visit := range byRequest {
		lines = append(lines, t.line(visit))
	}
	slices.SortFunc(lines, func(a, b views.VisitLine) int { return cmp.Compare(b.Sequence, a.Sequence) })
	return lines, t.beside(byRequest, accounts)
}

// line tells one visit.
func (t dayTeller) line(visit dayVisit) views.VisitLine {
	first := visit[0]
	line := views.VisitLine{EventRow: reportRow(t.ctx, first, t.zone, t.open), Result: t.result(visit)}
	line.Time = views.Clock(t.ctx, time.UnixMilli(first.OccurredAt), t.zone)
	matched, checked := visit.step(audit.CodeMatched), visit.step(audit.IdentityProofed)
	decided := visit.step(audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined)
	line.Match, line.Check, line.Whole = t.between(matched, checked), t.between(checked, decided), t.between(matched, decided)
	return line
}

// between is how long something took, "" where one of both did not happen, or not in this order.
func (t dayTeller) between(begun, done time.Time) string {
	if begun.IsZero() || done.IsZero() || done.Before(begun) {
		return ""
	}
	return views.Lasted(t.ctx, done.Sub(begun))
}

// result says what came of a visit on that day.
func (t dayTeller) result(visit dayVisit) string {
	for _, row := range slices.Backward(visit) {
		switch row.Event.Type {
		case audit.DeviceBindingApproved:
			return views.Say(t.ctx, "Approved")
		case audit.DeviceAuthorizationDeclined:
			return views.Say(t.ctx, "Declined") + ": " + reasonWords(t.ctx, row.Event)
		case audit.ClaimReleased:
			return views.Say(t.ctx, "Given back")
		}
	}
	return views.Say(t.ctx, "Not decided on this day")
}

// beside are the events that belong to no visit of the day, by kind. A search, or a record that was opened, for a visit is a part
// of it.
func (t dayTeller) beside(visits map[string]dayVisit, accounts map[string]bool) []views.EventGroup {
	say := views.Speaker(t.ctx)
	groups := []views.EventGroup{
		{Title: say("Wrong codes")}, {Title: say("Records opened without a visit")}, {Title: say("Signed in, and at which counter")},
		{Title: say("What else was done")},
	}
	for _, row := range t.found.Rows {
		at := 3
		switch kind := row.Event.Type; {
		case kind == audit.CodeMatchFailed:
			at = 0
		case kind == audit.AccountOpened && !accounts[row.AccountID]:
			at = 1
		case kind == audit.AccountOpened || kind == audit.AccountSearched && (row.AccountID == "" || accounts[row.AccountID]):
			continue
		case slices.Contains([]audit.Type{audit.StaffSignedIn, audit.StaffSteppedUp, audit.StaffSignedOut, audit.CounterOpened}, kind):
			at = 2
		case slices.Contains(atCounter(), kind) && visits[row.DeviceAuthorizationID] != nil:
			continue
		}
		groups[at].Events = append(groups[at].Events, reportRow(t.ctx, row, t.zone, t.open))
	}
	return slices.DeleteFunc(groups, func(g views.EventGroup) bool { return len(g.Events) == 0 })
}

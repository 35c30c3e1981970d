package review

import (
	"cmp"
	"context"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/views"
)

// most is how many events of one kind a visit is told with.
const most = 20

// seen tells a visit as it was, from its events, oldest first. What the page to decide showed is kept nowhere but in the record, so
// that it also tells what was changed since.
func (h *Review) seen(ctx context.Context, request models.RequestView, rows dayVisit, zone *time.Location) (views.VisitSeen, error) {
	t, account := seenTeller{ctx: ctx, zone: zone, visit: rows}, idOf(request.AccountID)
	seen := views.VisitSeen{Steps: t.steps(request)}
	wrong, err := h.since(ctx, audit.Filter{Type: audit.CodeMatchFailed, AccountID: account}, request.CreatedAt)
	if err != nil {
		return seen, err
	}
	opened, err := h.since(ctx, audit.Filter{Type: audit.AccountOpened, AccountID: account}, request.CreatedAt)
	if err != nil {
		return seen, err
	}
	seen.Marks, seen.Looked = t.events(inOrder(wrong, rows), standsOut), t.events(inOrder(opened, rows), firstOfEach())
	decided := t.decided()
	if seen.Decided = !decided.IsZero(); !seen.Decided {
		return seen, nil
	}
	for _, filter := range []audit.Filter{
		{Type: audit.AccountChanged, AccountID: account}, {Type: audit.ClientUpdated, ClientID: request.ClientID},
	} {
		changed, err := h.since(ctx, filter, models.At(decided))
		if err != nil {
			return seen, err
		}
		seen.Changed = append(seen.Changed, t.events(changed, func(models.TrailRow) bool { return true })...)
	}
	return seen, nil
}

// inOrder puts events of an account and of one of its requests together, each once.
func inOrder(all, visit []models.TrailRow) []models.TrailRow {
	rows := slices.Concat(all, visit)
	slices.SortFunc(rows, func(a, b models.TrailRow) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.CompactFunc(rows, func(a, b models.TrailRow) bool { return a.Seq == b.Seq })
}

func idOf(account *string) string {
	if account == nil {
		return ""
	}
	return *account
}

// since finds the newest events of a filter from a moment on, oldest first; none for a filter of nobody.
func (h *Review) since(ctx context.Context, filter audit.Filter, from models.Instant) ([]models.TrailRow, error) {
	if filter.AccountID+filter.ClientID == "" {
		return nil, nil
	}
	filter.From, filter.Limit = from.Time(), most
	found, err := h.app.Store.SearchTrail(ctx, filter)
	slices.Reverse(found.Rows)
	return found.Rows, err
}

// seenTeller words one visit.
type seenTeller struct {
	ctx   context.Context
	zone  *time.Location
	visit dayVisit
}

func (t seenTeller) decided() time.Time {
	return t.visit.step(audit.DeviceBindingApproved, audit.DeviceAuthorizationDeclined)
}

// steps are how long each took; what was not done is left out.
func (t seenTeller) steps(request models.RequestView) (all []views.NamedFact) {
	say := views.Speaker(t.ctx)
	matched, checked, decided := t.visit.step(audit.CodeMatched), t.visit.step(audit.IdentityProofed), t.decided()
	answered := t.visit.step(audit.SecondApprovalGiven, audit.SecondApprovalReturned, audit.SecondApprovalRefused)
	for _, step := range []struct {
		name        string
		begun, done time.Time
	}{
		{say("From the request to the code"), request.CreatedAt.Time(), matched},
		{say("Code to document"), matched, checked},
		{say("Waited for the second person"), t.visit.step(audit.SecondApprovalAsked), answered},
		{say("Document to decision"), checked, decided},
		{say("Whole visit"), matched, decided},
		{say("From the approval to the connection"), t.visit.step(audit.DeviceBindingApproved), t.visit.step(audit.DeviceBindingRedeemed)},
	} {
		if !step.begun.IsZero() && !step.done.Before(step.begun) {
			all = append(all, views.NamedFact{Name: step.name, Value: views.Lasted(t.ctx, step.done.Sub(step.begun))})
		}
	}
	return all
}

// events tells those that are wanted, of an account whose record is open, in few words, at most so many.
func (t seenTeller) events(rows []models.TrailRow, wanted func(models.TrailRow) bool) (all []views.SeenEvent) {
	for _, row := range rows {
		if len(all) == most || !wanted(row) {
			continue
		}
		event := views.SeenEvent{
			Time: views.Second(t.ctx, time.UnixMilli(row.OccurredAt), t.zone), Text: title(t.ctx, row.Event.Type),
			URL: views.EntryPath(row.Seq),
		}
		if reason := details(t.ctx, row, t.zone, true); reason != "" {
			event.Text += ": " + reason
		}
		switch {
		case row.StaffName != "":
			event.Who, event.WhoURL = row.StaffName, views.StaffDayOf(row.StaffID, row.Seq)
		case openedByCommand(row):
			event.Who = views.Say(t.ctx, "a command")
		}
		all = append(all, event)
	}
	return all
}

// standsOut reports whether an event of a visit is none of an ordinary one.
func standsOut(row models.TrailRow) bool {
	facts := row.Event.Facts
	switch row.Event.Type {
	case audit.DocumentRead:
		return facts.Reason != string(term.ScanAgrees)
	case audit.IdentityProofed:
		return facts.Reason != ""
	case audit.CodeMatchFailed, audit.MatchLocked, audit.ClaimReleased, audit.SecondApprovalAsked, audit.SecondApprovalReturned,
		audit.DecisionRefused, audit.DeviceBindingRecalled:
		return true
	}
	return slices.Contains(audit.AlertTypes(), row.Event.Type)
}

// firstOfEach wants the first event of each of the staff, and the first opening of the record by a command: who has a shell on the
// server has read it too.
func firstOfEach() func(models.TrailRow) bool {
	met := map[string]bool{"": true}
	return func(row models.TrailRow) bool {
		by := row.StaffID
		if openedByCommand(row) {
			by = row.Event.Facts.Actor.System // no identifier of staff is a word
		}
		known := met[by]
		met[by] = true
		return !known
	}
}

// openedByCommand reports whether an event says that the command line opened a record.
func openedByCommand(row models.TrailRow) bool {
	actor := row.Event.Facts.Actor
	return row.Event.Type == audit.AccountOpened && actor != nil && actor.System == string(term.SystemCommand)
}

package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/views"
)

// detail words what one event says beyond its title, who caused it, and the account, the client and the counter that it is about.
type detail struct {
	ctx   context.Context
	say   views.Sayer
	row   models.TrailRow
	facts audit.Facts
	zone  *time.Location

	open bool // the record of the account that it is about is open
}

// details says in words what an event's facts add to its title: what or whom it is about, and what became of that. opened says
// whether the record of its account is open.
func details(ctx context.Context, row models.TrailRow, zone *time.Location, opened bool) string {
	d := detail{ctx: ctx, say: views.Speaker(ctx), row: row, facts: row.Event.Facts, zone: zone, open: opened}
	what, changes := d.what(), d.changes()
	if changes != "" && row.Event.Type == audit.CounterChanged {
		what = "" // it names the same fields
	}
	return told(": ", d.about(), told(", ", what, changes))
}

// told joins what there is to tell.
func told(between string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), between)
}

// what says what happened to what the event is about.
func (d detail) what() string {
	switch d.row.Event.Type {
	case audit.CodeMatched, audit.DeviceBindingApproved:
		return d.matched()
	case audit.CodeMatchFailed:
		return told(", ", d.reason(), d.tries())
	case audit.IdentityProofed, audit.DocumentRead:
		return told(", ", d.word(term.DocumentRead(d.facts.DocumentRead).Label()), d.reason())
	case audit.AccountOpened:
		return d.opened()
	case audit.DeviceRepudiated:
		return d.say("the request was %s", d.reason())
	case audit.SpentCodeEntered:
		return d.say("of a request that is %s", d.reason())
	case audit.StaffSignedIn, audit.StaffSteppedUp, audit.StaffSignInRefused:
		return told(", ", d.reason(), d.roles())
	case audit.PublisherAdded, audit.PublisherChanged:
		return d.granted()
	case audit.TrailExported:
		return told(": ", d.reason(), d.filter())
	case audit.DeviceAuthorizationDeclined:
		if d.facts.Presence != "" {
			return d.say("%s (matched: %s)", d.reason(), d.say(term.Presence(d.facts.Presence).Label()))
		}
	}
	if d.facts.Count != nil {
		return d.number(*d.facts.Count)
	}
	return d.reason()
}

// number says what the count of an event counts.
func (d detail) number(count int) string {
	switch kind := d.row.Event.Type; {
	case kind == audit.SuspicionReported:
		return d.declinedWith(count)
	case endsByRule(kind):
		return d.requestsEnded(count)
	case kind == audit.OpenedRecordsUnusual && d.facts.QueryKind != "":
		return d.say("%d accounts listed within an hour", count)
	case kind == audit.AccountSearched:
		return d.say("%s search, %d found", d.say(term.QueryKind(d.facts.QueryKind).Label()), count)
	case kind == audit.AccountErased:
		return told(", ", d.reason(), d.say("%d devices disconnected", count))
	case kind == audit.AccountsImported:
		return told(", ", d.say("%d added or changed", count), d.reason())
	case kind == audit.CounterClosed && count > 0:
		return d.say("%d people had it open", count)
	case kind == audit.NoticesResent || kind == audit.NoticesSetAside:
		return told(": ", d.say("%d notices", count), d.reason())
	case kind == audit.KeysResealed || kind == audit.KeysAuthenticated:
		return d.say("%d keys", count)
	case kind == audit.TrailExportEnded:
		return d.say("%d entries, %s", count, d.reason())
	case kind == audit.RowsSwept:
		return d.say("%d: %s, over before %s", count, d.reason(), d.before())
	case kind == audit.EventsCounted:
		return d.say("%d: %s, within the hour before %s", count, d.reason(), d.before())
	case kind == audit.LogLossAccepted:
		return d.say("there was a checkpoint of %d entries", count)
	case kind == audit.LogRefused || kind == audit.LogForked:
		return d.say("the newest checkpoint is of %d entries", count)
	}
	if counted := ruleWords(d.ctx, d.row.Event); counted != "" {
		return counted
	}
	return d.reason()
}

// declinedWith counts what fell by a rule: exactly up to a bound, and not at all where it is none.
func (d detail) declinedWith(count int) string {
	switch {
	case count > models.FallingCounted:
		return d.say("more than %d declined with it", models.FallingCounted)
	case count > 0:
		return d.say("%d more declined with it", count)
	}
	return ""
}

// requestsEnded counts them as declinedWith does.
func (d detail) requestsEnded(count int) string {
	switch {
	case count > models.FallingCounted:
		return d.say("more than %d requests ended", models.FallingCounted)
	case count > 0:
		return d.say("%d requests ended", count)
	}
	return ""
}

func (d detail) tries() string {
	if d.facts.TriesLeft == nil {
		return ""
	}
	return d.say("%d tries left", *d.facts.TriesLeft)
}

func (d detail) before() string {
	if d.facts.Before == nil {
		return ""
	}
	return views.Second(d.ctx, time.Unix(*d.facts.Before, 0), d.zone)
}

// word is a label in the reader's language; "" for none.
func (d detail) word(label string) string {
	if label == "" {
		return ""
	}
	return d.say(label)
}

func (d detail) reason() string { return reasonWords(d.ctx, d.row.Event) }

// matched says what a match rests on, how the operator's page said that the code was entered, and who looked as the second person.
func (d detail) matched() string {
	second := ""
	if d.facts.SecondStaff != "" {
		second = d.say("second person: %s", isolated(orID(d.row.About.SecondStaff, d.facts.SecondStaff)))
	}
	return told(", ", d.word(term.Presence(d.facts.Presence).Label()), d.word(term.Entered(d.facts.Entered).Label()), second)
}

// opened says by which way a record was opened.
func (d detail) opened() string {
	switch term.QueryKind(d.facts.QueryKind) {
	case term.QueryExact:
		return d.say("by a search for its whole identifier")
	case term.QueryPrefix, term.QueryResult:
		return d.say("out of the results of a search")
	case term.QueryPresence:
		return d.say("by the device’s own proof")
	case term.QueryRequest:
		return d.say("from one of its requests")
	}
	return ""
}

func (d detail) roles() string {
	var list []string
	for _, role := range d.facts.Roles {
		list = append(list, d.say(term.Role(role).Label()))
	}
	return strings.Join(list, ", ")
}

// granted says what an app may have from then on, or how many keys its publisher has.
func (d detail) granted() string {
	switch {
	case d.facts.Software == "" && d.facts.Count == nil:
		return ""
	case d.facts.Software == "":
		return d.say("%d keys", *d.facts.Count)
	}
	scope := d.say("no scopes")
	if d.facts.Scope != "" {
		scope = d.say("scopes %s", isolated(d.facts.Scope))
	}
	if d.facts.Presence == "" {
		return scope
	}
	return scope + ", " + d.say("the device’s own proof: %s", d.say(term.PresenceRule(d.facts.Presence).Label()))
}

// reasonWords says an event's reason: what its words mean, or an older release's word itself.
func reasonWords(ctx context.Context, event audit.Event) string {
	definition, _ := audit.Lookup(event.Type)
	var list []string
	for _, word := range definition.Reasons(event.Facts.Reason) {
		list = append(list, views.Say(ctx, word.Label))
	}
	if len(list) == 0 {
		return event.Facts.Reason
	}
	return strings.Join(list, ", ")
}

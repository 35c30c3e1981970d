package review

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/views"
)

// about names what an event is about that has no column of its own in the trail; "" for nothing else.
func (d detail) about() string {
	facts, about := d.facts, d.row.About
	switch d.row.Event.Type {
	case audit.StaffSignedOut:
		return d.whoseSession()
	case audit.StaffLimited:
		return told(": ", isolated(orID(about.Staff, facts.Staff)), d.limit())
	case audit.PublisherAdded, audit.PublisherChanged:
		return told(", ", isolated(orID(about.Publisher, facts.Publisher)), d.app())
	case audit.ClientRegistered, audit.ClientUpdated:
		return told(", ", isolated(orID(about.Publisher, facts.Publisher)), d.token())
	case audit.RegistrationTokenCreated, audit.RegistrationTokenRevoked:
		return d.token()
	case audit.ResourceServerAdded, audit.ResourceServerRemoved:
		return told(", ", isolated(about.ResourceServer), isolated(facts.Resource))
	case audit.SigningKeyCreated, audit.SigningKeyRotated, audit.SigningKeyRetired, audit.LogForked:
		return isolated(facts.Key)
	case audit.ForeignTokenPresented:
		if about.Device != "" {
			return d.say("a token of %s", isolated(about.Device))
		}
	}
	return d.entry()
}

// whoseSession names who was signed out. Events from before they said so name the session alone, whose row may still be there.
func (d detail) whoseSession() string {
	if name := orID(d.row.About.Staff, d.facts.Staff); name != "" {
		return isolated(name)
	}
	return d.say("whose session it was is no longer known")
}

func (d detail) limit() string {
	if len(d.row.About.Counters) == 0 {
		return d.say("Any counter")
	}
	return isolated(strings.Join(d.row.About.Counters, ", "))
}

func (d detail) app() string {
	if d.facts.Software == "" {
		return ""
	}
	return d.say("the app %s", isolated(orID(d.row.About.Software, d.facts.Software)))
}

func (d detail) token() string {
	if d.facts.RegistrationToken == "" {
		return ""
	}
	return d.say("the token %s", isolated(orID(d.row.About.RegistrationToken, d.facts.RegistrationToken)))
}

// entry says which other event this one is about.
func (d detail) entry() string {
	if d.row.About.Entry == 0 {
		return ""
	}
	number := d.say("Entry %s", strconv.FormatInt(d.row.About.Entry, 10))
	if d.row.Event.Type != audit.AlertClosed {
		return number // the reason says the rest
	}
	return number + ", " + title(d.ctx, d.row.About.EntryType)
}

// filter says what an export was narrowed to. Its account stands in a column of its own.
func (d detail) filter() string {
	if len(d.facts.Filter) == 0 {
		return d.say("all entries")
	}
	var list []string
	for _, text := range d.facts.Filter {
		name, value, _ := strings.Cut(text, "=")
		list = append(list, d.term(name, strings.ReplaceAll(value, "+", " ")))
	}
	return strings.Join(list, ", ")
}

// term words one term of a filter, as the chips of the trail's page do.
func (d detail) term(name, value string) string {
	switch name {
	case "account":
		return d.say("Account")
	case "type":
		return title(d.ctx, audit.Type(value))
	case "staff":
		return d.named(d.say("Who"), d.row.About.Filter[name], value)
	case "counter":
		return d.named(d.say("Counter"), d.row.About.Filter[name], value)
	case "client":
		return d.named(d.say("App or client"), d.row.About.Filter[name], value)
	case "software":
		return d.named(d.say("App"), d.row.About.Filter[name], value)
	case "from":
		return d.named(d.say("From"), d.moment(value), value)
	case "until":
		return d.named(d.say("Until"), d.moment(value), value)
	case "reason":
		return d.named(d.say("Reason"), d.anyReason(value), value)
	case "presence":
		return d.named(d.say("Matched by"), d.say(term.Presence(value).Label()), value)
	case "result":
		return d.named(d.say("Result"), resultWords(d.ctx, audit.Result(value)), value)
	}
	return name + " " + value
}

func (d detail) named(label, name, id string) string {
	return label + ": " + isolated(orID(name, id))
}

func (d detail) moment(value string) string {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return ""
	}
	return views.Second(d.ctx, at, d.zone)
}

// anyReason words a reason by the type that the filter names, or by the first type that has it.
func (d detail) anyReason(value string) string {
	for _, definition := range audit.Catalogue() {
		asked := !strings.HasPrefix(d.facts.Filter[0], "type=") || slices.Contains(d.facts.Filter, "type="+string(definition.Type))
		if asked && definition.Reasons(value) != nil {
			return reasonWords(d.ctx, audit.Event{Type: definition.Type, Facts: audit.Facts{Reason: value}})
		}
	}
	return ""
}

// orID is a name, or the identifier of what has none any more.
func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

package review

import (
	"countersign/audit"
)

// changes says from what to what somebody changed something. What was changed of an account or a device, beside its state, may name
// people: it is told where the account's record is open.
func (d detail) changes() string {
	var list []string
	for _, changed := range d.row.Details {
		field := d.field(changed.Field)
		if field == "" || changed.AccountID != "" && !d.open {
			continue
		}
		list = append(list, d.say("%s from %s to %s", field, isolated(orDash(changed.Before)), isolated(orDash(changed.After))))
	}
	return told(", ", list...)
}

// orDash stands for what was not there.
func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// field names what was changed; "" for what the event's reason or its other facts say.
func (d detail) field(name string) string {
	switch name {
	case audit.DetailIdentifiers:
		return d.say("Identifiers")
	case audit.DetailName:
		return d.say("Name")
	case audit.DetailLatinName:
		return d.say("Name in Latin letters")
	case audit.DetailBirth:
		return d.say("Date of birth")
	case audit.DetailContact:
		return d.say("Contact")
	case audit.DetailLanguage:
		return d.say("Language")
	case audit.DetailStaff:
		return d.say("Member of staff")
	case audit.DetailLabel:
		return d.say("Label")
	case audit.DetailPlace:
		return d.say("Address")
	case audit.DetailHours:
		return d.say("Opening hours")
	case audit.DetailTimeZone:
		return d.say("Time zone")
	case audit.DetailNetworks:
		return d.say("Networks")
	case audit.DetailKeys:
		return d.say("Keys")
	case audit.DetailScope:
		return d.say("Scopes")
	}
	return ""
}

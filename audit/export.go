package audit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// stretch is how many numbers of the log one step of Walk looks at: as many entries are in memory at most, and so long,
// in rows, lives the one read transaction of a step.
const stretch = 1000

// Walk gives, oldest first, the entries that f lets in among the next numbers after after, up to upto, and the number that
// it has reached: the next step's after. It has reached upto at the end. Before, Limit and Examine of f play no part. Each step
// reads the log itself by number, so that its cost does not depend on how many entries there are, nor on what f asks for, and
// what it gives not on the search table. The member of staff is judged here: a database might take the index of that, which has
// no numbers, and sort all that they ever did.
func Walk(db *gorm.DB, f Filter, after, upto int64) (entries []Entry, reached int64, err error) {
	inLog := f
	inLog.Before, inLog.StaffID = 0, ""
	reached = min(after+stretch, upto)
	err = inLog.ofSoftware(inLog.apply(db), "audit_events").Where("seq > ? AND seq <= ?", after, reached).Order("seq").Find(&entries).Error
	if err != nil {
		return nil, after, fmt.Errorf("walk audit events: %w", err)
	}
	return slices.DeleteFunc(entries, func(e Entry) bool { return !f.admits(e) }), reached, nil
}

// admits judges an entry by the members of f that are no columns of the log, and by the member of staff.
func (f Filter) admits(e Entry) bool {
	if f.StaffID != "" && f.StaffID != e.StaffID {
		return false
	}
	if f.Reason == "" && f.Presence == "" && f.Result == "" {
		return true
	}
	row := e.searchRow()
	return (f.Reason == "" || f.Reason == row.Reason) && (f.Presence == "" || f.Presence == row.Presence) &&
		(f.Result == "" || f.Result == row.Result)
}

// termShape is one of Filter.Terms: no name in it, and no sentence.
var termShape = regexp.MustCompile(`^(type|account|client|software|staff|counter|device_authorization|transaction|from|until|reason|presence|result)=[!-~]{1,255}$`)

// Terms say what the filter narrows by, in an order of their own: "counter=" and its identifier, "from=" and a time of RFC 3339,
// "reason=" and its words with + between them. // They are the fact filter of an event. There are none when all entries are let in.
func (f Filter) Terms() []string {
	terms := []struct{ name, value string }{{"type", string(f.Type)}}
	for _, t := range f.Types {
		terms = append(terms, struct{ name, value string }{"type", string(t)})
	}
	terms = append(terms, []struct{ name, value string }{
		{"account", f.AccountID}, {"client", f.ClientID}, {"software", f.SoftwareID}, {"staff", f.StaffID},
		{"counter", f.CounterID}, {"device_authorization", f.DeviceAuthorizationID}, {"transaction", f.Transaction},
		{"from", termTime(f.From)}, {"until", termTime(f.Until)},
		{"reason", f.Reason}, {"presence", f.Presence}, {"result", string(f.Result)},
	}...)
	var list []string
	for _, term := range terms {
		if term.value != "" {
			list = append(list, term.name+"="+strings.ReplaceAll(term.value, " ", "+"))
		}
	}
	return list
}

// Unknown names, as Terms does, the first member with a value that is none of its closed set; "" when there is none.
func (f Filter) Unknown() string {
	for _, t := range append([]Type{f.Type}, f.Types...) {
		if _, known := Lookup(t); t != "" && !known {
			return "type"
		}
	}
	has := func(is func(Definition) bool) bool { return slices.ContainsFunc(Catalogue(), is) }
	switch {
	case f.Reason != "" && !has(func(d Definition) bool { return d.Reasons(f.Reason) != nil }):
		return "reason"
	case f.Presence != "" && !has(func(d Definition) bool { return d.has(factPresence, f.Presence) }):
		return "presence"
	case f.Result != "" && !slices.Contains(Results(), f.Result):
		return "result"
	}
	return ""
}

// termTime is a time to the millisecond, as entries have it.
func termTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

// Claims are the claims set of the entry's SET as it was signed, for reading: nothing is verified. nil when the SET cannot be
// read.
func (e Entry) Claims() json.RawMessage {
	signed, err := parseSET(e.Bytes())
	if err != nil {
		return nil
	}
	if claims := signed.UnsafePayloadWithoutVerification(); json.Valid(claims) {
		return claims
	}
	return nil
}

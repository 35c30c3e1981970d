package views

import "context"

// CountersProps is the administrator's list of counters, with a form for another one.
type CountersProps struct {
	Counters []CounterRow
	Form     CounterForm
}

// CounterRow is one counter.
type CounterRow struct {
	ID, Name, Address, Hours string
	Lines                    []string // its hours, where they are data
	TimeZone                 string
	Networks                 []string
	Closed                   string // since when; "" in use
}

// CounterSettingsProps is the administrator's page about one counter.
type CounterSettingsProps struct {
	CounterRow
	Form CounterForm
}

// CloseCounterProps is the question before a counter is closed.
type CloseCounterProps struct {
	ID, Name string
	Working  []WorkingRow
}

// WorkingRow is somebody who works at a counter now.
type WorkingRow struct {
	Name, Seen string
	Handling   int // visits
}

// CounterForm is what was typed. Fields: name, address, time_zone, networks, and those of HoursForm.
type CounterForm struct {
	Name, Address, TimeZone string
	Hours                   HoursForm
	Networks                string // one a line
}

// StaffProps is the administrator's list of staff.
type StaffProps struct {
	Staff   []StaffMember
	MoreURL string // the next page; "" on the last
	TopURL  string // the first page; "" on it
}

// StaffMember is somebody of the staff who has signed in.
type StaffMember struct {
	ID, Name string
	Roles    string // of the last sign-in
	LastSeen string
	Limit    string // in words; "" for any counter
	Sessions []StaffSessionRow
	Self     bool // who looks at the page

	AccountUnknown string // what follows from the provider naming no account of theirs; "" where it names one
}

// StaffSessionRow is a live session.
type StaffSessionRow struct {
	Counter string // "" when none is open
	Address string
	Since   string
	Seen    string
}

// StaffMemberProps is the administrator's page about one of them. Field: counters.
type StaffMemberProps struct {
	StaffMember
	Counters    []LimitChoice
	Identifiers []StaffIdentifierRow
}

// StaffIdentifierRow is a key by which an account of their own is known.
type StaffIdentifierRow struct{ Key, FirstSeen, LastSeen string }

// LimitChoice is a counter that somebody may be limited to.
type LimitChoice struct {
	ID, Name string
	Closed   bool
	Chosen   bool
}

// limitWords says which counters somebody may open.
func limitWords(ctx context.Context, limit string) string {
	if limit == "" {
		return say(ctx, "Any counter")
	}
	return limit
}

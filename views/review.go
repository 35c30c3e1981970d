package views

import "strconv"

// EventsProps is the audit trail, newest first. Fields, each in a form of its own: those of Choices (GET); receipt.
type EventsProps struct {
	Events     []EventRow
	Choices    EventChoices
	Filters    []FilterChip
	Reports    []NamedFact // pages about who or what is asked for: Value and URL
	OlderURL   string      // "" at the end
	FurtherURL string      // goes on with the search where it ended before it had read all; "" where it did not
	NewerURL   string      // back to the newest; "" on the first page
	Behind     bool        // the newest events are not searched yet
	Locked     []LockedAccount
	Alerts     []AlertRow // what to look at unasked, newest first
	Open       int        // how many alerts there are to look at, listed or not: AlertsCounted or fewer
	Receipt    string     // the number that was looked up and not found; "" for none

	ExportURL string // what a form posts to that takes along all that the filters let in. Field: format

	// Identifier is what was looked up and is no account's; "" for none. Field: identifier.
	Identifier string
}

// EventChoices are what the filter's form offers. Fields: type, reason (where the chosen type has any), result, presence,
// counter, app, from, until; what is chosen stands among the filters in force.
type EventChoices struct {
	Types, Reasons, Results, Presences, Counters, Apps []Choice

	From, Until string // days as in the address; "" for none
}

// EventRow is one event in words. Empty texts are left out.
type EventRow struct {
	Sequence int64
	Time     string
	Title    string
	Who      string // name of the member of staff, or what acted instead
	Account  string // name of the account where its record is open, else its initials
	ByDevice bool   // no member of staff did it, but the device
	Client   string
	Counter  string
	Reason   string
	OpenURL  string // what a form posts to that opens the record and leads to the page that the event is about
	LinkURL  string // that page, where nothing is to be opened
	LookedAt string // of an alert: who has closed it, when, and what came of it
	Notes    []NoteFacts

	WhoURL, AccountURL, ClientURL, CounterURL string // what else the trail has of that name; "" where it is no link
}

// NoteFacts is a note on an alert. By and At are "" where the row says so itself.
type NoteFacts struct{ By, At, Text string }

// AlertRow is an alert that nobody has closed. Fields of its forms: note and closing; from.
type AlertRow struct {
	EventRow
	ID      string // of the event
	Own     bool   // whoever reads it has caused it: another supervisor looks at it
	Next    string // what to do about it, in a sentence
	Taken   string // who has it, and since when; "" for nobody
	TakenBy string // the identifier of who has it, for the form; "" for nobody
	Mine    bool   // whoever reads it has it
	Note    string // what was typed, kept when it is to mend
	Closing string // what was chosen, likewise
	Error   string

	Asks          bool // it asks for something, and waits for an answer
	MayDisconnect bool // by one press: it names the device
}

// NoteField is the id of the note of the alert at this place in the list.
func NoteField(place int) string { return "note-" + strconv.Itoa(place+1) }

// FilterChip is a filter in force, with the address that takes it away.
type FilterChip struct {
	Name      string // for example "Event"
	Value     string // for example "Code matched"
	Parameter string // query parameter, kept by the filter form
	Raw       string // its value
	RemoveURL string
}

// LockedAccount is an account whose code entry is locked.
type LockedAccount struct {
	ID      string
	Name    string // its initials while the record is not open
	OpenURL string // what a form posts to that opens the record; "" where it is open
	Since   string
	Tried   []WrongCodeFacts // newest first
	Own     bool             // whoever reads it entered some of them, and cannot unlock
}

// WrongCodeFacts is one wrong code: who entered it, where and when.
type WrongCodeFacts struct{ By, Counter, At string }

// ReviewRequestProps is a supervisor's page about one request.
// Fields of the forms: reason, label.
type ReviewRequestProps struct {
	Account   AccountFacts
	Locked    *LockedAccount // nil: code entry is not locked
	Request   RequestFacts
	State     string // in words
	StateNote string // for example "Approved on 3 May at 14:06; not redeemed yet"
	Counted   string // when it was made, where its making has no event of its own
	Presence  string // what the match rested on; "" before it
	Scopes    []ScopeFacts
	Proofing  *ProofingFacts // nil when no proofing was recorded

	Differences []DocumentDifference

	AppName, AppURL string // the registered app, and the trail of it; "" when no publisher has it

	ReceiptFileURL string // the decision's entry with its proof; "" without a decision

	Binding   *BindingFacts // nil when there is none
	Label     string        // what the field for the binding's label holds
	Timeline  []EventRow    // oldest first
	Seen      VisitSeen
	MayRecall bool // shown instead of MayRevoke when both are set
	MayRevoke bool // needs a Binding
}

// BindingFacts is the binding that an approval made.
type BindingFacts struct {
	ID         string
	Called     string // its label, as staff may edit it; the device's own words stand with the request
	State      string // in words
	ApprovedBy string
	ApprovedAt string
	RedeemBy   string
	RedeemedAt string
	EndedAt    string // when it was revoked or recalled
}

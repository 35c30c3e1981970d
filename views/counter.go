package views

// OpenCounterProps lets an operator say where they stand. Fields: counter,
// return_to.
type OpenCounterProps struct {
	Counters []CounterChoice
	Chosen   string // the counter last used, or ""
	ReturnTo string
}

// CounterChoice is one counter to choose.
type CounterChoice struct {
	ID    string
	Name  string
	Place string
}

// CounterProps is the search page. Field: identifier.
type CounterProps struct {
	Identifier string // what was typed
	Searched   bool   // a search ran; with no Accounts it found nothing
	Accounts   []AccountResult
	More       bool // there are more results than shown
	Work       WorkProps

	AccountUnknown bool // which account is the operator's own, so that they may not approve
}

// WorkProps is what goes on at the counter: nobody who only waits. No name of an account
// but of those that this session has matched.
type WorkProps struct {
	Mine       []MyVisit
	Colleagues []ColleaguesVisit
	Decided    []DecidedVisit
}

// MyVisit is a visit to go on with.
type MyVisit struct {
	ID, Name, App, Until string
	URL                  string
}

// ColleaguesVisit is one that somebody else handles here.
type ColleaguesVisit struct{ App, HandledBy, Until string }

// DecidedVisit is a decision of this session.
type DecidedVisit struct{ App, At, Number, Decision, URL string }

// AccountResult is one account that a prefix search found.
type AccountResult struct {
	ID         string
	Identifier string
	Initials   string // of the name on record
	Status     string
	NotActive  bool
	Waiting    int // requests that wait now
}

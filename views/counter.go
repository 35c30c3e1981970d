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
}

// AccountResult is one account that a prefix search found.
type AccountResult struct {
	ID         string
	Identifier string
	Name       string
	Status     string
	NotActive  bool
	Waiting    int // requests that wait now
}

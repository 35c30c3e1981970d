package views

import (
	"context"
	"net/url"

	"countersign/audit/term"
)

// SecondPart is the second person's part on the page to decide.
type SecondPart struct {
	Needed     []string // why, as codes; empty: nobody is needed
	State      string   // SecondNone, SecondWaiting, SecondGiven or SecondReturned
	By         string   // who answered
	At         string   // when they were asked, or answered: "14:02"
	ReasonText string   // why they returned it
	LookedBy   string   // who has opened the record while it waits; "" for nobody
	LookedAt   string
}

// The states of a question for a second person.
const (
	SecondNone     = ""
	SecondWaiting  = "waiting"
	SecondGiven    = "given"
	SecondReturned = "returned"
)

// Missing says whether an approval still lacks the second person.
func (p SecondPart) Missing() bool { return len(p.Needed) > 0 && p.State != SecondGiven }

// SecondListProps is what waits for a second person.
type SecondListProps struct {
	Waiting []SecondRow
}

// SecondRow is one visit that waits.
type SecondRow struct {
	ID      string
	App     string
	Account string // the account's name; "" for an operator at another counter
	AskedBy string
	Counter string
	Looking string // who has opened the record; "" for nobody
	Age     string
	Until   string // when the operator's hold ends: "14:17"
	Own     bool   // whoever looks asked for it themselves
}

// SecondProps is the whole record of a visit, for a second person.
type SecondProps struct {
	ID       string
	Decide   *DecideProps // nil: there is nothing to say to it, and so nothing to see
	AskedBy  string
	Counter  string
	AskedAt  string
	Until    string
	Needed   []string
	Closed   bool   // they have not opened the record
	Own      bool   // asked for it themselves
	Over     bool   // answered, decided, or checked again
	Answered string // what became of it, when it was answered
	Returned []SecondReturn
}

// SecondReturn is an earlier return of the same request.
type SecondReturn struct {
	By, At string
	Reason string // in words
}

// SecondListPath is the list of what waits for a second person.
const SecondListPath = "/second"

// SecondPath is the record of one visit for a second person.
func SecondPath(id string) string { return SecondListPath + "/" + url.PathEscape(id) }

// LookSecondPath opens the record to whoever presses the button.
func LookSecondPath(id string) string { return SecondPath(id) + "/look" }

// GiveSecondPath takes the second person's agreement.
func GiveSecondPath(id string) string { return SecondPath(id) + "/agree" }

// ReturnSecondPath takes their return.
func ReturnSecondPath(id string) string { return SecondPath(id) + "/return" }

// AskSecondPath asks for a second person.
func AskSecondPath(visit string) string { return visitPath(visit) + "/second" }

// SecondReturnReasons lists the values of the reason field when a visit is returned.
func SecondReturnReasons(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Returns()))
}

// NameReasons lists the values of the name_reason field: why a name that differs is the
// same person's.
func NameReasons(ctx context.Context) []Choice { return choicesOf(ctx, term.Words(term.NameReasons())) }

// secondReason says why a second person is needed.
func secondReason(ctx context.Context, need string) string { return say(ctx, term.Need(need).Label()) }

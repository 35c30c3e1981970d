package views

import (
	"context"
	"net/url"

	"countersign/audit/term"
)

// SecondApprovalPart is the second person's part on the page to decide.
type SecondApprovalPart struct {
	Needed     []string // why, as codes; empty: nobody is needed
	State      string   // SecondApprovalNone, SecondApprovalWaiting, SecondApprovalGiven or SecondApprovalReturned
	By         string   // who answered
	At         string   // when they were asked, or answered: "14:02"
	ReasonText string   // why they returned it
	LookedBy   string   // who has opened the record while it waits; "" for nobody
	LookedAt   string
	Before     string // who agreed to what has changed since; "" for nobody
}

// The states of a question for a second person.
const (
	SecondApprovalNone     = ""
	SecondApprovalWaiting  = "waiting"
	SecondApprovalGiven    = "given"
	SecondApprovalReturned = "returned"
)

// Missing says whether an approval still lacks the second person.
func (p SecondApprovalPart) Missing() bool {
	return len(p.Needed) > 0 && p.State != SecondApprovalGiven
}

// secondClass is the look of what is said of it: to wait is no error.
func secondClass(p SecondApprovalPart) string {
	switch {
	case p.State == SecondApprovalReturned || p.Before != "":
		return "stop"
	case p.Missing():
		return "waits"
	}
	return ""
}

// SecondApprovalListProps is what waits for a second person.
type SecondApprovalListProps struct {
	Waiting []SecondApprovalRow
}

// SecondApprovalRow is one visit that waits.
type SecondApprovalRow struct {
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

// SecondApprovalProps is the whole record of a visit, for a second person.
type SecondApprovalProps struct {
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
	Returned []SecondApprovalReturn
	Shown    string   // what the page shows, sealed: FieldShown
	Changed  *Changed // what has changed since the page was read; nil: nothing
}

// SecondApprovalReturn is an earlier return of the same request.
type SecondApprovalReturn struct {
	By, At string
	Reason string // in words
}

// SecondApprovalListPath is the list of what waits for a second person.
const SecondApprovalListPath = "/second"

// SecondApprovalPath is the record of one visit for a second person.
func SecondApprovalPath(id string) string { return SecondApprovalListPath + "/" + url.PathEscape(id) }

// LookSecondApprovalPath opens the record to whoever presses the button.
func LookSecondApprovalPath(id string) string { return SecondApprovalPath(id) + "/look" }

// GiveSecondApprovalPath takes the second person's agreement.
func GiveSecondApprovalPath(id string) string { return SecondApprovalPath(id) + "/agree" }

// ReturnSecondApprovalPath takes their return.
func ReturnSecondApprovalPath(id string) string { return SecondApprovalPath(id) + "/return" }

// AskSecondApprovalPath asks for a second person.
func AskSecondApprovalPath(visit string) string { return visitPath(visit) + "/second" }

// SecondApprovalReturnReasons lists the values of the reason field when a visit is returned.
func SecondApprovalReturnReasons(ctx context.Context) []Choice {
	return choicesOf(ctx, term.Words(term.Returns()))
}

// NameReasons lists the values of the name_reason field: why a name that differs is the
// same person's.
func NameReasons(ctx context.Context) []Choice { return choicesOf(ctx, term.Words(term.NameReasons())) }

// secondReason says why a second person is needed.
func secondReason(ctx context.Context, need string) string { return say(ctx, term.Need(need).Label()) }

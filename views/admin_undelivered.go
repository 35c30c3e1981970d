package views

import (
	"net/url"
)

// UndeliveredProps are notices that were given up.
type UndeliveredProps struct {
	Groups  []UndeliveredGroup
	Notices []UndeliveredRow // of the group that is chosen, a page
	Chosen  UndeliveredGroup
	Older   string // address of the next page; "" at the end
	Alerts  []UntoldRow
	Ask     bool   // whether the chosen group is to be put aside: nothing has happened yet
	Until   string // the moment of what is shown then, as in the form: what is given up later is not meant
}

// UndeliveredGroup are those of one channel and cause.
type UndeliveredGroup struct {
	Way, Cause   string // as in forms and addresses
	ByWay, Why   string // in words
	Count, Since string
	NotSetUp     bool // nothing is sent that way any more
}

// Path lists them.
func (g UndeliveredGroup) Path() string {
	return PathUndelivered + "?" + url.Values{"way": {g.Way}, "cause": {g.Cause}}.Encode()
}

// AskPath asks whether to put them aside.
func (g UndeliveredGroup) AskPath() string { return g.Path() + "&ask=set-aside" }

// UndeliveredRow is one of them.
type UndeliveredRow struct {
	ID, Account string
	What        string // happened
	GivenUp     string // when
	Attempts    string
	Answer      string // of the last attempt; "" where there was none
}

// UntoldRow is a kind of alert that supervisors could not be told of yet.
type UntoldRow struct{ Alert, ByWay, Since, Attempts, Answer string }

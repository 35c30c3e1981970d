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
}

// UndeliveredGroup are those of one channel and cause.
type UndeliveredGroup struct {
	Way, Cause   string // as in forms and addresses
	ByWay, Why   string // in words
	Count, Since string
}

// Path lists them.
func (g UndeliveredGroup) Path() string {
	return PathUndelivered + "?" + url.Values{"way": {g.Way}, "cause": {g.Cause}}.Encode()
}

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

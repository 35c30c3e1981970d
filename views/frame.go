package views

import (
	"cmp"
	"context"
)

// Frame is what surrounds a page: who is signed in, where, and what went wrong.
type Frame struct {
	Title         string // without the product's name, which the layout adds
	Path          string // of this page, to come back to in another language; "" after a form
	Demonstration bool   // puts the demonstration banner on the page
	Practice      bool   // puts the banner of practice on the page

	Organisation  Organisation
	StylesheetURL string // static.URL("app.css")
	FaviconURL    string // static.URL("favicon.svg")
	Scripts       Scripts

	HelpURL string // of the page of help for the reader, the same place on every page; "": PathHelp

	PageStylesheetURL string // rules of a few pages alone; "" for none

	SessionID   string // "" when nobody is signed in
	StaffName   string // "" when nobody is signed in: no navigation, no sign-out
	StaffRole   string // for example "supervisor"; "" shows nothing
	CounterName string // the open counter; "" when none is open

	ShowCounter        bool // the operator's part of the navigation
	ShowSecondApproval bool // visits that wait for a second person
	ShowReview         bool // the supervisor's part of the navigation
	ShowAdmin          bool // the administrator's part of the navigation
	Current            Section

	Held      []HeldVisit // visits that the session holds, but for the page's own
	Calls     int         // how many visits wait for this person as the second: CallsCounted or fewer
	MayAnswer bool        // the number keeps itself up to date
	Alerts    int         // how many alerts are open, for a supervisor: AlertsCounted or fewer

	Notice string       // what just happened, for example "Declined."
	Errors []FieldError // shown as a summary at the top and beside each field
}

// Scripts are the addresses of the scripts that improve a page; "" for those it does
// without. Console and Htmx come together.
type Scripts struct {
	Htmx, Console string
	Scanner       string // brings scans to their field, and keeps them from pressing anything
	Own           string // for this page alone
}

// Section names the entry of the navigation that the page belongs to.
type Section string

// The sections of the navigation.
const (
	SectionNone           Section = ""
	SectionCounter        Section = "counter"
	SectionSecondApproval Section = "second"
	SectionReview         Section = "review"
	SectionOverview       Section = "overview"
	SectionAdmin          Section = "admin"
)

// FieldError is one thing to mend. Field is the name of the form field, which
// is also the id that the summary links to; "" when it belongs to no field.
type FieldError struct {
	Field   string
	Message string
}

// ErrorFor returns the first message for the named field, or "".
func (f Frame) ErrorFor(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

// help returns where the link to help leads.
func (f Frame) help() string { return cmp.Or(f.HelpURL, PathHelp) }

func (f Frame) documentTitle(ctx context.Context) string {
	title := f.Title + " – " + f.Organisation.inTitle()
	if len(f.Errors) > 0 {
		title = say(ctx, "Error:") + " " + title
	}
	if number := inTitle(f.Calls, f.Alerts); number != "" {
		title = "(" + number + ") " + title
	}
	return title
}

// HeaderSession is how a page asks whether its session lives, by the session's identifier.
const HeaderSession = "Countersign-Session"

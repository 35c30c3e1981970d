// Package counter is the console at the counter: a visit from the open counter
// to the receipt. One file a step, named like the verb in models. What staff pages share is
// in handlers/console; what all handlers share (access rules, sessions, the frame of a page,
// errors) is in handlers/web; the route table is in handlers.
//
// # The way of a visit
//
//	open_counter.go   where: the counter that the session works at; work.go: what goes on there
//	search.go         the account; account.go shows what waits for it
//	match.go          the code from the customer's device; the visit is claimed
//	opened.go         a visit's record is shown to who holds the visit or has opened it
//	visit.go          who may go on: the session that holds the claim; extend.go prolongs it
//	proof.go          the ID document; proof_form.go says what a form may hold, proof_dates.go reads its dates,
//	                  proof_scan.go its scan, proof_words.go says what is wrong
//	second.go         a second person is asked, and answers
//	decide.go         everything on one page, with the facts against fraud (caution.go, looked.go),
//	                  then approve or decline; release.go gives the claim back
//	shown.go          what that page showed: an approval rests on it
//	receipt.go        the durable page about an approval, declined.go about a decline;
//	                  label.go names the binding
//	scanner_settings.go  a page to test a scanner
//	bindings.go       what the account has, and how it is cut off while the visit lasts;
//	                  lost_device.go asks a supervisor where it may not be
//
// Each step is a form that is posted, changes at most one thing by one call of models,
// and leads to the next page with 303, or back to its own with what is to mend: Back and
// reload never meet a form to send again. A GET changes nothing.
package counter

import (
	"countersign/handlers/console"
	"countersign/handlers/web"
)

// Console answers the requests of a counter. Make it with New.
type Console struct {
	app *console.Pages
}

// New makes the console.
func New(app *web.App) *Console {
	return &Console{app: console.New(app)}
}

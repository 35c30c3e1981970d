// Package views holds every page that a person sees, as templ components with
// plain props. A page is a pure function: XxxPage(frame, props) renders from
// what it is given and from nothing else. It knows no clock, no session and no
// store; handlers hand it times as text that is ready to read.
//
// Where things are:
//
//	frame.go        Frame (what surrounds each page) and FieldError
//	organisation.go what the deployment says of itself
//	facts.go        facts that several pages show: an account, a request, scopes
//	closed.go       what is shown in place of a record that is not open
//	beside.go       what every page of staff says beside its own matter
//	choices.go      the closed lists of reasons and document types
//	paths.go        the addresses that the pages' links and forms point to
//	layout.templ    the document, banner, navigation and error summary
//	fields.templ    labelled inputs; the id of a field is always its name
//	facts.templ     the shared parts: account facts, request facts, steps
//	fields.go, phrase.go         what fields and marked-up sentences are made of
//	words.go, later.go           texts in the reader's language (moment.go: times, hours.go: opening hours, names.go: closed sets)
//	separator.go                 what a spreadsheet takes for the end of a cell
//	language_file.go, foreign.go     the files in words/, and English on a page whose language lacks a text
//
// The props of pages, each beside its markup in a .templ of the same name:
//
//	public.go, phone.go, not_me.go, sign_in.go              what everybody sees
//	counter.go, account.go, proof.go, visit.go, second.go   the visit; scanner.go tests a scanner
//	bindings.go, bindings_words.go, lost_device.go          what an account has
//	review.go                                               the supervisors' pages; the queue is review_alerts.templ
//	overview.go                                             what happened, in plots (overview.templ)
//	review_seen.go                                          a visit as it was
//	review_event.go, review_report.go                       one event and its proof; an account's story, a day, a week
//	help.go, practice.go                                    help, and how to practise a visit
//	admin.go, admin_*.go                                    the administrators' pages
//
// Rules that hold on every page and are tested: one h1; nothing inline (no
// script, no style attribute), so that a strict Content-Security-Policy holds;
// every text that came from outside stands in a bdi element; a user code is
// never shown, and no prop can carry one.
package views

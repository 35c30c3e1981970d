// Package views holds every page that a person sees, as templ components with
// plain props. A page is a pure function: XxxPage(frame, props) renders from
// what it is given and from nothing else. It knows no clock, no session and no
// store; handlers hand it times as text that is ready to read.
//
// Where things are:
//
//	frame.go        Frame (what surrounds each page) and FieldError
//	facts.go        facts that several pages show: an account, a request, scopes
//	choices.go      the closed lists of reasons and document types
//	paths.go        the addresses that the pages' links and forms point to
//	layout.templ    the document, banner, navigation and error summary
//	fields.templ    labelled inputs; the id of a field is always its name
//	facts.templ     the shared parts: account facts, request facts, steps
//	<page>.go/.templ  the props and the markup of one page
//
// Rules that hold on every page and are tested: one h1; nothing inline (no
// script, no style attribute), so that a strict Content-Security-Policy holds;
// every text that came from outside stands in a bdi element; a user code is
// never shown, and no prop can carry one.
package views

// Package console holds what the pages of staff share: counter, review, admin and signin
// are built on it. It answers no route itself.
//
//	pages.go     Pages: the server with what follows
//	told.go      a word that a form's answer leaves for the next page
//	opened.go    a customer's record is shown to the session that opened it
//	kept.go      what was typed, sealed for the session's next pages
//	mend.go      what is to mend in a form
//	facts.go     accounts, requests and proofings, in words that are ready to read
//	bindings.go  the devices of an account: shown, and cut off
//	waiting.go   what waits for an account: all of it ended
//	receipt_file.go  a decision with the proof that the log has it, as a file
//	label.go     what a binding is called, changed
//
// Every form is answered with a redirect, so that Back and reload find a page and never a
// form to send again (docs/decisions/0018-back.md). Who may see and end what is settled by
// models. Access rules, sessions, the frame of a page and the one place where an error
// becomes an answer are in handlers/web.
package console

// Package handlerstest starts the real server over a real database for tests of the
// handlers: real HTTP on loopback, SQLite in the test's own folder or PostgreSQL in a
// schema of its own, and a clock that the test sets. Nothing of ours is replaced.
//
//	server.go    Start: a server with one account, one counter and its clock
//	keys.go      a server whose master key was changed
//	full.go      gates in which all places are taken
//	cut.go       connections that break in the middle of an answer
//	forwarded.go requests as a proxy passes them on
//	database.go  Each: the same test on SQLite and on PostgreSQL
//	phone.go     Phone: a registered client instance that can also misbehave
//	jwt.go       assertions and proofs, right or wrong in exactly one thing
//	answer.go    what came back, and what it should have been
//	provider.go  an OpenID Provider for staff
//	staff.go     operators and supervisors, and a visit without its pages
//	document.go  passports and licences, as a scanner reads them
//	browser.go   a browser without JavaScript: pages, forms, redirects
//	cookies.go   the cookies that this browser would send
//	refresh.go   a part of its page that refreshes itself
//	language.go  the English that a German page must not show
//	collector.go OpenTelemetry's side: receives traces and keeps them
//	snapshot.go  everything that the database holds, to see what a request changed
package handlerstest

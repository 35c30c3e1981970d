// Package handlerstest starts the real server over a real database for tests of the
// handlers: real HTTP on loopback, SQLite in the test's own folder or PostgreSQL in a
// schema of its own, and a clock that the test sets. Nothing of ours is replaced.
//
//	server.go    Start: a server with one account, one counter and its clock
//	database.go  Each: the same test on SQLite and on PostgreSQL
//	phone.go     Phone: a registered client instance that can also misbehave
//	jwt.go       assertions and proofs, right or wrong in exactly one thing
//	answer.go    what came back, and what it should have been
//	cut.go       a server whose connections break in the middle of an answer
//	document.go  documents to scan
//	forwarded.go what a proxy says of where a request comes from
//	keys.go      another master key
//	language.go  English texts where a German one belongs
//	provider.go  an OpenID Provider
//	staff.go     operators and supervisors, and a visit without its pages
//	browser.go   a browser without JavaScript: pages, forms, redirects
//	snapshot.go  everything that the database holds, to see what a request changed
package handlerstest

// Command bench measures what Countersign costs: it is a load of its own, speaks RFC 8628
// with private_key_jwt and DPoP over keep-alive HTTP and fills in the console's forms, and
// holds three servers side by side in one run:
//
//	new    this working tree's program
//	old    the program of an earlier commit, built by the bench itself
//	limit  a bare net/http handler that does the same cryptography with one read, or with
//	       one signature and one durable row
//
// Each round measures them one after the other, so that a machine that gets slower meanwhile
// is slower for all. Ratios are printed, and none of them is a failure: the exit status is 0
// when everything could be measured, 1 when not, 2 when the bench was called wrongly.
//
//	main.go             flags, exit codes
//	bench.go            one run: which scenarios, on which servers
//	scenario*.go        one file a scenario: what is asked for, how often
//	contender*.go       a server that takes part: its database, its program, its process
//	build.go, _inside   the builds, each with a file that tells allocations and statements
//	limit*.go           the bare handler
//	reading*.go         CPU, bytes, allocations and statements of a process
//	load.go, wait.go    so many at once, and how long each took
//	phone.go            phones, on oauth/deviceclient
//	prepared.go         what they send, signed and written out before the clock runs
//	operator.go, page.go, staff.go  an operator's browser and the provider that staff sign in with
//	database.go         an empty database for each contender
//	trail.go            entries of a log without a server, for the verifier
//	seed*.go            many rows like one that the program wrote
//	sqlite_pages.go     how many pages a table has
//	result.go, table.go, percentile.go  what comes out
//
// It runs on Linux. It is no part of the shipped program.
package main

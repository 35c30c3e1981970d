package main

import "time"

// What one costs the server, as docs/performance.md measured it, with eight at once: "The pending poll takes the plain way",
// "Issuing codes", "A visit and its redemption" (the newest run of each) and "What a request and an event take". A test holds them
// to that page. SQLite's write-ahead log was copied within a redemption of that run, which has its bytes.
const (
	pollCPU    = 211 * time.Microsecond
	issueCPU   = 668 * time.Microsecond
	visitCPU   = 5030 * time.Microsecond // search, match, proof and approval
	redeemCPU  = 829 * time.Microsecond
	refreshCPU = 569 * time.Microsecond

	kib           = 1024.0
	issueWrites   = 41.4 * kib
	visitWrites   = 65 * kib
	redeemWrites  = 41 * kib
	refreshWrites = 8 * kib

	eventBytes = 1232.0 // with its indexes, its part of the log's tiles, and what is made of it to be searched and summed
)

// What follows from the program, and not from a measurement.
const (
	eventsOfARequest = 1
	eventsOfAVisit   = 6 // the redemption among them
	pollsOfACore     = 250
)

package main

import "time"

// What one costs the server, as docs/performance.md measured it, with eight at once: "Smaller pages" and "What a request and an event
// take". A test holds them to that page. What is copied from SQLite's write-ahead log to the file is in these bytes.
const (
	pollCPU    = 282 * time.Microsecond
	issueCPU   = 679 * time.Microsecond
	visitCPU   = 8835 * time.Microsecond // search, match, proof and approval
	redeemCPU  = 866 * time.Microsecond
	refreshCPU = 566 * time.Microsecond

	kib           = 1024.0
	issueWrites   = 26.1 * kib
	visitWrites   = 56.6 * kib
	redeemWrites  = 15 * kib
	refreshWrites = 4.6 * kib

	eventBytes = 1332.0 // with its indexes, its part of the log's tiles, and what is made of it to be searched and summed
)

// What follows from the program, and not from a measurement.
const (
	eventsOfARequest = 1
	eventsOfAVisit   = 6 // the redemption among them
	pollsOfACore     = 250
)

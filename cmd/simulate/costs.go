package main

import "time"

// What one costs the server, as docs/performance.md measured it, with eight at once: "The pending poll takes the plain way",
// "Issuing codes" and "A visit and its redemption". A test holds them to that page.
const (
	pollCPU    = 211 * time.Microsecond
	issueCPU   = 687 * time.Microsecond
	visitCPU   = 9396 * time.Microsecond // search, match, proof and approval
	redeemCPU  = 1328 * time.Microsecond
	refreshCPU = 694 * time.Microsecond

	kib           = 1024.0
	issueWrites   = 53.6 * kib
	visitWrites   = 117 * kib
	redeemWrites  = 32 * kib
	refreshWrites = 11 * kib

	eventBytes = 1760.0 // with its indexes and details
)

// What follows from the program, and not from a measurement.
const (
	eventsOfARequest = 1
	eventsOfAVisit   = 6 // the redemption among them
	pollsOfACore     = 250
)

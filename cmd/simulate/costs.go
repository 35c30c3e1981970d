package main

import "time"

// What one costs the server, as docs/performance.md measured it, with eight at once: "The pending poll takes the plain way",
// "Issuing codes", "A visit and its redemption" (the longer run by plain statements) and "What a request and an event take". A
// test holds them to that page.
const (
	pollCPU    = 211 * time.Microsecond
	issueCPU   = 687 * time.Microsecond
	visitCPU   = 6275 * time.Microsecond // search, match, proof and approval
	redeemCPU  = 955 * time.Microsecond
	refreshCPU = 595 * time.Microsecond

	kib           = 1024.0
	issueWrites   = 53.6 * kib
	visitWrites   = 105 * kib
	redeemWrites  = 32 * kib
	refreshWrites = 11 * kib

	eventBytes = 1232.0 // with its indexes and details, and with what is made of it to be searched
)

// What follows from the program, and not from a measurement.
const (
	eventsOfARequest = 1
	eventsOfAVisit   = 6 // the redemption among them
	pollsOfACore     = 250
)

package main

import "time"

// What one costs the server, as docs/performance.md measured it ("The first run", the new build). A test holds them to that page.
const (
	pollCPU    = 424 * time.Microsecond
	issueCPU   = 1493 * time.Microsecond
	visitCPU   = 14826 * time.Microsecond // search, match, proof and approval
	redeemCPU  = 1557 * time.Microsecond
	refreshCPU = 953 * time.Microsecond

	kib           = 1024.0
	issueWrites   = 113.0 * kib
	visitWrites   = 249.5 * kib
	redeemWrites  = 70.2 * kib
	refreshWrites = 35.0 * kib

	eventBytes = 1520.0 // with its indexes ("A hundred thousand visits behind one")
)

// What follows from the program, and not from a measurement.
const (
	eventsOfARequest = 1
	eventsOfAVisit   = 6 // the redemption among them
	pollsOfACore     = 250
)

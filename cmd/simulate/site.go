package main

import (
	"fmt"
	"time"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// What people do. These are assumptions, and the page says so.
const (
	connectsEvery = 2 * year // an account asks for a phone
	comePart      = 2.0 / 3  // of those that ask, come to a counter
	comeAfter     = 3 * day  // on average, the exponential kind
	offAtNight    = 0.3      // of phones, from 22 to 7 o'clock
	connectedPart = 0.7      // of accounts have a phone that is connected
	refreshes     = 2.0      // of a connected phone a day
	busiest       = 3.0      // times the mean of the week, in its busiest hour
	outageBegins  = 10*day + 12*time.Hour
	outageLasts   = 10 * time.Minute
)

// site is one deployment.
type site struct {
	accounts   int
	processes  int
	cores      int // of each process
	database   string
	least      time.Duration // --poll-interval
	bottleneck string
}

func (s site) place() string {
	if s.processes == 1 {
		return fmt.Sprintf("1 machine of %d cores, %s", s.cores, s.database)
	}
	return fmt.Sprintf("%d of %d cores, %s", s.processes, s.cores, s.database)
}

// rate is --poll-rate of one process, as the program has it by default.
func (s site) rate() float64 { return float64(pollsOfACore * s.cores) }

// sites are from one small machine to a country.
func sites() []site {
	return []site{
		{10_000, 1, 2, "SQLite", 30 * time.Second, "nothing"},
		{100_000, 1, 2, "SQLite", 30 * time.Second, "nothing"},
		{1_000_000, 1, 2, "SQLite", 30 * time.Second, "that it is one machine"},
		{10_000_000, 2, 4, "PostgreSQL", 30 * time.Second, "SQLite's one writer"},
		{100_000_000, 4, 8, "PostgreSQL", 30 * time.Second, "PostgreSQL's disk; open connections"},
		{100_000_000, 1, 2, "polls alone", 30 * time.Second, "the processors"},
	}
}

// asked is how many requests a second there are, on average.
func (s site) asked() float64 { return float64(s.accounts) / connectsEvery.Seconds() }

// waiting is about how many phones wait: those that come for comeAfter, the others for a week.
func (s site) waiting() float64 {
	return s.asked() * (comePart*comeAfter.Seconds() + (1-comePart)*7*day.Seconds())
}

// load is what a site does beside polls, in its busiest hour; stored is a year's.
type load struct{ requests, visits, refreshes, cores, written, stored float64 }

func (s site) load() load {
	l := load{requests: s.asked() * busiest, refreshes: float64(s.accounts) * connectedPart * refreshes / day.Seconds() * busiest}
	l.visits = l.requests * comePart
	l.cores = l.requests*issueCPU.Seconds() + l.visits*(visitCPU+redeemCPU).Seconds() + l.refreshes*refreshCPU.Seconds()
	l.written = l.requests*issueWrites + l.visits*(visitWrites+redeemWrites) + l.refreshes*refreshWrites
	l.stored = s.asked() * year.Seconds() * (eventsOfARequest + comePart*eventsOfAVisit) * eventBytes
	return l
}

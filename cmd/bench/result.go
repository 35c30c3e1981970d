package main

import (
	"fmt"
	"time"
)

// The three servers.
const (
	newBuild  = "new"
	oldBuild  = "old"
	bareLimit = "limit"
)

// row is one line of the result: one step, done by each server.
type row struct {
	name string
	of   map[string]*measured // by server; one that does not take this step is missing
}

// measured is what one server needed for a step, all rounds together.
type measured struct {
	times    int   // how often the step was done
	requests int64 // HTTP requests for it, also those that a challenge made necessary
	server   reading
	client   time.Duration // CPU of the bench itself
	took     []time.Duration
	clock    time.Duration // from the first one's begin to the last one's end, of each round; 0 where that says nothing
	resident int64         // bytes of memory that the server has after the last round
}

// add puts what one round needed to the server's others.
func (r *row) add(server string, round measured) {
	if r.of == nil {
		r.of = map[string]*measured{}
	}
	all := r.of[server]
	if all == nil {
		r.of[server] = &round
		return
	}
	all.times += round.times
	all.requests += round.requests
	all.server = all.server.plus(round.server)
	all.client += round.client
	all.took = append(all.took, round.took...)
	all.clock += round.clock
	all.resident = round.resident
}

// holdTo adds to the row's name how the 95th percentile of the new build compares with the limit.
func (r *row) holdTo(limit time.Duration) {
	p95 := percentile(r.of[newBuild].took, 95)
	r.name += fmt.Sprintf(", p95 %.2f of %s", float64(p95)/float64(limit), limit)
}

// cpu is the server's CPU for doing the step once.
func (m *measured) cpu() time.Duration { return m.server.cpu / time.Duration(max(m.times, 1)) }

// each is a part of the total for doing the step once.
func (m *measured) each(total int64) float64 { return float64(total) / float64(max(m.times, 1)) }

// sum is a row of several steps that follow one another: costs add up, how long each took
// does not.
func sum(name string, rows ...*row) *row {
	total := &row{name: name}
	for _, part := range rows {
		for server, m := range part.of {
			times := m.times
			total.add(server, measured{
				times: times, requests: m.requests, server: m.server, client: m.client, clock: m.clock, resident: m.resident,
			})
			total.of[server].times = times
		}
	}
	return total
}

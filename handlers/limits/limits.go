// Package limits counts how often something is asked for, and says when it is too often.
//
//	limits.go   every kind of limit with its numbers, for the levels default and strict
//	buckets.go  one kind of limit: a token bucket for each key, in bounded memory
//	recent.go   the buckets that were used last, without their keys
//	place.go    places in several buckets, taken together or not at all
//	networks.go a limit by network, whose wider networks have buckets of their own
//	turns.go    who was refused and comes back in time goes first
//
// The memory is this process's own: with n processes a limit is n times as wide, and it
// is forgotten at a restart. What several processes must agree on is counted in the
// database instead (models.WaitingPerPhone, models.Policy.WrongCodesPerOperator). Each
// kind remembers 50,000 keys. The caller says what time it is.
//
// A key is a string of the caller's choice: a network, a client, an operator. Which
// request counts under which key, and how a refusal is told, is settled in handlers/web
// (limit.go, client_failures.go). The reasons for the numbers are in
// docs/decisions/0012-limits.md and 0032-floods-of-strangers.md.
package limits

import (
	"sync"
	"time"
)

// Level is how much a stranger, a phone or an operator may ask for in a while. Its values
// are those of the setting --limits. The zero value is Default.
type Level string

// The levels.
const (
	Default Level = "default"
	Strict  Level = "strict" // for a deployment whose phones and offices are few
	Off     Level = "off"    // for a server that something else protects
)

// How many events of strangers' acts a process writes within an hour.
const (
	DefaultEvents = 600
	StrictEvents  = 200
)

// What a person at a page may do too often, in plain words. A page has a sentence for
// each.
const (
	SearchesOfOperator = "searches"
	CodesOfOperator    = "codes"
)

// Limits are the buckets of one process. Make it with New.
type Limits struct {
	// What strangers can do.
	Registrations *Turns    // by network, and under a ceiling
	Events        *Networks // events of what strangers do: beyond them it is counted, and nothing is refused
	FailedUnknown *Networks // client authentications that name no client of ours
	LogReads      *Networks // checkpoints, tiles and keys of the log
	ProviderKeys  *Buckets  // fetches of the keys of the staff's provider, by its address

	// What staff do. No stranger takes a place of these.
	Searches *Buckets // by operator
	Codes    *Buckets // by operator

	// Device authorization requests.
	RequestsOfClient  *Buckets // by client
	RequestsOfNetwork *Turns   // by network, and under a ceiling of their own
	RequestsOfHint    *Buckets // by account identifier within a network

	Client         *Buckets // every authenticated request, by client
	FailedOfClient *Buckets // failed client authentications, by client within a network

	KeyFetches *Buckets // fetches from a jwks_uri, by site
	KeyChanges *Buckets // registrations replaced with a jwks_uri, by client

	together sync.Mutex // held while places are taken in several of them
}

// New returns empty buckets. At the level Off nothing is limited.
func New(level Level) *Limits {
	kind := func(what string, normal, strict Rate) *Buckets { return NewBuckets(what, level, normal, strict) }
	return &Limits{
		Registrations:     registrations(level),
		Events:            EventsOfStrangers(level, 0),
		FailedUnknown:     NewNetworks("failed authentications from this network", level, Rate{60, time.Second}, Rate{20, 10 * time.Second}),
		LogReads:          NewNetworks("reads of the log from this network", level, Rate{600, time.Second / 50}, Rate{200, time.Second / 10}),
		ProviderKeys:      kind("fetches of keys", Rate{10, 2 * time.Second}, Rate{10, 2 * time.Second}),
		Searches:          kind(SearchesOfOperator, Rate{60, 2 * time.Second}, Rate{20, 6 * time.Second}),
		Codes:             kind(CodesOfOperator, Rate{60, 10 * time.Second}, Rate{30, time.Minute}),
		RequestsOfClient:  kind("requests of this client", Rate{10, time.Minute}, Rate{5, 10 * time.Minute}),
		RequestsOfNetwork: requests(level),
		RequestsOfHint:    kind("requests for this identifier", Rate{20, 3 * time.Minute}, Rate{10, 10 * time.Minute}),
		Client:            kind("requests of this client", Rate{60, time.Second / 2}, Rate{30, time.Second}),
		FailedOfClient:    kind("failed authentications of this client", Rate{60, time.Second}, Rate{20, 10 * time.Second}),
		KeyFetches:        kind("fetches from this site", Rate{60, time.Second / 10}, Rate{20, time.Second}),
		KeyChanges:        kind("changes of this client's registration", Rate{10, time.Minute}, Rate{5, 10 * time.Minute}),
	}
}

func registrations(level Level) *Turns {
	const what = "registrations from this network"
	ceiling := func() *Buckets { return NewBuckets(what, level, Rate{1200, time.Second / 10}, Rate{300, time.Second}) }
	return newTurns(what,
		NewNetworks(what, level, Rate{30, time.Minute}, Rate{5, 10 * time.Minute}).under(ceiling()),
		NewNetworks(what, level, Rate{30, 5 * time.Second}, Rate{20, 30 * time.Second}).under(ceiling()))
}

func requests(level Level) *Turns {
	const what = "requests from this network"
	ceiling := func() *Buckets {
		return NewBuckets(what, level, Rate{3000, time.Second / 50}, Rate{600, time.Second / 5})
	}
	return newTurns(what,
		NewNetworks(what, level, Rate{120, 2 * time.Second}, Rate{20, time.Minute}).under(ceiling()),
		NewNetworks(what, level, Rate{120, 2 * time.Second}, Rate{20, time.Minute}).under(ceiling()))
}

// EventsAnHour is how many events of strangers' acts one process writes within an hour: as
// many as were asked for, or 0, which leaves it to the level. Negative is any number.
func EventsAnHour(level Level, asked int) int {
	switch {
	case asked != 0:
		return asked
	case level == Off:
		return -1
	case level == Strict:
		return StrictEvents
	}
	return DefaultEvents
}

// EventsOfStrangers are the places for EventsAnHour. From one network there are a twentieth.
func EventsOfStrangers(level Level, asked int) *Networks {
	const what = "events of strangers"
	anHour := EventsAnHour(level, asked)
	if anHour < 0 {
		return nil
	}
	every := func(n int) Rate { return Rate{n, time.Hour / time.Duration(n)} }
	network, all := every(max(1, anHour/20)), every(anHour)
	return NewNetworks(what, Default, network, network).under(NewBuckets(what, Default, all, all))
}

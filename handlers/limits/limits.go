// Package limits counts how often something is asked for, and says when it is too often.
//
//	limits.go   every kind of limit
//	rows.go     their numbers, for the levels default and strict, and an operator's own
//	buckets.go  one kind of limit: a token bucket for each key, in bounded memory
//	recent.go   the buckets that were used last, without their keys
//	place.go    places in several buckets, taken together or not at all
//	networks.go a limit by network, whose wider networks have buckets of their own
//	turns.go    who was refused and comes back in time goes first
//
// The memory is this process's own: with n processes a limit is n times as wide, and it
// is forgotten at a restart. What several processes must agree on is counted in the
// database instead (models.Policy: WaitingPerPhone, WrongCodesPerOperator). Each
// kind remembers 50,000 keys. The caller says what time it is.
//
// A key is a string of the caller's choice: a network, a client, an operator. Which
// request counts under which key, and how a refusal is told, is settled in handlers/web
// (limit.go, client_failures.go). The reasons for the numbers are in
// docs/decisions/0012-limits.md, 0032-floods-of-strangers.md and 0076-limits-in-numbers.md.
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

// New returns empty buckets. At the level Off nothing is limited but what own says.
func New(level Level, own Own) *Limits {
	of := numbers{level, own}
	return &Limits{
		Registrations:     of.turns("registrations from this network", Registrations, RegistrationsBack, RegistrationsOfAll),
		Events:            EventsOfStrangers(level, 0),
		FailedUnknown:     of.networks("failed authentications from this network", FailedUnknown),
		LogReads:          of.networks("reads of the log from this network", LogReads),
		ProviderKeys:      of.kind("fetches of keys", ProviderKeys),
		Searches:          of.kind(SearchesOfOperator, Searches),
		Codes:             of.kind(CodesOfOperator, Codes),
		RequestsOfClient:  of.kind("requests of this client", RequestsOfClient),
		RequestsOfNetwork: of.turns("requests from this network", RequestsOfNetwork, RequestsOfNetwork, RequestsOfAll),
		RequestsOfHint:    of.kind("requests for this identifier", RequestsOfHint),
		Client:            of.kind("requests of this client", Client),
		FailedOfClient:    of.kind("failed authentications of this client", FailedOfClient),
		KeyFetches:        of.kind("fetches from this site", KeyFetches),
		KeyChanges:        of.kind("changes of this client's registration", KeyChanges),
	}
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

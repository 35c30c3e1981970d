// Package limits counts how often something is asked for, and says when it is too often.
//
//	limits.go   every kind of limit with its numbers, for the levels default and strict
//	buckets.go  one kind of limit: a token bucket for each key, in bounded memory
//	place.go    places in several buckets, taken together or not at all
//
// The memory is this process's own: with n processes a limit is n times as wide, and it
// is forgotten at a restart. What several processes must agree on is counted in the
// database instead (models.WaitingPerPhone, models.Policy.WrongCodesPerOperator). Each
// kind remembers 50,000 keys. The caller says what time it is.
//
// A key is a string of the caller's choice: a network, a client, an operator. Which
// request counts under which key, and how a refusal is told, is settled in handlers/web
// (limit.go, client_failures.go). The reasons for the numbers are in
// docs/decisions/0012-limits.md.
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

// What a person at a page may do too often, in plain words. A page has a sentence for
// each.
const (
	SearchesOfOperator = "searches"
	CodesFromNetwork   = "codes from this network"
)

// Limits are the buckets of one process. Make it with New.
type Limits struct {
	Registrations  *Buckets // by network
	RefusedSignIns *Buckets // events of refused sign-ins, by network
	Logouts        *Buckets // by network
	Searches       *Buckets // by operator
	Codes          *Buckets // by network

	// Device authorization requests.
	RequestsOfClient  *Buckets // by client
	RequestsOfNetwork *Buckets // by network
	RequestsOfHint    *Buckets // by account identifier within a network

	Client         *Buckets // every authenticated request, by client
	FailedUnknown  *Buckets // client authentications that name no client of ours, by network
	FailedOfClient *Buckets // failed client authentications, by client within a network

	KeyFetches *Buckets // fetches from a jwks_uri, by site

	together sync.Mutex // held while places are taken in several of them
}

// New returns empty buckets. At the level Off nothing is limited.
func New(level Level) *Limits {
	kind := func(what string, normal, strict Rate) *Buckets { return NewBuckets(what, level, normal, strict) }
	return &Limits{
		Registrations:     kind("registrations from this network", Rate{30, time.Minute}, Rate{5, 10 * time.Minute}),
		RefusedSignIns:    kind("refused sign-ins from this network", Rate{30, time.Minute}, Rate{10, 5 * time.Minute}),
		Logouts:           kind("logouts from this network", Rate{120, time.Second}, Rate{60, 2 * time.Second}),
		Searches:          kind(SearchesOfOperator, Rate{60, 2 * time.Second}, Rate{20, 6 * time.Second}),
		Codes:             kind(CodesFromNetwork, Rate{120, 10 * time.Second}, Rate{30, time.Minute}),
		RequestsOfClient:  kind("requests of this client", Rate{10, time.Minute}, Rate{5, 10 * time.Minute}),
		RequestsOfNetwork: kind("requests from this network", Rate{120, 2 * time.Second}, Rate{20, time.Minute}),
		RequestsOfHint:    kind("requests for this identifier", Rate{20, 3 * time.Minute}, Rate{10, 10 * time.Minute}),
		Client:            kind("requests of this client", Rate{60, time.Second / 2}, Rate{30, time.Second}),
		FailedUnknown:     kind("failed authentications from this network", Rate{60, time.Second}, Rate{20, 10 * time.Second}),
		FailedOfClient:    kind("failed authentications of this client", Rate{60, time.Second}, Rate{20, 10 * time.Second}),
		KeyFetches:        kind("fetches from this site", Rate{60, time.Second / 10}, Rate{20, time.Second}),
	}
}

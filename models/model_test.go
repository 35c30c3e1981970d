package models_test

import (
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/models"
)

// This file is docs/architecture.md §3 once more, as plain Go over a few slices: two windows,
// claims, consumption, and the rule for a lost answer (docs/decisions/0004). It knows no
// database, no transaction and no key. The rest of it is in the files whose names begin
// with model_; property_test.go holds the store to it.

// The lengths of the model are the design's, on purpose not read from models.Policy.
const (
	modelPending   = 7 * 24 * time.Hour
	modelRedeem    = 7 * 24 * time.Hour
	modelClaim     = 15 * time.Minute
	modelLongest   = time.Hour        // of a claim that is prolonged, from its match
	modelRecall    = 15 * time.Minute // by the operator who approved
	modelInterval  = 30 * time.Second
	modelReissue   = 10 * time.Minute
	modelAccess    = 10 * time.Minute
	modelIdle      = 30 * 24 * time.Hour
	modelLifetime  = 365 * 24 * time.Hour
	sessionIdle    = 30 * time.Minute
	sessionLength  = 12 * time.Hour
	modelTries     = 6
	modelUsedProof = 5 * time.Minute
)

// none stands for "nobody" and "nothing" wherever the model counts things.
const none = -1

// model is everything that the model knows. Things are named by their place in a slice.
type model struct {
	now      time.Time
	accounts []modelAccount
	staff    []modelStaff
	sessions []modelSession
	requests []modelRequest
	answers  []modelAnswer
	used     []time.Time // single-use proofs that paid for something: until when
	events   []happened  // not yet compared

	presences     []modelPresence
	opened        map[[2]int]time.Time // by session and account: the last act on its record
	appNeedsProof [2]bool              // by phone: each is of an app of its own
}

type modelAccount struct {
	status   string
	locked   bool // no code is looked at until a supervisor has been
	failures []time.Time
	unlocked time.Time

	needsProof bool // only a presence proof matches
}

type modelStaff struct {
	supervisor bool
	own        int // account that is their own
}

type modelSession struct {
	staff         int
	counter       int // none until one is opened
	seen, expires time.Time
	ended         bool
}

type modelRequest struct {
	phone, account       int // account is none when the login_hint named nobody
	key                  string
	state                models.State
	pendingUntil         time.Time
	claim, claimCounter  int // session and counter, none
	matched, claimUntil  time.Time
	proofed, differs     bool
	differed, overruled  bool   // a check differed, and the last one does not
	presence             string // what the match rested on
	sensitive            bool   // it asks for a scope that needs a presence proof
	decided              time.Time
	decidedBy, decidedAt int // staff and counter
	redeemUntil          time.Time
	redeemed             time.Time
	bound, revoked, used bool
	foreign              []int // other phones that came with a token of it
}

// modelAnswer is one set of tokens that a phone got, or should have got.
type modelAnswer struct {
	request       int
	key           string
	given         time.Time
	idle, expires time.Time
	dead          bool // taken back by a later answer
	accessRevoked bool
}

// happened is an event as far as the model tells it.
type happened struct {
	kind                      audit.Type
	account, request, session int
	reason, presence          string
	limit                     int64 // pending_until or redeem_until
	left                      int   // tries_left, none
}

func (h happened) String() string {
	return fmt.Sprintf("%s{account %d request %d session %d %q %q until %d left %d}",
		h.kind, h.account, h.request, h.session, h.reason, h.presence, h.limit, h.left)
}

// about begins an event; none of the rest is known.
func about(kind audit.Type) happened {
	return happened{kind: kind, account: none, request: none, session: none, left: none}
}

func (m *model) ofRequest(kind audit.Type, request, session int, reason string) happened {
	h := about(kind)
	h.account, h.request, h.session, h.reason = m.requests[request].account, request, session, reason
	return h
}

func (m *model) tell(h happened) { m.events = append(m.events, h) }

// phase: expiry is judged first, then a claim that is over has fallen back.
func (m *model) phase(r modelRequest) models.Phase {
	switch {
	case r.state == models.Redeemed || r.state == models.Declined:
		return models.Phase(r.state)
	case r.state == models.Approved && m.now.Before(r.redeemUntil):
		return models.Phase(models.Approved)
	case r.state == models.Approved:
		return models.Lapsed
	case !m.now.Before(r.pendingUntil):
		return models.Expired
	case r.state != models.Pending && !m.now.Before(r.claimUntil):
		return models.Phase(models.Pending)
	}
	return models.Phase(r.state)
}

func (m *model) deadline(r modelRequest) time.Time {
	switch r.state {
	case models.Approved:
		return r.redeemUntil
	case models.Redeemed, models.Declined:
		return time.Time{}
	}
	return r.pendingUntil
}

// verdict is what a phone that asks at its own pace hears.
func (m *model) verdict(r modelRequest) string {
	over := r.pendingUntil
	if r.redeemUntil.After(over) {
		over = r.redeemUntil // a recalled approval is denied as long as it could have been redeemed
	}
	if r.state == models.Approved {
		over = r.redeemUntil
	}
	switch {
	case r.state == models.Redeemed:
		return "replayed"
	case !m.now.Before(over):
		return "expired"
	case r.state == models.Declined:
		return "denied"
	case r.state == models.Approved:
		return "redeem"
	}
	return "pending"
}

func (m *model) conflict(r modelRequest) error {
	return &models.StateConflictError{Phase: m.phase(r)}
}

// deadlines are the moments at which the model may come to another answer: those of the
// staff's sessions, or all others.
func (m *model) deadlines(ofSessions bool) []time.Time {
	var all []time.Time
	add := func(ends ...time.Time) {
		for _, end := range ends {
			if end.After(m.now) && !slices.Contains(all, end) {
				all = append(all, end)
			}
		}
	}
	if ofSessions {
		for _, s := range m.sessions {
			add(s.expires, s.seen.Add(sessionIdle))
		}
		return all
	}
	for _, r := range m.requests {
		add(r.pendingUntil, r.redeemUntil, r.claimUntil)
		if r.bound {
			add(r.decided.Add(modelRecall))
		}
		if r.state == models.Redeemed {
			add(r.redeemed.Add(modelReissue))
		}
	}
	for _, a := range m.answers {
		add(a.given.Add(modelInterval), a.idle, a.expires)
	}
	for _, p := range m.presences {
		add(p.issued.Add(modelPresenceAge), p.expires.Add(modelPresenceSkew), p.issued.Add(-modelPresenceSkew))
	}
	for _, a := range m.accounts {
		for _, failed := range a.failures {
			add(failed.Add(modelPending))
		}
	}
	return all
}

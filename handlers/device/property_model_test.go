package device_test

import (
	"net/http"
	"time"

	"countersign/oauth"
)

// docs/architecture.md §3 as a phone hears it: two windows, consumption, the pace of polling, the
// rule for a lost answer (docs/decisions/0004) and what ends tokens. It knows no HTTP but
// the status and the code of an answer, and no database. The model that the store is held
// to (models/model_test.go) knows sessions, claims and events instead, and no pace.

// The lengths are those of docs/architecture.md §4.2, on purpose not read from the server.
const (
	heardWindow   = 7 * 24 * time.Hour // pending, and then again for redeeming
	heardClaim    = 15 * time.Minute
	heardInterval = 30 * time.Second
	heardStep     = 5 * time.Second // that each slow_down adds
	heardReissue  = 10 * time.Minute
	heardAccess   = 10 * time.Minute
	heardIdle     = 30 * 24 * time.Hour
	heardLifetime = 365 * 24 * time.Hour
	heardCap      = 3 // requests that wait, of one phone for one identifier
)

// nobody is the account of a login_hint that names none, and the key of an unbound code.
const nobody = -1

// heard is an answer: a status and, for a refusal, the code.
type heard struct {
	status int
	code   string
}

var (
	allowed   = heard{http.StatusOK, ""}
	notActive = heard{http.StatusOK, "inactive"} // of introspection
	wrong     = heard{http.StatusBadRequest, oauth.ErrInvalidGrant}
	deadCall  = heard{http.StatusUnauthorized, oauth.ErrInvalidToken}
)

// phoneModel is what phones must hear. Things are named by their place in a slice.
type phoneModel struct {
	now      time.Time
	active   []bool // accounts
	requests []heardRequest
	answers  []heardAnswer
	tokens   []heardToken
}

type heardRequest struct {
	phone, account, key  int
	state                string // pending, approved, declined, redeemed
	until, redeemUntil   time.Time
	claimUntil, redeemed time.Time
	revoked, used        bool
	polled               time.Time // zero: the process remembers no poll
	raised               time.Duration
}

// heardAnswer is a refresh token, and heardToken an access token; a lost one nobody has.
type heardAnswer struct {
	request, key         int
	given, idle, expires time.Time
	lost, dead           bool
}

type heardToken struct {
	answer  int
	until   time.Time
	revoked bool
}

func (m *phoneModel) ask(phone, account, key int) {
	var waiting []int
	for i, r := range m.requests {
		if r.phone == phone && r.account == account && m.waits(r) {
			waiting = append(waiting, i)
		}
	}
	for tooMany := len(waiting) - (heardCap - 1); tooMany > 0 && len(waiting) > 0; waiting = waiting[1:] {
		if oldest := &m.requests[waiting[0]]; !m.now.Before(oldest.claimUntil) {
			oldest.until = m.now
			tooMany--
		}
	}
	m.requests = append(m.requests, heardRequest{phone: phone, account: account, key: key, state: "pending", until: m.now.Add(heardWindow)})
}

// waits: nobody has decided, and the window is open.
func (m *phoneModel) waits(r heardRequest) bool { return r.state == "pending" && m.now.Before(r.until) }

// redeemable: approved, and the second window is open.
func (m *phoneModel) redeemable(r heardRequest) bool {
	return r.state == "approved" && m.now.Before(r.redeemUntil)
}

func (m *phoneModel) stands(r heardRequest) bool { return !r.revoked && m.active[r.account] }

// poll is one token request with a device code.
func (m *phoneModel) poll(phone, request, key int, lost bool) heard {
	r := &m.requests[request]
	over := r.until
	if r.redeemUntil.After(over) {
		over = r.redeemUntil
	}
	switch {
	case r.phone != phone:
		return wrong
	case r.key != nobody && r.key != key:
		if r.state == "redeemed" && !m.now.Before(r.redeemed.Add(heardReissue)) {
			r.revoked = true
		}
		return wrong
	case r.state == "redeemed":
		return m.again(request, key, lost)
	case r.state == "approved" && !m.redeemable(*r), r.state != "approved" && !m.now.Before(over):
		return heard{http.StatusBadRequest, oauth.ErrExpiredToken}
	case r.state == "declined", r.state == "approved" && !m.stands(*r):
		return heard{http.StatusBadRequest, oauth.ErrAccessDenied}
	case r.state == "pending":
		return heard{http.StatusBadRequest, m.pace(r)}
	}
	r.state, r.redeemed = "redeemed", m.now
	m.give(request, key, lost)
	return allowed
}

// pace: ten per cent too early is in time, the first poll that a process sees always is.
func (m *phoneModel) pace(r *heardRequest) string {
	due := heardInterval + r.raised
	early := !r.polled.IsZero() && m.now.Sub(r.polled) < heardWindow && m.now.Sub(r.polled) < due-due/10
	if !r.polled.IsZero() && m.now.Sub(r.polled) >= heardWindow {
		r.raised = 0
	}
	r.polled = m.now
	if early {
		r.raised += heardStep
		return oauth.ErrSlowDown
	}
	return oauth.ErrAuthorizationPending
}

// again is a code that was redeemed: too soon, a lost answer, or a replay.
func (m *phoneModel) again(request, key int, lost bool) heard {
	r := &m.requests[request]
	last := 0
	for i, a := range m.answers {
		if a.request == request {
			last = i
		}
	}
	first := &m.answers[last]
	active := m.active[r.account]
	switch tooSoon := m.now.Before(first.given.Add(heardInterval)); {
	case r.revoked, tooSoon && !active:
		return wrong
	case tooSoon:
		return heard{http.StatusBadRequest, oauth.ErrSlowDown}
	case r.used, first.key != key, !m.now.Before(r.redeemed.Add(heardReissue)):
		r.revoked = true // also while the account is not active
		return wrong
	case !active:
		return wrong
	}
	first.dead = true
	m.give(request, key, lost)
	return allowed
}

func (m *phoneModel) give(request, key int, lost bool) {
	m.answers = append(m.answers, heardAnswer{request: request, key: key, given: m.now, lost: lost,
		idle: m.now.Add(heardIdle), expires: m.now.Add(heardLifetime)})
	m.mint(len(m.answers) - 1)
}

func (m *phoneModel) mint(answer int) {
	m.tokens = append(m.tokens, heardToken{answer: answer, until: m.now.Add(heardAccess)})
}

// endedByClock reports whether the refresh token of a request, the last one that was given, rested for too long or is over.
func (m *phoneModel) endedByClock(request int) bool {
	ended := false
	for _, a := range m.answers {
		if a.request == request {
			ended = !m.now.Before(a.idle) || !m.now.Before(a.expires)
		}
	}
	return ended
}

// own is a refresh token that lives, of this phone.
func (m *phoneModel) own(phone, answer int) (a *heardAnswer, r *heardRequest, ok bool) {
	a = &m.answers[answer]
	r = &m.requests[a.request]
	return a, r, r.phone == phone && !a.dead && m.now.Before(a.idle) && m.now.Before(a.expires)
}

func (m *phoneModel) refresh(phone, answer, key int) heard {
	a, r, ok := m.own(phone, answer)
	switch {
	case !ok:
		return wrong
	case a.key != key: // also while the account is not active
		r.revoked = true
		return wrong
	case !m.stands(*r):
		return wrong
	}
	r.used, a.idle = true, m.now.Add(heardIdle)
	m.mint(answer)
	return allowed
}

func (m *phoneModel) revokeRefresh(phone, answer int) heard {
	a := m.answers[answer]
	switch r := &m.requests[a.request]; {
	case a.dead:
		return allowed // one that is not there (RFC 7009 §2.2)
	case r.phone != phone:
		return wrong
	default:
		r.revoked = true
		return allowed
	}
}

func (m *phoneModel) revokeAccess(phone, token int) heard {
	t := &m.tokens[token]
	a := m.answers[t.answer]
	switch {
	case !m.now.Before(t.until):
		return allowed
	case m.requests[a.request].phone != phone:
		return wrong
	case !t.revoked && !a.dead:
		t.revoked, m.requests[a.request].used = true, true
	}
	return allowed
}

// lives: an access token that an API may take.
func (m *phoneModel) lives(token int) bool {
	t := m.tokens[token]
	a := m.answers[t.answer]
	return m.now.Before(t.until) && !t.revoked && !a.dead && m.stands(m.requests[a.request])
}

func (m *phoneModel) call(token, key int) heard {
	t := m.tokens[token]
	switch a := m.answers[t.answer]; {
	case !m.now.Before(t.until):
		return deadCall
	case a.key != key:
		return heard{http.StatusUnauthorized, oauth.ErrInvalidDPoPProof}
	case !m.lives(token):
		return deadCall
	}
	m.requests[m.answers[t.answer].request].used = true
	return allowed
}

func (m *phoneModel) introspectAccess(phone, token int) heard {
	r := &m.requests[m.answers[m.tokens[token].answer].request]
	if r.phone != phone || !m.lives(token) {
		return notActive
	}
	r.used = true
	return allowed
}

func (m *phoneModel) introspectRefresh(phone, answer int) heard {
	if _, r, ok := m.own(phone, answer); !ok || !m.stands(*r) {
		return notActive
	}
	return allowed
}

// forget is a new process: nothing but the database stays.
func (m *phoneModel) forget() {
	for i := range m.requests {
		m.requests[i].polled, m.requests[i].raised = time.Time{}, 0
	}
}

// ends are the moments at which the next answer may be another one.
func (m *phoneModel) ends() (all []time.Time) {
	add := func(moments ...time.Time) {
		for _, moment := range moments {
			if moment.After(m.now) {
				all = append(all, moment)
			}
		}
	}
	for _, r := range m.requests {
		due := heardInterval + r.raised
		add(r.until, r.redeemUntil, r.redeemed.Add(heardReissue), r.polled.Add(due-due/10), r.polled.Add(heardWindow))
	}
	for _, a := range m.answers {
		add(a.given.Add(heardInterval), a.idle, a.expires)
	}
	for _, t := range m.tokens {
		add(t.until)
	}
	return all
}

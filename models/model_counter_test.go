package models_test

import (
	"countersign/audit"
	"countersign/models"
)

// The model of the counter: the request, the match, and what stands in their way.

func (m *model) use(proof int) error {
	if !m.used[proof].IsZero() {
		return models.ErrReplayed
	}
	return nil
}

func (m *model) request(phone, account int, key string, proof int, sensitive, counted bool) error {
	if err := m.use(proof); err != nil {
		return err
	}
	m.used[proof] = m.now.Add(modelUsedProof)
	m.makeRoom(phone, account, counted)
	m.requests = append(m.requests, modelRequest{
		phone: phone, account: account, key: key, state: models.Pending, pendingUntil: m.now.Add(modelPending), claim: none,
		sensitive: sensitive,
	})
	if counted {
		return nil
	}
	h := m.ofRequest(audit.DeviceAuthorizationRequested, len(m.requests)-1, none, "")
	h.limit = m.now.Add(modelPending).Unix()
	m.tell(h)
	return nil
}

// makeRoom: of the phone's requests for the same account identifier the oldest that
// nobody handles fall out, until two wait. That is counted with the new one, unless somebody of the staff had it in hand.
func (m *model) makeRoom(phone, account int, counted bool) {
	var waiting []int
	for i, r := range m.requests {
		if r.phone == phone && r.account == account && m.waits(r) {
			waiting = append(waiting, i)
		}
	}
	tooMany := len(waiting) - (models.WaitingPerPhone - 1)
	for _, i := range waiting {
		if tooMany > 0 && !m.handled(m.requests[i]) {
			m.requests[i].pendingUntil = m.now
			if !counted || m.requests[i].state != models.Pending {
				m.tell(m.ofRequest(audit.DeviceAuthorizationSuperseded, i, none, ""))
			}
			tooMany--
		}
	}
}

// triesLeft is never 0 before the account is locked, nor after a supervisor has looked.
func (m *model) triesLeft(a modelAccount) int {
	since := m.now.Add(-modelPending)
	if a.unlocked.After(since) {
		since = a.unlocked
	}
	left := modelTries
	for _, failed := range a.failures {
		if failed.After(since) {
			left--
		}
	}
	return max(left, 1)
}

// match: code is the request whose code was typed, none for one that was never given out.
func (m *model) match(session, account, code int) error {
	if err := m.mayMatch(session, account); err != nil {
		return err
	}
	if m.accounts[account].needsProof {
		return m.notEnough(session, account, none, models.ErrPresenceRequired)
	}
	if !m.isLive(code, account) {
		return m.noSuchCode(session, account, code)
	}
	if m.onlyProof(m.requests[code]) {
		return m.notEnough(session, account, code, models.ErrPresenceRequired)
	}
	if err := m.heldByAnother(session, code); err != nil {
		return err
	}
	m.claim(session, code, "code only")
	return nil
}

// mayMatch is what stands in the way of any code and any proof.
func (m *model) mayMatch(session, account int) error {
	if err := m.atCounter(session); err != nil {
		return err
	}
	switch a := m.accounts[account]; {
	case a.status != models.AccountActive:
		return m.refusedFor(models.ErrAccountNotActive, session, account, "account not active")
	case m.ownAccount(session, account):
		return m.refusedFor(models.ErrOwnAccount, session, account, "own account")
	case a.locked:
		h := about(audit.CodeMatchFailed)
		h.account, h.session, h.reason, h.left = account, session, "locked", 0
		m.tell(h)
		return &models.MatchLockedError{}
	}
	return nil
}

// isLive: the code is one of this account's requests that wait.
func (m *model) isLive(code, account int) bool {
	return code != none && m.requests[code].account == account && m.waits(m.requests[code])
}

// noSuchCode is a wrong code, and an alert when the account had it once.
func (m *model) noSuchCode(session, account, code int) error {
	if code != none && m.requests[code].account == account && !m.waits(m.requests[code]) {
		m.tell(m.ofRequest(audit.SpentCodeEntered, code, session, string(m.phase(m.requests[code]))))
	}
	return m.wrongCode(session, account)
}

func (m *model) heldByAnother(session, request int) error {
	r := m.requests[request]
	if m.handled(r) && m.sessions[r.claim].staff != m.sessions[session].staff {
		return m.refused(&models.ClaimedError{}, session, request, "claimed by another")
	}
	return nil
}

func (m *model) claim(session, request int, presence string) {
	r := &m.requests[request]
	r.state, r.claim, r.claimCounter = models.Matched, session, m.sessions[session].counter
	r.matched, r.claimUntil, r.proofed, r.presence = m.now, m.now.Add(modelClaim), false, presence
	h := m.ofRequest(audit.CodeMatched, request, session, "")
	h.presence, h.limit = presence, r.pendingUntil.Unix()
	m.tell(h)
}

// waits: a code counts until its request is decided or over.
func (m *model) waits(r modelRequest) bool {
	return m.phase(r) == models.Phase(models.Pending) || m.handled(r)
}

// handled: somebody has the claim, and it is not over.
func (m *model) handled(r modelRequest) bool {
	return m.phase(r) == models.Phase(models.Matched) || m.phase(r) == models.Phase(models.Proofed)
}

// holds: the claim is this session's, at the counter where it was made.
func (m *model) holds(r modelRequest, session int) bool {
	return r.claim == session && r.claimCounter == m.sessions[session].counter
}

func (m *model) wrongCode(session, account int) error {
	a := &m.accounts[account]
	h := about(audit.CodeMatchFailed)
	h.account, h.session, h.left = account, session, m.triesLeft(*a)-1
	m.tell(h)
	a.failures = append(a.failures, m.now)
	if h.left > 0 {
		return &models.WrongCodeError{TriesLeft: h.left}
	}
	a.locked = true
	h.kind, h.left = audit.MatchLocked, none
	m.tell(h)
	return &models.MatchLockedError{}
}

func (m *model) unlock(session, account int) error {
	if err := m.asSupervisor(session); err != nil {
		return err
	}
	if m.ownAccount(session, account) {
		return m.refusedFor(models.ErrOwnAccount, session, account, "own account")
	}
	m.accounts[account].unlocked, m.accounts[account].locked = m.now, false
	h := about(audit.MatchUnlocked)
	h.account, h.session, h.reason = account, session, "mistyped"
	m.tell(h)
	return nil
}

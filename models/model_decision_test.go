package models_test

import (
	"slices"

	"countersign/audit"
	"countersign/models"
)

// The model of what the claim allows: proofing, more time, decision, recall.

// claimed finds the request that this session handles right now.
func (m *model) claimed(session, request int) (*modelRequest, error) {
	if err := m.atCounter(session); err != nil {
		return nil, err
	}
	r := &m.requests[request]
	switch {
	case !m.handled(*r):
		return nil, m.refused(m.conflict(*r), session, request, string(m.phase(*r)))
	case !m.holds(*r, session):
		return nil, m.refused(models.ErrNotTheClaim, session, request, "not the claim")
	}
	return r, nil
}

func (m *model) proof(session, request int, differs bool) error {
	r, err := m.claimed(session, request)
	if err != nil {
		return err
	}
	r.state, r.proofed, r.differs = models.Proofed, true, differs
	r.overruled = r.differed && !differs
	r.differed = r.differed || differs
	h := m.ofRequest(audit.IdentityProofed, request, session, "")
	if r.overruled {
		h.reason = "scan overruled"
	}
	h.presence = r.presence
	m.tell(h)
	return nil
}

func (m *model) release(session, request int) error {
	r, err := m.claimed(session, request)
	if err != nil {
		return err
	}
	r.state, r.claim, r.proofed = models.Pending, none, false
	m.tell(m.ofRequest(audit.ClaimReleased, request, session, ""))
	return nil
}

// extend: a claim's length from now, and an hour after the match at most.
func (m *model) extend(session, request int) error {
	r, err := m.claimed(session, request)
	if err != nil {
		return err
	}
	until := m.now.Add(modelClaim)
	if longest := r.matched.Add(modelLongest); until.After(longest) {
		until = longest
	}
	if !until.After(r.claimUntil) {
		return models.ErrClaimLongest
	}
	r.claimUntil = until
	m.tell(m.ofRequest(audit.ClaimExtended, request, session, ""))
	return nil
}

// decidable says why this session may not decide, "" in word when the trail is not told.
func (m *model) decidable(session, request int, from ...models.State) (word string, err error) {
	if err := m.atCounter(session); err != nil {
		return "", err
	}
	r := m.requests[request]
	if r.account == none {
		return "", models.ErrNotFound
	}
	phase := m.phase(r)
	switch {
	case m.handled(r) && !m.holds(r, session):
		return "not the claim", models.ErrNotTheClaim
	case !slices.Contains(from, models.State(phase)):
		return string(phase), m.conflict(r)
	case m.ownAccount(session, r.account):
		return "own account", models.ErrOwnAccount
	}
	return "", nil
}

func (m *model) approve(session, request int) error {
	word, err := m.decidable(session, request, models.Proofed)
	r := &m.requests[request]
	if err == nil && m.accounts[r.account].status != models.AccountActive {
		err, word = models.ErrAccountNotActive, "account not active"
	}
	if err == nil && m.accounts[r.account].locked {
		err, word = models.ErrMatchingLocked, "matching locked"
	}
	if err == nil && r.differs {
		err, word = models.ErrDetailsDiffer, "details differ"
	}
	if err == nil && r.presence != "proved" && m.onlyProof(*r) {
		err, word = models.ErrPresenceRequired, "presence required"
	}
	if err == nil && r.overruled {
		err, word = models.ErrSecondApprovalRequired, "second person required"
	}
	if err != nil {
		return m.refused(err, session, request, word)
	}
	r.state, r.decided, r.redeemUntil, r.bound = models.Approved, m.now, m.now.Add(modelRedeem), true
	r.decidedBy, r.decidedAt = m.sessions[session].staff, m.sessions[session].counter
	h := m.ofRequest(audit.DeviceBindingApproved, request, session, "")
	h.presence, h.limit = r.presence, r.redeemUntil.Unix()
	m.tell(h)
	return nil
}

func (m *model) decline(session, request int, reason string) error {
	if word, err := m.decidable(session, request, models.Pending, models.Matched, models.Proofed); err != nil {
		return m.refused(err, session, request, word)
	}
	r := &m.requests[request]
	h := m.ofRequest(audit.DeviceAuthorizationDeclined, request, session, reason)
	if m.handled(*r) {
		h.presence = r.presence
	}
	r.state, r.decided = models.Declined, m.now
	m.tell(h)
	return nil
}

// refused puts a refusal on record, unless the request is nobody's.
func (m *model) refused(err error, session, request int, word string) error {
	if word != "" && m.requests[request].account != none {
		m.tell(m.ofRequest(audit.DecisionRefused, request, session, word))
	}
	return err
}

// refusedFor is refused before a request was found.
func (m *model) refusedFor(err error, session, account int, word string) error {
	h := about(audit.DecisionRefused)
	h.account, h.session, h.reason = account, session, word
	m.tell(h)
	return err
}

func (m *model) recall(session, request int, reason string) error {
	supervisor, err := m.asEither(session)
	if err != nil {
		return err
	}
	r, s := &m.requests[request], m.sessions[session]
	theirs := r.bound && r.decidedBy == s.staff && r.decidedAt == s.counter && m.now.Before(r.decided.Add(modelRecall))
	switch {
	case r.account == none:
		return models.ErrNotFound
	case !supervisor && !theirs:
		return m.refused(models.ErrNotToRecall, session, request, "not theirs to recall")
	case m.ownAccount(session, r.account):
		return m.refused(models.ErrOwnAccount, session, request, "own account")
	case m.phase(*r) != models.Phase(models.Approved):
		return m.refused(m.conflict(*r), session, request, string(m.phase(*r)))
	}
	r.state = models.Declined
	m.tell(m.ofRequest(audit.DeviceBindingRecalled, request, session, reason))
	m.revoke(request, session, "recalled")
	return nil
}

package models_test

import (
	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
)

// The model of what is ended after a visit (docs/decisions/0024-after-the-visit.md).

// mayEnd: a supervisor at any time; an operator while the holder of the account is in
// front of them, with a document that was checked and agrees.
func (m *model) mayEnd(session, account int) (word string, err error) {
	supervisor, err := m.asEither(session)
	if supervisor || err != nil {
		return "", err
	}
	word, err = "no visit", models.ErrNoVisit
	for _, r := range m.requests {
		lasts := r.account == account && m.holds(r, session) && m.now.Before(r.claimUntil)
		if !lasts || !m.handled(r) && r.state != models.Approved && r.state != models.Redeemed {
			continue
		}
		switch {
		case r.proofed && !r.differs && !r.overruled:
			return "", nil
		case r.proofed && !r.differs:
			word, err = "second person required", models.ErrSecondApprovalRequired
		case r.proofed:
			word, err = "details differ", models.ErrDetailsDiffer
		case err == models.ErrNoVisit:
			word, err = "no proofing", models.ErrNotProofed
		}
	}
	return word, err
}

// mayEndOthers: nobody ends anything of their own account.
func (m *model) mayEndOthers(session, account int) (word string, err error) {
	if _, err := m.asEither(session); err != nil {
		return "", err
	}
	if m.ownAccount(session, account) {
		return "own account", models.ErrOwnAccount
	}
	return m.mayEnd(session, account)
}

func (m *model) revokeBinding(session, request int, reason string) error {
	r := m.requests[request]
	if word, err := m.mayEndOthers(session, r.account); err != nil {
		return m.refused(err, session, request, word)
	}
	if m.ended(request) {
		return models.ErrBindingRevoked
	}
	m.revoke(request, session, reason)
	return nil
}

// revokeAll ends what lives or may still be redeemed; how many is the answer's to tell.
func (m *model) revokeAll(session, account int, reason string) (ended int, err error) {
	if word, err := m.mayEndOthers(session, account); err != nil {
		if word == "" {
			return 0, err
		}
		return 0, m.refusedFor(err, session, account, word)
	}
	for i, r := range m.requests {
		phase := m.phase(r)
		if r.account == account && r.bound && !m.ended(i) && (phase.Is(models.Approved) || phase.Is(models.Redeemed)) {
			m.revoke(i, session, reason)
			ended++
		}
	}
	return ended, nil
}

// suspect: with the request falls what waits of the same account. Everybody in the model asks from one network.
func (m *model) suspect(session, request int) error {
	if err := m.decline(session, request, string(term.DeclineSuspicious)); err != nil {
		return err
	}
	r := m.requests[request]
	for i, other := range m.requests {
		if other.bound && other.account == r.account && other.phone == r.phone {
			m.revoke(i, session, string(term.RecallSuspicious))
		}
	}
	m.tell(m.ofRequest(audit.SuspicionReported, request, session, ""))
	m.fallTogether(r.account)
	return nil
}

func (m *model) endWaiting(session, account int) error {
	if word, err := m.mayEndOthers(session, account); err != nil {
		if word == "" {
			return err
		}
		return m.refusedFor(err, session, account, word)
	}
	h := about(audit.WaitingRequestsEnded)
	h.account, h.session = account, session
	m.tell(h)
	m.fallTogether(account)
	return nil
}

// fallTogether: what somebody handles stays, and what is asked for later.
func (m *model) fallTogether(account int) {
	for i := range m.requests {
		if r := &m.requests[i]; r.account == account && m.waits(*r) && !m.handled(*r) {
			r.state, r.decided = models.Declined, m.now
		}
	}
}

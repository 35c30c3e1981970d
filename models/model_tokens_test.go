package models_test

import (
	"countersign/audit"
	"countersign/models"
	"slices"
)

// The model of redemption, tokens and what ends them.

// revoke ends a binding, once.
func (m *model) revoke(request, session int, reason string) {
	if !m.ended(request) {
		m.requests[request].revoked = true
		m.tell(m.ofRequest(audit.DeviceBindingRevoked, request, session, reason))
	}
}

// ended: somebody ended the binding of a request, or its tokens' time is over (docs/decisions/0039).
func (m *model) ended(request int) bool {
	last := m.lastAnswer(request)
	return m.requests[request].revoked || last != nil && (!m.now.Before(last.idle) || !m.now.Before(last.expires))
}

// standing: tokens hang on a binding that has not ended, of an account that is active.
func (m *model) standing(request int) error {
	switch {
	case m.ended(request):
		return models.ErrBindingRevoked
	case m.accounts[m.requests[request].account].status != models.AccountActive:
		return models.ErrAccountNotActive
	}
	return nil
}

// redeem is the whole of what the token endpoint does with a device code of which the
// poll said "redeem" or "replayed".
func (m *model) redeem(phone, request int, key string, proof int) error {
	r := &m.requests[request]
	switch {
	case r.phone != phone:
		return models.ErrUnknownDeviceCode
	case r.key != "" && r.key != key:
		return models.ErrWrongKey
	case r.state != models.Redeemed && m.phase(*r) != models.Phase(models.Approved):
		return m.conflict(*r)
	}
	if err := m.use(proof); err != nil {
		return err
	}
	standing := m.standing(request)
	if r.state == models.Redeemed && standing != models.ErrBindingRevoked {
		if err := m.again(request, key, proof, standing); err != nil {
			return err
		}
	} else if standing != nil {
		return standing
	} else {
		r.state, r.redeemed = models.Redeemed, m.now
		m.tell(m.ofRequest(audit.DeviceBindingRedeemed, request, none, ""))
	}
	m.used[proof] = m.now.Add(modelUsedProof)
	m.answers = append(m.answers, modelAnswer{request: request, key: key, given: m.now,
		idle: m.now.Add(modelIdle), expires: m.now.Add(modelLifetime)})
	return nil
}

// again is decision 0004: too soon is no replay; in time and unused is a lost answer;
// everything else is a replay, and the binding dies of it. While the account is not active a
// replay is one as well, and what is no token gives nothing.
func (m *model) again(request int, key string, proof int, standing error) error {
	r, last := &m.requests[request], m.lastAnswer(request)
	switch {
	case m.now.Before(last.given.Add(modelInterval)):
		if standing != nil {
			return standing
		}
		return models.ErrTooSoon
	case !m.now.Before(r.redeemed.Add(modelReissue)), r.used, last.key != key:
		m.used[proof] = m.now.Add(modelUsedProof)
		m.tell(m.ofRequest(audit.RedemptionReplayed, request, none, ""))
		m.revoke(request, none, "redemption replayed")
		return m.conflict(*r)
	}
	if standing != nil {
		return standing
	}
	last.dead = true
	m.tell(m.ofRequest(audit.DeviceBindingRedeemed, request, none, "answer lost"))
	return nil
}

func (m *model) lastAnswer(request int) *modelAnswer {
	var last *modelAnswer
	for i := range m.answers {
		if m.answers[i].request == request {
			last = &m.answers[i]
		}
	}
	return last
}

// own finds an answer for the phone that got it.
func (m *model) own(phone, answer int) (*modelAnswer, *modelRequest, error) {
	a := &m.answers[answer]
	r := &m.requests[a.request]
	if a.dead || r.phone != phone {
		return nil, nil, models.ErrUnknownToken
	}
	return a, r, nil
}

func (m *model) refresh(phone, answer int, key string, proof int) error {
	a, r, err := m.own(phone, answer)
	switch {
	case err != nil:
		return err
	case !m.now.Before(a.idle), !m.now.Before(a.expires):
		return models.ErrUnknownToken
	case a.key != key:
		if !m.ended(a.request) {
			if err := m.use(proof); err != nil {
				return err
			}
			m.used[proof] = m.now.Add(modelUsedProof)
			m.tell(m.ofRequest(audit.WrongKeyUsed, a.request, none, ""))
			m.revoke(a.request, none, "wrong key")
		}
		return models.ErrWrongKey
	}
	if err := m.standing(a.request); err != nil {
		return err
	}
	if err := m.use(proof); err != nil {
		return err
	}
	m.used[proof], a.idle, r.used = m.now.Add(modelUsedProof), m.now.Add(modelIdle), true
	return nil
}

// giveBack is a phone's revocation of its refresh token (RFC 7009).
func (m *model) giveBack(phone, answer int) error {
	a := &m.answers[answer]
	r := &m.requests[a.request]
	switch {
	case a.dead:
		return models.ErrUnknownToken
	case r.phone != phone:
		if !slices.Contains(r.foreign, phone) && m.standing(a.request) == nil {
			r.foreign = append(r.foreign, phone)
			m.tell(m.ofRequest(audit.ForeignTokenPresented, a.request, none, ""))
		}
		return models.ErrForeignToken
	}
	m.revoke(a.request, none, "revoked by the client")
	return nil
}

func (m *model) revokeAccess(answer int) error {
	a := &m.answers[answer]
	if !a.accessRevoked && !a.dead {
		a.accessRevoked, m.requests[a.request].used = true, true
		h := about(audit.AccessTokenRevoked)
		h.account, h.request = m.requests[a.request].account, a.request
		m.tell(h)
	}
	return nil
}

// call is a call of the API with an answer's access token whose time is not over.
func (m *model) call(answer int) error {
	a := m.answers[answer]
	if a.dead || a.accessRevoked {
		return models.ErrUnknownToken
	}
	if err := m.standing(a.request); err != nil {
		return err
	}
	m.requests[a.request].used = true
	return nil
}

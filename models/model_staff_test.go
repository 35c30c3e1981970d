package models_test

import (
	"time"

	"countersign/audit"
	"countersign/models"
)

// The model of staff sessions, and of what is done to accounts.

func (m *model) live(s modelSession) bool {
	return !s.ended && m.now.Before(s.expires) && m.now.Before(s.seen.Add(sessionIdle))
}

func (m *model) asSupervisor(session int) error {
	switch s := m.sessions[session]; {
	case !m.live(s):
		return models.ErrSessionEnded
	case !m.staff[s.staff].supervisor:
		return models.ErrNotAllowed
	}
	return nil
}

// asEither lets a supervisor act, and an operator at a counter.
func (m *model) asEither(session int) (supervisor bool, err error) {
	if err := m.asSupervisor(session); err != models.ErrNotAllowed {
		return err == nil, err
	}
	return false, m.atCounter(session)
}

func (m *model) atCounter(session int) error {
	switch s := m.sessions[session]; {
	case !m.live(s):
		return models.ErrSessionEnded
	case m.staff[s.staff].supervisor:
		return models.ErrNotAllowed
	case s.counter == none:
		return models.ErrNoCounter
	}
	return nil
}

func (m *model) signIn(staff int) {
	m.sessions = append(m.sessions, modelSession{staff: staff, counter: none, seen: m.now, expires: m.now.Add(sessionLength)})
	h := about(audit.StaffSignedIn)
	h.session = len(m.sessions) - 1
	m.tell(h)
}

// openCounter may also move a session to another counter; what it handles stays behind.
func (m *model) openCounter(session, counter int) error {
	s := &m.sessions[session]
	switch {
	case !m.live(*s):
		return models.ErrSessionEnded
	case m.staff[s.staff].supervisor:
		return models.ErrNotAllowed
	}
	s.counter = counter
	h := about(audit.CounterOpened)
	h.session = session
	m.tell(h)
	return nil
}

func (m *model) signOut(session int) error {
	if s := &m.sessions[session]; !s.ended {
		s.ended = true
		out := about(audit.StaffSignedOut)
		out.session = session
		m.tell(out)
	}
	return nil
}

// look is any page that somebody signed in asks for.
func (m *model) look(session int) error {
	s := &m.sessions[session]
	if !m.live(*s) {
		return models.ErrSessionEnded
	}
	if !m.now.Before(s.seen.Add(time.Minute)) {
		s.seen = m.now
	}
	return nil
}

func (m *model) ownAccount(session, account int) bool {
	return m.staff[m.sessions[session].staff].own == account
}

// setStatus is an import of the account with a status, and with a word about the proof.
func (m *model) setStatus(account int, status string, needsProof bool) {
	a := &m.accounts[account]
	reason := "record"
	if a.status != status {
		reason = "status " + status
	}
	if a.status != status || a.needsProof != needsProof {
		a.status, a.needsProof = status, needsProof
		h := about(audit.AccountChanged)
		h.account, h.reason = account, reason
		m.tell(h)
	}
	m.tell(about(audit.AccountsImported))
}

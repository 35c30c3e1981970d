package models_test

import (
	"errors"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/oauth"
)

// The model of the presence proof (docs/presence-proof.md): what it is worth, and where a
// typed code is not enough.

const (
	modelPresenceAge  = 60 * time.Second
	modelPresenceSkew = 30 * time.Second
)

// modelPresence is a proof that a phone has shown, or that somebody has made.
type modelPresence struct {
	code            int // the request whose code it has, none for one that nobody was given
	names, signer   int // phones: whose it says it is, and whose key signed
	elsewhere       bool
	issued, expires time.Time
	used            bool
}

// matchPresence is match by a proof in place of a typed code.
func (m *model) matchPresence(session, account, proof int) error {
	if err := m.mayMatch(session, account); err != nil {
		return err
	}
	p := &m.presences[proof]
	if !m.isLive(p.code, account) || m.requests[p.code].phone != p.names {
		return m.noSuchCode(session, account, p.code)
	}
	if p.signer != p.names {
		return m.wrongCode(session, account)
	}
	if err := m.judged(*p); err != nil {
		return m.notEnough(session, account, p.code, err)
	}
	if err := m.heldByAnother(session, p.code); err != nil {
		return err
	}
	if p.used {
		return m.notEnough(session, account, p.code, models.ErrPresenceReplayed)
	}
	p.used = true
	m.claim(session, p.code, "proved")
	return nil
}

// judged: for us, whole, and within its minute by both clocks.
func (m *model) judged(p modelPresence) error {
	switch {
	case p.elsewhere:
		return oauth.ErrPresenceOtherServer
	case p.expires.Sub(p.issued) > modelPresenceAge:
		return oauth.ErrPresenceMalformed
	case m.now.Sub(p.issued) > modelPresenceAge, !m.now.Before(p.expires.Add(modelPresenceSkew)):
		return oauth.ErrPresenceExpired
	case p.issued.Sub(m.now) > modelPresenceSkew:
		return oauth.ErrPresenceNotYet
	}
	return nil
}

// notEnough is on record, and costs no try.
func (m *model) notEnough(session, account, request int, err error) error {
	h := about(audit.CodeMatchFailed)
	h.account, h.session, h.request, h.left = account, session, request, m.triesLeft(m.accounts[account])
	for cause, word := range map[error]string{
		models.ErrPresenceRequired: "presence required", models.ErrPresenceReplayed: "presence replayed",
		oauth.ErrPresenceExpired: "presence expired", oauth.ErrPresenceNotYet: "presence from the future",
		oauth.ErrPresenceOtherServer: "presence for another server", oauth.ErrPresenceMalformed: "presence incomplete",
	} {
		if errors.Is(err, cause) {
			h.reason = word
		}
	}
	m.tell(h)
	return err
}

// onlyProof reports whether this request is matched and approved by a proof only.
func (m *model) onlyProof(r modelRequest) bool {
	return r.sensitive || m.appNeedsProof[r.phone] || m.accounts[r.account].needsProof
}

// findByPresence is the scan at the console's first page. It judges the signature only.
func (m *model) findByPresence(session, proof int) (account int, err error) {
	if err := m.atCounter(session); err != nil {
		return none, err
	}
	p := m.presences[proof]
	found := none
	if p.code != none && m.waits(m.requests[p.code]) && m.requests[p.code].phone == p.names && p.signer == p.names {
		found = m.requests[p.code].account
	}
	h := about(audit.AccountSearched)
	h.account, h.session = found, session
	m.tell(h)
	if found == none {
		return none, models.ErrNotFound
	}
	m.open(session, found)
	return found, nil
}

// requireProof is an administrator's word about an app.
func (m *model) requireProof(phone int) error {
	if m.appNeedsProof[phone] {
		return models.ErrExists
	}
	m.appNeedsProof[phone] = true
	added := about(audit.PublisherAdded)
	added.presence = "required"
	m.tell(added)
	return nil
}

// open opens the record of an account to a session, or prolongs what is open.
func (m *model) open(session, account int) {
	record := [2]int{session, account}
	if used, known := m.opened[record]; !known || !used.Add(modelClaim).After(m.now) {
		h := about(audit.AccountOpened)
		h.account, h.session = account, session
		m.tell(h)
	}
	if m.opened == nil {
		m.opened = map[[2]int]time.Time{}
	}
	m.opened[record] = m.now
}

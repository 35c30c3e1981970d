package models_test

import (
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/models"
)

// This file is design section 3 once more, as plain Go over a few slices: two windows,
// claims, consumption, and the rule for a lost answer (docs/decisions/0004). It knows no
// database, no transaction and no key. property_test.go holds the store to it.

// The lengths of the model are the design's, on purpose not read from models.Policy.
const (
	modelPending   = 7 * 24 * time.Hour
	modelRedeem    = 7 * 24 * time.Hour
	modelClaim     = 15 * time.Minute
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
}

type modelAccount struct {
	status   string
	locked   bool // no code is looked at until a supervisor has been
	failures []time.Time
	unlocked time.Time
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
	claimUntil           time.Time
	proofed, differs     bool
	decided              time.Time
	redeemUntil          time.Time
	redeemed             time.Time
	bound, revoked, used bool
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

// Sessions.

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

// The phone asks, the counter decides.

func (m *model) use(proof int) error {
	if !m.used[proof].IsZero() {
		return models.ErrReplayed
	}
	return nil
}

func (m *model) request(phone, account int, key string, proof int) error {
	if err := m.use(proof); err != nil {
		return err
	}
	m.used[proof] = m.now.Add(modelUsedProof)
	m.makeRoom(phone, account)
	m.requests = append(m.requests, modelRequest{
		phone: phone, account: account, key: key, state: models.Pending, pendingUntil: m.now.Add(modelPending), claim: none,
	})
	h := m.ofRequest(audit.DeviceAuthorizationRequested, len(m.requests)-1, none, "")
	h.limit = m.now.Add(modelPending).Unix()
	m.tell(h)
	return nil
}

// makeRoom: of the phone's requests for the same account identifier the oldest that
// nobody handles fall out, until two wait.
func (m *model) makeRoom(phone, account int) {
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
			m.tell(m.ofRequest(audit.DeviceAuthorizationSuperseded, i, none, ""))
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
	if code == none || m.requests[code].account != account || !m.waits(m.requests[code]) {
		if code != none && m.requests[code].account == account {
			m.tell(m.ofRequest(audit.SpentCodeEntered, code, session, string(m.phase(m.requests[code]))))
		}
		return m.wrongCode(session, account)
	}
	r := &m.requests[code]
	if m.handled(*r) && m.sessions[r.claim].staff != m.sessions[session].staff {
		return m.refused(&models.ClaimedError{}, session, code, "claimed by another")
	}
	r.state, r.claim, r.claimCounter = models.Matched, session, m.sessions[session].counter
	r.claimUntil, r.proofed = m.now.Add(modelClaim), false
	h := m.ofRequest(audit.CodeMatched, code, session, "")
	h.presence, h.limit = "code only", r.pendingUntil.Unix()
	m.tell(h)
	return nil
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
	h.account, h.session = account, session
	m.tell(h)
	return nil
}

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
	h := m.ofRequest(audit.IdentityProofed, request, session, "")
	h.presence = "code only"
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

// decidable says why this session may not decide, "" in word when the trail is not told.
func (m *model) decidable(session, request int, from ...models.State) (err error, word string) {
	if err := m.atCounter(session); err != nil {
		return err, ""
	}
	r := m.requests[request]
	if r.account == none {
		return models.ErrNotFound, ""
	}
	phase := m.phase(r)
	switch {
	case m.handled(r) && !m.holds(r, session):
		return models.ErrNotTheClaim, "not the claim"
	case !slices.Contains(from, models.State(phase)):
		return m.conflict(r), string(phase)
	case m.ownAccount(session, r.account):
		return models.ErrOwnAccount, "own account"
	}
	return nil, ""
}

func (m *model) approve(session, request int) error {
	err, word := m.decidable(session, request, models.Proofed)
	r := &m.requests[request]
	if err == nil && m.accounts[r.account].status != models.AccountActive {
		err, word = models.ErrAccountNotActive, "account not active"
	}
	if err == nil && r.differs {
		err, word = models.ErrDetailsDiffer, "details differ"
	}
	if err != nil {
		return m.refused(err, session, request, word)
	}
	r.state, r.decided, r.redeemUntil, r.bound = models.Approved, m.now, m.now.Add(modelRedeem), true
	h := m.ofRequest(audit.DeviceBindingApproved, request, session, "")
	h.presence, h.limit = "code only", r.redeemUntil.Unix()
	m.tell(h)
	return nil
}

func (m *model) decline(session, request int, reason string) error {
	if err, word := m.decidable(session, request, models.Pending, models.Matched, models.Proofed); err != nil {
		return m.refused(err, session, request, word)
	}
	r := &m.requests[request]
	r.state, r.decided = models.Declined, m.now
	m.tell(m.ofRequest(audit.DeviceAuthorizationDeclined, request, session, reason))
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
	if err := m.asSupervisor(session); err != nil {
		return err
	}
	r := &m.requests[request]
	switch {
	case r.account == none:
		return models.ErrNotFound
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

// Tokens.

// revoke ends a binding, once.
func (m *model) revoke(request, session int, reason string) {
	if r := &m.requests[request]; !r.revoked {
		r.revoked = true
		m.tell(m.ofRequest(audit.DeviceBindingRevoked, request, session, reason))
	}
}

// standing: tokens hang on a binding that is not revoked, of an account that is active.
func (m *model) standing(r modelRequest) error {
	switch {
	case r.revoked:
		return models.ErrBindingRevoked
	case m.accounts[r.account].status != models.AccountActive:
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
	if err := m.standing(*r); err != nil {
		return err
	}
	if r.state == models.Redeemed {
		if err := m.again(request, key); err != nil {
			return err
		}
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
// everything else is a replay, and the binding dies of it.
func (m *model) again(request int, key string) error {
	r, last := &m.requests[request], m.lastAnswer(request)
	switch {
	case m.now.Before(last.given.Add(modelInterval)):
		return models.ErrTooSoon
	case !m.now.Before(r.redeemed.Add(modelReissue)), r.used, last.key != key:
		m.tell(m.ofRequest(audit.RedemptionReplayed, request, none, ""))
		m.revoke(request, none, "redemption replayed")
		return m.conflict(*r)
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
		if m.standing(*r) == nil {
			m.tell(m.ofRequest(audit.WrongKeyUsed, a.request, none, ""))
			m.revoke(a.request, none, "wrong key")
		}
		return models.ErrWrongKey
	}
	if err := m.standing(*r); err != nil {
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
	a, _, err := m.own(phone, answer)
	if err != nil {
		return err
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

func (m *model) revokeBinding(session, request int, reason string) error {
	if err := m.asSupervisor(session); err != nil {
		return err
	}
	if m.requests[request].revoked {
		return models.ErrBindingRevoked
	}
	m.revoke(request, session, reason)
	return nil
}

// call is a call of the API with an answer's access token whose time is not over.
func (m *model) call(answer int) error {
	a := m.answers[answer]
	if a.dead || a.accessRevoked {
		return models.ErrUnknownToken
	}
	r := &m.requests[a.request]
	if err := m.standing(*r); err != nil {
		return err
	}
	r.used = true
	return nil
}

// setStatus is an import of the account with a status.
func (m *model) setStatus(account int, status string) {
	if m.accounts[account].status != status {
		m.accounts[account].status = status
		h := about(audit.AccountChanged)
		h.account, h.reason = account, "status "+status
		m.tell(h)
	}
	m.tell(about(audit.AccountsImported))
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
		if r.state == models.Redeemed {
			add(r.redeemed.Add(modelReissue))
		}
	}
	for _, a := range m.answers {
		add(a.given.Add(modelInterval), a.idle, a.expires)
	}
	for _, a := range m.accounts {
		for _, failed := range a.failures {
			add(failed.Add(modelPending))
		}
	}
	return all
}

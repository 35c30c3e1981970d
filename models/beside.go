package models

import (
	"cmp"
	"context"
	"slices"
)

// Beside is what every page of staff says beside its own matter.
type Beside struct {
	Held   []HeldVisit // the visits that the session holds; the one whose claim ends first comes first
	Calls  int         // as Calls
	Alerts int         // as AlertCount: 0 for anybody but a supervisor
}

// HeldVisit is a visit that a session holds.
type HeldVisit struct {
	ID         string // of its request
	ClientName string
	Proofed    bool // its document is checked
	ClaimUntil Instant
}

// CallsCounted bounds how many visits are counted that wait for a second person: it stands for as many or more.
const CallsCounted = 10

// Beside reads it for a session.
func (s *Store) Beside(ctx context.Context, who Session) (Beside, error) {
	held, err := s.held(ctx, who)
	if err != nil {
		return Beside{}, err
	}
	calls, err := s.Calls(ctx, who)
	if err != nil || !who.Has(Supervisor) {
		return Beside{Held: held, Calls: calls}, err
	}
	alerts, err := s.AlertCount(ctx)
	return Beside{held, calls, alerts}, err
}

// handledAt is the condition that somebody handles the request d at a counter. Its states are words of the statement:
// only then SQLite uses the index of these states.
const handledAt = `d.claim_counter_id = @counter AND d.state IN ('matched', 'proofed') AND d.claim_until > @now AND d.pending_until > @now`

var askHeld = asking[HeldVisit](`SELECT d.id, clients.client_name, d.state = 'proofed' AS proofed, d.claim_until
	FROM device_authorizations AS d JOIN clients ON clients.id = d.client_id
	WHERE ` + handledAt + " AND d.claim_session_id = @session AND NOT " + endedByRule)

// held finds the visits that a session holds at its counter.
func (s *Store) held(ctx context.Context, who Session) ([]HeldVisit, error) {
	if who.Counter == nil {
		return nil, nil
	}
	reading := s.reader(ctx)
	list, err := askHeld.all(reading, given{"counter": who.Counter.ID, "session": who.ID, "now": reading.now})
	slices.SortFunc(list, func(a, b HeldVisit) int { return cmp.Compare(a.ClaimUntil, b.ClaimUntil) })
	return list, err
}

// MayAnswer reports whether somebody with this session can be a second person: an operator at
// an open counter, or a supervisor anywhere.
func (s Session) MayAnswer() bool {
	return s.Has(Supervisor) || s.Counter != nil && s.Has(Operator)
}

// stillAsked is the condition that the question a about the request d still stands.
const stillAsked = `a.status = 'waiting' AND a.asked_at > @asked AND d.state = 'proofed' AND d.claim_until > @now AND d.pending_until > @now
	AND d.proofing_id = a.proofing_id AND d.claim_session_id = a.asked_session_id AND NOT ` + endedByRule

// Calls counts the visits that wait for a second person and that somebody with this session can answer: at most
// CallsCounted. Every page of staff asks, so it reads what was asked within a claim's greatest length, and no more.
func (s *Store) Calls(ctx context.Context, who Session) (int, error) {
	if !who.MayAnswer() {
		return 0, nil
	}
	reading := s.reader(ctx)
	found, err := askCalls.first(reading, given{"staff": who.Staff.ID, "now": reading.now, "most": CallsCounted,
		"asked": reading.now.Add(-max(LongestClaim, s.policy.ClaimLength))})
	return found.Count, err
}

var askCalls = asking[struct{ Count int }](`SELECT count(*) AS count FROM (SELECT 1 FROM second_approvals AS a
	JOIN device_authorizations AS d ON d.id = a.device_authorization_id
	WHERE a.asked_staff_id <> @staff AND ` + stillAsked + " LIMIT @most) AS calls")

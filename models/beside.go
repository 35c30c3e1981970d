package models

import (
	"cmp"
	"context"
	"slices"
)

// Beside is what every page of staff says beside its own matter.
type Beside struct {
	Held   []RequestView // the visits that the session holds; the one whose claim ends first comes first
	Calls  int           // as Calls
	Alerts int           // as AlertCount: 0 for anybody but a supervisor
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
const handledAt = `d.claim_counter_id = ? AND d.state IN ('matched', 'proofed') AND d.claim_until > ? AND d.pending_until > ?`

// held finds the visits that a session holds at its counter.
func (s *Store) held(ctx context.Context, who Session) ([]RequestView, error) {
	if who.Counter == nil {
		return nil, nil
	}
	now := At(s.now())
	list, err := s.requests(ctx, handledAt+" AND d.claim_session_id = ?", who.Counter.ID, now, now, who.ID)
	list = slices.DeleteFunc(list, func(r RequestView) bool { return !r.Phase.Claimed() }) // a rule ended it
	slices.SortFunc(list, func(a, b RequestView) int { return cmp.Compare(a.ClaimUntil, b.ClaimUntil) })
	return list, err
}

// MayAnswer reports whether somebody with this session can be a second person: an operator at
// an open counter, or a supervisor anywhere.
func (s Session) MayAnswer() bool {
	return s.Has(Supervisor) || s.Counter != nil && s.Has(Operator)
}

// stillAsked is the condition that the question a about the request d still stands.
const stillAsked = `a.status = 'waiting' AND a.asked_at > ? AND d.state = 'proofed' AND d.claim_until > ? AND d.pending_until > ?
	AND d.proofing_id = a.proofing_id AND d.claim_session_id = a.asked_session_id AND NOT ` + endedByRule

// Calls counts the visits that wait for a second person and that somebody with this session can answer: at most
// CallsCounted. Every page of staff asks, so it reads what was asked within a claim's greatest length, and no more.
func (s *Store) Calls(ctx context.Context, who Session) (int, error) {
	if !who.MayAnswer() {
		return 0, nil
	}
	now := At(s.now())
	var count int64
	err := s.reading(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM second_approvals AS a
		JOIN device_authorizations AS d ON d.id = a.device_authorization_id
		WHERE a.asked_staff_id <> ? AND `+stillAsked+` LIMIT ?) AS calls`,
		who.Staff.ID, now.Add(-max(LongestClaim, s.policy.ClaimLength)), now, now, CallsCounted).Scan(&count).Error
	return int(count), err
}

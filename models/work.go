package models

import (
	"context"

	"countersign/audit"
)

// Work is what goes on at a counter, as its start page shows it: nobody who only waits, and
// no name of an account that the session has not matched (docs/decisions/0024-after-the-visit.md).
type Work struct {
	Mine       []RequestView // what this session handles
	Colleagues []RequestView // what others handle at this counter
	Decided    []Decision    // what its member of staff decided since they signed in, newest first
}

// Decision is one decision with a receipt.
type Decision struct {
	Seq                   int64 // of its entry in the trail
	DeviceAuthorizationID string
	Type                  audit.Type
	OccurredAt            int64 // Unix milliseconds
	ClientName            string
}

// decidedShown is how many decisions the start page leads back to.
const decidedShown = 5

// Work reads it for a session at a counter; nothing without one.
func (s *Store) Work(ctx context.Context, session Session) (Work, error) {
	var work Work
	if session.Counter == nil {
		return work, nil
	}
	reading := s.reader(ctx)
	handled, err := s.requestsIn(reading, requestsHandled, given{"counter": session.Counter.ID, "now": reading.now, "all": requestsListed})
	if err != nil {
		return work, err
	}
	for _, request := range handled {
		if !request.Phase.Claimed() { // a rule ended it
			continue
		}
		if deref(request.ClaimSessionID) == session.ID {
			work.Mine = append(work.Mine, request)
			continue
		}
		work.Colleagues = append(work.Colleagues, request)
	}
	work.Decided, err = askDecided.all(reading, given{"staff": session.Staff.ID, "session": session.ID, "shown": decidedShown,
		"approved": audit.DeviceBindingApproved, "declined": audit.DeviceAuthorizationDeclined})
	return work, err
}

var askDecided = askingPatiently[Decision](`SELECT e.seq, e.device_authorization_id, e.type, e.occurred_at, clients.client_name
	FROM audit_events AS e JOIN clients ON clients.id = e.client_id
	WHERE e.staff_id = @staff AND ` + actOfStaff + ` AND e.type IN (@approved, @declined)
		AND e.occurred_at >= (SELECT created_at FROM staff_sessions WHERE id = @session)
	ORDER BY e.occurred_at DESC, e.seq DESC LIMIT @shown`)

// AtWork is somebody who has a counter open.
type AtWork struct {
	StaffID, Name string
	CounterName   string
	LastSeenAt    Instant
	Handling      int // visits that they claim there
}

// AtCounter lists who works at a counter now, by name.
func (s *Store) AtCounter(ctx context.Context, counterID string) (list []AtWork, err error) {
	now := At(s.now())
	err = s.reading(ctx).Raw(`SELECT staff.id AS staff_id, staff.name, max(s.last_seen_at) AS last_seen_at,
		(SELECT count(*) FROM device_authorizations AS d JOIN staff_sessions AS own ON own.id = d.claim_session_id
			WHERE own.staff_id = staff.id AND d.claim_counter_id = @counter AND d.state IN ('matched', 'proofed') AND d.claim_until > @now
			AND d.pending_until > @now) AS handling
		FROM staff_sessions AS s JOIN staff ON staff.id = s.staff_id
		WHERE s.counter_id = @counter AND s.ended_at IS NULL AND s.expires_at > @now AND s.last_seen_at > @idle
		GROUP BY staff.id, staff.name ORDER BY staff.name, staff.id`, map[string]any{
		"counter": counterID, "now": now, "idle": now.Add(-s.policy.SessionIdle),
	}).Scan(&list).Error
	return list, err
}

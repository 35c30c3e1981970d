package models

import (
	"errors"
	"slices"

	"countersign/audit"

	"gorm.io/gorm"
)

// actor is a member of staff who acts, proved inside the transaction that acts on their
// word. counter is "" where the role needs none.
type actor struct {
	session, staff, counter string
	role                    Role // in which they act, of those that the session carries
	accountKnown            bool // Staff.AccountKnown
}

// actor is who acts by the session.
func (r sessionRow) actor(role Role, counter string) actor {
	return actor{session: r.ID, staff: r.StaffID, counter: counter, role: role, accountKnown: r.Staff.AccountKnown()}
}

// facts returns what every event of a member of staff carries.
func (a actor) facts() audit.Facts {
	return audit.Facts{Actor: &audit.Actor{Staff: a.staff}, Session: a.session, Counter: a.counter}
}

// holds reports whether the claim is this session's, at the counter where it was made: the
// card check and the decision are at one place.
func (a actor) holds(request DeviceAuthorization) bool {
	return deref(request.ClaimSessionID) == a.session && deref(request.ClaimCounterID) == a.counter
}

// actOfStaff is the condition of the index audit_events_asked_of_staff, on the events e: what is asked of one of the staff as it happens.
// Of the other events of each visit the search table tells, later (docs/decisions/0070-no-page-for-each.md).
const actOfStaff = `e.staff_id <> '' AND e.type NOT IN ('account-searched', 'account-opened', 'code-matched', 'identity-proofed')`

// subject is what an act is about, for the record of its refusal: an account, and the
// request and its client where they are known. The zero value is about no account.
type subject struct{ account, client, request string }

func (d DeviceAuthorization) subject() subject {
	return subject{account: deref(d.AccountID), client: d.ClientID, request: d.ID}
}

func (b Binding) subject() subject {
	return subject{account: b.AccountID, client: b.ClientID, request: b.DeviceAuthorizationID}
}

// askSession finds a session, by what its holder's account is known, and its counter, if that is theirs to open now.
const askSession = `SELECT s.id, s.staff_id, s.roles, s.counter_id, s.acr, s.authenticated_at, s.created_at, s.last_seen_at, s.expires_at,
		s.ended_at, staff.identifier_keys, coalesce(counters.id, '')
	FROM staff_sessions AS s JOIN staff ON staff.id = s.staff_id
	LEFT JOIN counters ON counters.id = s.counter_id AND ` + openToStaff + ` WHERE s.id = $1`

// session finds a live session that carries the role, inside the transaction that
// acts on its word. Of Staff and Counter it has what askSession asks. Errors: ErrSessionEnded, ErrNotAllowed.
func (t *tx) session(sessionID string, role Role) (row sessionRow, err error) {
	err = t.ask(askSession, []any{sessionID}, &row.ID, &row.StaffID, &row.Roles, &row.CounterID, &row.ACR, &row.AuthenticatedAt,
		&row.CreatedAt, &row.LastSeenAt, &row.ExpiresAt, &row.EndedAt, &row.Staff.IdentifierKeys, &row.Counter.ID)
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return row, err
	}
	if !row.live(t.now, t.store.policy.SessionIdle) {
		return row, ErrSessionEnded
	}
	if !slices.Contains(splitRoles(row.Roles), role) {
		return row, ErrNotAllowed
	}
	return row, nil
}

// acting finds who acts in a role that needs no counter. Errors: ErrSessionEnded,
// ErrNotAllowed.
func (t *tx) acting(sessionID string, role Role) (actor, error) {
	row, err := t.session(sessionID, role)
	return row.actor(role, ""), err
}

// atCounter finds the operator who acts, and at which counter. Errors: ErrSessionEnded,
// ErrNotAllowed, ErrNoCounter.
func (t *tx) atCounter(sessionID string) (actor, error) {
	row, err := t.session(sessionID, Operator)
	if err != nil {
		return actor{}, err
	}
	if row.Counter.ID == "" {
		return actor{}, ErrNoCounter
	}
	return row.actor(Operator, row.Counter.ID), nil
}

// actingAs finds who acts in a role: an operator at their counter, others without one. Errors: as
// atCounter.
func (t *tx) actingAs(sessionID string, role Role) (actor, error) {
	if role == Operator {
		return t.atCounter(sessionID)
	}
	return t.acting(sessionID, role)
}

// supervisorOrOperator finds who acts: a supervisor, who needs no counter and is recorded
// without one, or an operator at theirs. Errors: as atCounter.
func (t *tx) supervisorOrOperator(sessionID string) (actor, error) {
	who, err := t.acting(sessionID, Supervisor)
	if errors.Is(err, ErrNotAllowed) {
		return t.atCounter(sessionID)
	}
	return who, err
}

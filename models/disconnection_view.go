package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// How much of what was asked a page shows.
const (
	disconnectionsShown = 5
	disconnectionsKept  = 14 * 24 * time.Hour
	supervisorsShown    = 5
)

// Disconnection is what an operator asked of the supervisors, and what came of it.
type Disconnection struct {
	AskedAt Instant
	AskedBy string
	Counter string
	Reason  term.Recall
	Binding string // "" leaves it to the supervisors which one

	LookedAt *LookedAt // the answer; nil while there is none
	Ended    int       // how many devices ended since, of those that it is about
	EndedAt  Instant   // the last of them
}

// Disconnections lists what was asked for an account in the last 14 days, newest first, and whether anything of it lives that
// could be ended. Who may read the record may read it.
func (s *Store) Disconnections(ctx context.Context, accountID string) (asked []Disconnection, live bool, err error) {
	reading := s.reader(ctx)
	_, err = reading.toDisconnect(accountID, "")
	if live = err == nil; !live && !errors.Is(err, ErrBindingRevoked) {
		return nil, false, err
	}
	entries, err := allOf[audit.Entry](reading, "WHERE "+isDisconnection+` AND account_id = $1 AND occurred_at >= $2
		ORDER BY seq DESC LIMIT $3`, accountID, reading.now.Add(-disconnectionsKept), disconnectionsShown)
	if err != nil || len(entries) == 0 {
		return nil, live, err
	}
	rows, err := s.named(ctx, entries)
	for _, row := range rows {
		one := Disconnection{AskedAt: Instant(row.OccurredAt), AskedBy: row.StaffName, Counter: row.CounterName,
			Reason: term.Recall(row.Event.Facts.Reason), Binding: row.Event.Facts.Binding, LookedAt: row.LookedAt}
		if err := reading.addEnded(&one, accountID); err != nil {
			return nil, false, err
		}
		asked = append(asked, one)
	}
	return asked, live, err
}

// addEnded says what came of it, whoever ended it.
func (t *tx) addEnded(asked *Disconnection, accountID string) error {
	if asked.Binding == "" {
		var ended struct {
			Count int
			Last  Instant
		}
		err := t.Raw("SELECT count(*) AS count, coalesce(max(revoked_at), 0) AS last FROM bindings WHERE account_id = ? AND revoked_at >= ?",
			accountID, asked.AskedAt).Scan(&ended).Error
		asked.Ended, asked.EndedAt = ended.Count, ended.Last
		return err
	}
	var binding Binding
	err := t.Where("id = ?", asked.Binding).First(&binding).Error
	if err == nil {
		err = t.judgeEnd(&binding)
	}
	if asked.EndedAt = binding.RevokedAt; asked.EndedAt != 0 {
		asked.Ended = 1
	}
	return err
}

// Colleague is somebody of the staff whom an operator may turn to.
type Colleague struct {
	Name string
	Here bool // works at the same counter now
}

// SupervisorsNow names supervisors who are signed in, those at the counter first, at most supervisorsShown of them.
func (s *Store) SupervisorsNow(ctx context.Context, counterID string) ([]Colleague, error) {
	now := At(s.now())
	var list []Colleague
	err := s.reading(ctx).Raw(`SELECT staff.name, max(CASE WHEN s.counter_id = @counter THEN 1 ELSE 0 END) = 1 AS here
		FROM staff_sessions AS s JOIN staff ON staff.id = s.staff_id
		WHERE s.expires_at > @now AND s.ended_at IS NULL AND s.last_seen_at > @idle AND ' ' || s.roles || ' ' LIKE @role
		GROUP BY staff.id, staff.name ORDER BY here DESC, staff.name, staff.id LIMIT @limit`,
		map[string]any{"counter": counterID, "now": now, "idle": now.Add(-s.policy.SessionIdle),
			"role": "% " + string(Supervisor) + " %", "limit": supervisorsShown}).Scan(&list).Error
	return list, err
}

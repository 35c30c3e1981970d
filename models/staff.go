package models

import (
	"context"
	"slices"
	"strings"

	"countersign/audit"
)

// StaffView is somebody of the staff as an administrator sees them.
type StaffView struct {
	Staff
	Roles    []Role        // of the last sign-in
	LastSeen Instant       // in any session
	Sessions []SessionView // those that live, newest first
	Limited  []string      // the only counters that they may open; none: any
}

// SessionView is a live session.
type SessionView struct {
	ID          string
	StaffID     string
	CounterName string // "" when none is open
	Address     string
	CreatedAt   Instant
	LastSeenAt  Instant
}

// StaffCursor is where a list of staff goes on: after this name and identifier.
type StaffCursor struct{ Name, ID string }

// StaffSeen lists who of the staff has signed in, by name, at most limit of them.
func (s *Store) StaffSeen(ctx context.Context, after StaffCursor, limit int) ([]StaffView, error) {
	query := s.reading(ctx).Order("name, id").Limit(limit)
	if after != (StaffCursor{}) {
		query = query.Where("(name, id) > (?, ?)", after.Name, after.ID)
	}
	var rows []Staff
	if err := query.Find(&rows).Error; err != nil {
		return nil, err
	}
	return s.staffViews(ctx, rows)
}

// StaffMember finds one of them. Error: ErrNotFound.
func (s *Store) StaffMember(ctx context.Context, id string) (StaffView, error) {
	var row Staff
	if err := s.reading(ctx).Where("id = ?", id).First(&row).Error; err != nil {
		return StaffView{}, notFound(err)
	}
	views, err := s.staffViews(ctx, []Staff{row})
	if err != nil {
		return StaffView{}, err
	}
	return views[0], nil
}

// staffViews adds what a page of staff shows, in one question each.
func (s *Store) staffViews(ctx context.Context, rows []Staff) ([]StaffView, error) {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var last []struct {
		ID, Roles string
		LastSeen  Instant
	}
	err := s.reading(ctx).Table("staff").Where("id IN ?", ids).Select(`id,
		coalesce((SELECT roles FROM staff_sessions WHERE staff_id = staff.id ORDER BY created_at DESC, id DESC LIMIT 1), '') AS roles,
		coalesce((SELECT max(last_seen_at) FROM staff_sessions WHERE staff_id = staff.id), 0) AS last_seen`).Scan(&last).Error
	if err != nil {
		return nil, err
	}
	var sessions []SessionView
	now := At(s.now())
	err = s.reading(ctx).Table("staff_sessions AS s").
		Select(`s.id, s.staff_id, s.address, s.created_at, s.last_seen_at, coalesce(c.name, '') AS counter_name`).
		Joins("LEFT JOIN counters AS c ON c.id = s.counter_id").
		Where("s.staff_id IN ? AND s.ended_at IS NULL AND s.expires_at > ? AND s.last_seen_at > ?", ids, now, now.Add(-s.policy.SessionIdle)).
		Order("s.created_at DESC, s.id").Scan(&sessions).Error
	if err != nil {
		return nil, err
	}
	var limits []StaffCounter
	if err := s.reading(ctx).Where("staff_id IN ?", ids).Order("counter_id").Find(&limits).Error; err != nil {
		return nil, err
	}
	views := make([]StaffView, len(rows))
	for i, row := range rows {
		views[i].Staff = row
		for _, seen := range last {
			if seen.ID == row.ID {
				views[i].Roles, views[i].LastSeen = splitRoles(seen.Roles), seen.LastSeen
			}
		}
		views[i].Sessions = of(sessions, func(v SessionView) bool { return v.StaffID == row.ID })
		for _, limit := range of(limits, func(l StaffCounter) bool { return l.StaffID == row.ID }) {
			views[i].Limited = append(views[i].Limited, limit.CounterID)
		}
	}
	return views, nil
}

func of[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return !is(one) })
}

// LimitStaff says which counters somebody of the staff may open, none for any, from their
// next step on: a session at another counter loses it. Nobody sets their own limit. What
// is so already is no change. Errors: ErrOwnLimit, ErrNotFound (of the person or a
// counter), ErrSessionEnded, ErrNotAllowed.
func (s *Store) LimitStaff(ctx context.Context, sessionID, staffID string, counterIDs []string) error {
	wanted := slices.Compact(slices.Sorted(slices.Values(counterIDs)))
	return s.write(ctx, func(tx *tx) error {
		session, err := tx.session(sessionID, Administrator)
		if err != nil {
			return err
		}
		if session.StaffID == staffID {
			return ErrOwnLimit
		}
		var staff Staff
		if err := tx.forUpdate().Where("id = ?", staffID).First(&staff).Error; err != nil {
			return notFound(err)
		}
		var known int64
		if err := tx.Model(&Counter{}).Where("id IN ?", wanted).Count(&known).Error; err != nil {
			return err
		}
		if int(known) != len(wanted) {
			return ErrNotFound
		}
		var had []string
		if err := tx.Model(&StaffCounter{}).Where("staff_id = ?", staffID).Order("counter_id").Pluck("counter_id", &had).Error; err != nil {
			return err
		}
		slices.Sort(had) // as Go sorts, whatever the database's collation
		if slices.Equal(had, wanted) {
			return nil
		}
		if err := tx.limit(staffID, wanted); err != nil {
			return err
		}
		count := len(wanted)
		_, err = tx.record(audit.Event{Type: audit.StaffLimited, Facts: audit.Facts{
			Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID, Staff: staffID, Counters: wanted, Count: &count,
		}, Details: changed(audit.DetailCounters, strings.Join(had, " "), strings.Join(wanted, " "))})
		return err
	})
}

// limit writes the limit down, and closes other counters in the sessions that live.
func (t *tx) limit(staffID string, counterIDs []string) error {
	if err := t.Where("staff_id = ?", staffID).Delete(&StaffCounter{}).Error; err != nil || len(counterIDs) == 0 {
		return err
	}
	var rows []StaffCounter
	for _, id := range counterIDs {
		rows = append(rows, StaffCounter{StaffID: staffID, CounterID: id, CreatedAt: t.now})
	}
	if err := t.Create(&rows).Error; err != nil {
		return err
	}
	return t.Model(&StaffSession{}).Where("staff_id = ? AND ended_at IS NULL AND counter_id NOT IN ?", staffID, counterIDs).
		Update("counter_id", nil).Error
}

// StaffName is the name of somebody of the staff. Error: ErrNotFound.
func (s *Store) StaffName(ctx context.Context, id string) (string, error) {
	var staff Staff
	err := s.reading(ctx).Where("id = ?", id).First(&staff).Error
	return staff.Name, notFound(err)
}

package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// Logout is a logout token of the organisation's provider (OpenID Connect Back-Channel
// Logout 1.0 §2.4), verified. It names a person, one of their sessions, or both.
type Logout struct {
	Issuer  string
	Subject string // "" when only the session is named
	SID     string // "" when all sessions of the person are meant
	JTI     string
	Expires time.Time
}

// EndSessionsAtProvider ends every session that a logout token means and says how many
// there were; none is no error, for they may have ended already. Error: ErrReplayed.
func (s *Store) EndSessionsAtProvider(ctx context.Context, logout Logout) (int, error) {
	ended := 0
	err := s.write(ctx, func(tx *tx) error {
		ended = 0
		key := hashSecret("logout\x00" + logout.Issuer + "\x00" + logout.JTI)
		if err := tx.usedOnce(key, "", At(logout.Expires)); err != nil {
			return err
		}
		query := tx.forUpdate().Model(&StaffSession{}).
			Where("ended_at IS NULL AND staff_id IN (SELECT id FROM staff WHERE issuer = ?)", logout.Issuer)
		if logout.Subject != "" {
			query = query.Where("staff_id IN (SELECT id FROM staff WHERE issuer = ? AND subject = ?)", logout.Issuer, logout.Subject)
		}
		if logout.SID != "" {
			query = query.Where("provider_sid = ?", logout.SID)
		}
		var err error
		ended, err = tx.endSessions(query.Order("id"), audit.Actor{System: string(term.SystemProvider)}, term.SessionEndedAtProvider)
		return err
	})
	return ended, err
}

// EndSessionsOf lets an administrator end all sessions of somebody of the staff, with
// whatever they were handling: their claims run out. Their own session stays. It says
// how many there were. Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) EndSessionsOf(ctx context.Context, sessionID, staffID string) (int, error) {
	ended := 0
	err := s.write(ctx, func(tx *tx) error {
		ended = 0
		row, err := tx.session(sessionID, Administrator)
		if err != nil {
			return err
		}
		var staff Staff
		if err := tx.Where("id = ?", staffID).First(&staff).Error; err != nil {
			return notFound(err)
		}
		query := tx.forUpdate().Model(&StaffSession{}).
			Where("ended_at IS NULL AND staff_id = ? AND id <> ?", staffID, sessionID).Order("id")
		ended, err = tx.endSessions(query, audit.Actor{Staff: row.StaffID}, term.SessionEndedByAdmin)
		return err
	})
	return ended, err
}

// endSessions ends the live ones of the sessions that a query finds.
func (t *tx) endSessions(query *gorm.DB, by audit.Actor, reason term.SessionEnd) (int, error) {
	var rows []StaffSession
	if err := query.Find(&rows).Error; err != nil {
		return 0, err
	}
	t.readClock()
	ended := 0
	for _, row := range rows {
		if !row.live(t.now, t.store.policy.SessionIdle) {
			continue
		}
		if err := t.endSession(row, by, reason); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

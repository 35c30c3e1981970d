package models

import (
	"slices"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/spelling"

	"gorm.io/gorm/clause"
)

// Identity is what the provider says of somebody of the staff.
type Identity struct {
	Issuer, Subject string
	Name            string
	Identifiers     []string // claims that may name an account of their own (e-mail, customer number)
	Roles           []Role   // at least one
	AuthenticatedAt time.Time
	SID             string // the session at the provider, "" where it names none
	ACR             string // how they were authenticated, "" where it does not say
}

// Session is a signed-in browser with everything that a page wants to know of it.
// Counter is nil until one is opened.
type Session struct {
	ID      string
	Staff   Staff
	Roles   []Role
	Counter *Counter
}

// Has reports whether the session carries the role.
func (s Session) Has(role Role) bool { return slices.Contains(s.Roles, role) }

// live reports whether the session may still be used.
func (r StaffSession) live(now Instant, idle time.Duration) bool {
	return r.ID != "" && r.EndedAt == nil && now < r.ExpiresAt && now < r.LastSeenAt.Add(idle)
}

// upsertStaff finds the staff row of an identity, or makes it; name and identifiers follow
// what the provider says now.
func (t *tx) upsertStaff(who Identity) (Staff, error) {
	var keys []string
	for _, identifier := range who.Identifiers {
		if key := spelling.Key(identifier); key != "" {
			keys = append(keys, key)
		}
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return Staff{}, err
	}
	// Two first sign-ins at once make one row.
	row := Staff{ID: id, Issuer: who.Issuer, Subject: who.Subject, Name: who.Name,
		IdentifierKeys: strings.Join(keys, "\n"), CreatedAt: t.now}
	err = t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "issuer"}, {Name: "subject"}},
		DoUpdates: clause.AssignmentColumns([]string{"name", "identifier_keys"}),
	}).Create(&row).Error
	if err != nil {
		return Staff{}, err
	}
	var staff Staff
	err = t.Where("issuer = ? AND subject = ?", who.Issuer, who.Subject).First(&staff).Error
	if err == nil {
		err = t.rememberIdentifiers(staff.ID, keys)
	}
	return staff, err
}

// endSession ends a session, once; reason is "" when its owner signed out.
func (t *tx) endSession(row StaffSession, by audit.Actor, reason term.SessionEnd) error {
	result := t.Model(&StaffSession{}).Where("id = ? AND ended_at IS NULL", row.ID).Update("ended_at", t.now)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	if err := t.Where("session_id = ?", row.ID).Delete(&AccountFile{}).Error; err != nil {
		return err
	}
	_, err := t.record(audit.Event{Type: audit.StaffSignedOut, Facts: audit.Facts{
		Actor: &by, Session: row.ID, Staff: row.StaffID, Reason: string(reason),
	}})
	return err
}

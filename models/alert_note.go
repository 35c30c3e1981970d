package models

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"countersign/audit"
	"countersign/oauth"
)

// notesKept is how many notes one alert takes: all of them are shown.
const notesKept = 20

// AlertNote is what a supervisor wrote on an alert. It may name people, so that the log has a hash of it only: with a salt,
// or a short text could be guessed from it once the row is gone.
type AlertNote struct {
	NoteHash  string `gorm:"primaryKey"` // as in the event: see noteHash
	EventID   string // jti of the alert
	StaffID   string
	Salt      string // 256 random bits, base64url
	Note      string
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// noteHash is the SHA-256 of the salt's characters and the text's, base64url.
func noteHash(salt, note string) string {
	sum := sha256.Sum256([]byte(salt + note))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// fitNote says whether a note is fit to be shown. Error: an *oauth.Error.
func fitNote(note string) error {
	if refusal := oauth.CheckNote(note); refusal != nil {
		return refusal
	}
	return nil
}

// NoteAlert writes a note on an open alert. Errors: an *oauth.Error (the note is not fit to be shown), ErrLookedAt (it is
// closed), ErrNotesFull, ErrOwnAlert, ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) NoteAlert(ctx context.Context, sessionID, alertID, note string) error {
	if err := fitNote(note); err != nil {
		return err
	}
	return s.onAlert(ctx, sessionID, alertID, func(tx *tx, who actor, alert audit.Entry) error {
		return tx.noteAlert(who, alert, note)
	})
}

// noteAlert holds the alert, so that notes are counted one after the other. Errors: ErrLookedAt, ErrNotesFull.
func (t *tx) noteAlert(who actor, alert audit.Entry, note string) error {
	if _, err := t.openAlert(alert); err != nil {
		return err
	}
	var notes int64
	if err := t.Model(&AlertNote{}).Where("event_id = ?", alert.ID).Count(&notes).Error; err != nil {
		return err
	}
	if notes >= notesKept {
		return ErrNotesFull
	}
	salt, err := newSecret(t.store.rand)
	if err != nil {
		return err
	}
	row := AlertNote{noteHash(salt, note), alert.ID, who.staff, salt, note, t.now}
	if err := t.Create(&row).Error; err != nil {
		return err
	}
	return t.recordOnAlert(who, alert, audit.AlertNoted, func(facts *audit.Facts) { facts.NoteHash = row.NoteHash })
}
